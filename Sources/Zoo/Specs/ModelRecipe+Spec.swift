import WorkbenchCore

extension ModelRecipe {
  /// The keys of a spec that describe a single model.
  static let keys = ["data", "model", "training"]

  /// Reads a recipe from the members of a spec.
  ///
  /// - Throws: `Diagnostic` of code `badData` with file and line of what is unknown or impossible.
  init(_ spec: SpecNode, members: [String: SpecNode], name: String) throws {
    guard let data = members["data"] else {
      throw spec.error("'data' is missing", remedy: "name a data set: digits, or a path")
    }
    guard let model = members["model"] else {
      throw spec.error(
        "'model' is missing", remedy: "for example: model: {kind: mlp, widths: [64]}")
    }
    self.init(
      name: name, data: try DataRecipe(data), architecture: try ArchitectureRecipe(model),
      training: try TrainingRecipe(members["training"]))
  }
}
