import Catalogs
import Support
import WeightFiles
import ZooSpecs

/// A model that was built before and stays.
enum KeptModel {
  /// What a file has only where its recipe has it.
  private static let optional = [
    "classes", "corruption", "corruption_severity", "corruption_scale", "corruption_strength",
    "corruption_draws", "data_portion", "parent", "projection_size",
    "projection_seed",
  ]

  /// Checks that a file is of a recipe, as far as its attributes tell.
  ///
  /// - Throws: `Diagnostic` where the file is damaged, or says another value of a field.
  static func check(_ recipe: ModelRecipe, at path: String) async throws {
    let stored = try await WeightFile.open(path).catalog.attributes[""] ?? [:]
    let wanted = recipe.attributes.filter { $0.value != .numbers([]) }
    let differing = Set(wanted.keys).union(optional).filter { key in
      // Files of earlier versions may lack a field.
      guard stored[key] != nil || optional.contains(key) else { return false }
      return stored[key] != wanted[key]
    }
    guard let field = differing.min() else { return }
    throw Diagnostic(
      .cannotWrite, "this model was built from another spec: its '\(field)' differs", at: [path],
      remedy: "replace it with \(setting: .force), or build into another folder")
  }
}
