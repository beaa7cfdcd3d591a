import Specs
import Support

extension ModelRecipe {
  /// The keys of a spec that describe a single model.
  package static let keys = ["data", "model", "training"]

  /// Reads the recipe of one model from a spec in which everything that varies has its value.
  ///
  /// - Throws: `Diagnostic` of code `badData` with file and line of what is unknown or impossible.
  package init(_ variant: Variant) throws {
    let spec = variant.spec
    let members = try spec.members(Self.keys)
    guard let data = members["data"] else {
      throw spec.error("'data' is missing", remedy: "name a data set: digits, or a path")
    }
    guard let model = members["model"] else {
      throw spec.error(
        "'model' is missing", remedy: "for example: model: {kind: mlp, widths: [64]}")
    }
    self.init(
      name: variant.name, data: try DataRecipe(data), architecture: try ArchitectureRecipe(model),
      training: try TrainingRecipe(members["training"]), parent: variant.parent,
      generation: variant.generation,
      locations: Locations(data: data.location, model: model.location))
  }
}
