import Foundation
import Specs
import Support

/// A zoo that can be built: a name, and the recipes of its models.
///
/// A spec describes one model and what varies over the zoo. `seeds` is short for a grid over
/// `training.seed`; `grid` takes any field by its path.
///
///     name: digits-mlp
///     data: digits
///     model: {kind: mlp, widths: [512, 512]}
///     training: {optimizer: adam, learning-rate: 0.001, batch-size: 64, epochs: 30}
///     grid:
///       training.learning-rate: [0.001, 0.003]
///     seeds: [0, 1]
///
/// `random` draws points of a search (`RandomSearch`), and `models` names variants that may start
/// from each other's weights (`VariantTree`).
public struct ZooSpec: Sendable {
  /// How the files are stored.
  public struct Storage: Sendable, Hashable {
    /// The level of deflate, 1 to 9, after a byte shuffle; nil stores the numbers as they are.
    public var deflateLevel: Int?
  }

  /// The name of the zoo.
  public var name: String
  /// What the zoo is for.
  public var description: String
  /// The models.
  public var recipes: [ModelRecipe]
  /// How the files are stored.
  public var storage: Storage

  /// The most models that one spec may describe. A task can lower it.
  @TaskLocal package static var modelLimit = 100_000

  /// Reads a spec from a file.
  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Diagnostic(
        .noInput, "there is no such spec, or it cannot be read", at: [path],
        remedy: "check the path and its permissions")
    }
    guard let text = String(bytes: data, encoding: .utf8) else {
      throw Diagnostic(
        .badData, "this is not UTF-8 text", at: [path], remedy: "give a spec in YAML")
    }
    try self.init(parsing: text, file: path)
  }

  /// Reads a spec from its text. Everything is checked before any work begins.
  ///
  /// - Throws: `Diagnostic` of code `badData` with file and line of what is unknown or impossible.
  public init(parsing text: String, file: String) throws {
    let spec = try SpecNode(parsing: text, file: file)
    let zooKeys = ["name", "description", "storage", "models", "layout"]
    let members = try spec.members(zooKeys + SearchAxis.keys + ModelRecipe.keys)
    guard let nameNode = members["name"] else { throw spec.error("'name' is missing") }
    name = try nameNode.fileName()
    description = try members["description"]?.string() ?? ""
    storage = Storage(deflateLevel: try ZooSpec.deflateLevel(members["storage"]))
    var base = (zooKeys + SearchAxis.keys).reduce(spec) { $0.removing($1) }
    if let data = members["data"], data.isScalar {
      // So that a grid can vary what a name alone leaves out.
      base = try base.setting(["data"], to: data.wrapped(as: "source"))
    }
    recipes = try VariantTree(base: base, members: members, name: name).variants()
      .map(ModelRecipe.init)
    var seen: Set<String> = []
    if let twin = recipes.flatMap(\.fileNames).first(where: { !seen.insert($0).inserted }) {
      throw spec.error(
        "two models would be called \(twin)", remedy: "remove one of the values")
    }
  }

  /// The text with what does not belong into a file's name left out.
  package static func fileName(_ text: String) -> String {
    let name = text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    return name.hasPrefix(".") ? String(name.dropFirst()) : name
  }

  private static func deflateLevel(_ spec: SpecNode?) throws -> Int? {
    guard let members = try spec?.members(["compression", "level"]) else { return 4 }
    let compression = try members["compression"]?.choice(["deflate", "none"]) ?? "deflate"
    let level = try members["level"]?.integer(in: 1...9) ?? 4
    return compression == "none" ? nil : level
  }
}

extension SpecNode {
  /// A text that can be part of a file's name.
  func fileName() throws -> String {
    let name = try string()
    guard !name.isEmpty, name == ZooSpec.fileName(name) else {
      throw error(
        "'\(name)' cannot be a name of files", remedy: "use letters, digits, '-', '_' and '.'")
    }
    return name
  }
}
