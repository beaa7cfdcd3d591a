import Foundation
import Specs
import Support
import WeightFiles
import ZooSpecs

/// What a spec tells of models that are there already: how they lie in folders, and what they were
/// trained on.
struct IndexSpec: Sendable {
  /// How they lie.
  let layout: LayoutSpec?
  /// The recipes' facts by the model's name.
  let labels: [String: [Label]]
  /// A hash of its text.
  let hash: String

  /// Reads a spec. One that only has a layout describes no models.
  ///
  /// - Throws: `Diagnostic` of code `noInput`, or `badData` with file and line.
  init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8)
    else {
      throw Diagnostic(
        .noInput, "there is no such spec, or it cannot be read", at: [path],
        remedy: "check the path and its permissions")
    }
    try self.init(parsing: text, file: path)
  }

  /// Reads a spec from its text.
  init(parsing text: String, file path: String) throws {
    hash = FileHash.sha256(of: text)
    let node = try SpecNode(parsing: text, file: path)
    let folder = path.folderOfPath
    let keys =
      ["name", "description", "storage", "models", "layout"] + SearchAxis.keys + ModelRecipe.keys
    let members = try node.members(keys)
    layout = try LayoutSpec(members["layout"], folder: folder)
    guard members["model"] != nil || members["models"] != nil else {
      guard layout != nil else {
        throw node.error(
          "it describes neither models nor their layout", remedy: "add 'layout:' or 'model:'")
      }
      labels = [:]
      return
    }
    let spec = try ZooSpec(parsing: text, file: path)
    labels = Dictionary(
      spec.recipes.map { recipe in (recipe.name, LabelReading.facts(of: recipe)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Whether a spec has something to say of a unit that did not change.
  func concerns(_ unit: ModelUnit) -> Bool { layout != nil || labels[unit.name] != nil }
}

extension LabelReading {
  /// The facts of a recipe.
  static func facts(of recipe: ModelRecipe) -> [Label] {
    let found = recipe.attributes.sorted { $0.key < $1.key }.flatMap { name, value in
      containers.contains(name) ? [] : Self.labels(name, value, origin: "spec")
    }
    return found + (width(of: found).map { [$0] } ?? [])
  }
}
