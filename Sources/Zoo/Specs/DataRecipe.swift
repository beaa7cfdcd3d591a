public import Networks
import WorkbenchCore

/// The examples that a model of a zoo is trained on, and what is done to them first.
///
/// In a spec, a name or a path, or a mapping:
///
///     data: {source: digits, fraction: 0.5, label-noise: 0.1, classes: [0, 1, 2], seed: 7}
///     data: {source: digits, corruption: {type: gaussian-noise, severity: 3}}
public struct DataRecipe: Sendable, Hashable {
  /// A built-in name or a path.
  public var source: String
  /// The share of the training examples that is used.
  public var fraction: Double
  /// The share of the training labels that is replaced by another class.
  public var labelNoise: Double
  /// The classes that are used, in the test split too; nil means all. They are numbered anew in
  /// this order.
  public var classes: [Int]?
  /// What is done to the training images; test images stay as they are.
  public var corruption: Corruption?
  /// The seed of the choice of examples and of the noise.
  public var seed: UInt64
}

extension DataRecipe {
  /// Reads a recipe from a spec.
  init(_ spec: SpecNode) throws {
    let members: [String: SpecNode]
    do {
      source = try spec.string()
      members = [:]
    } catch {
      members = try spec.members([
        "source", "fraction", "label-noise", "classes", "corruption", "seed",
      ])
      guard let name = members["source"] else {
        throw spec.error("'source' is missing", remedy: "name a data set: digits, or a path")
      }
      source = try name.string()
    }
    fraction = try members["fraction"]?.number(in: 1e-6...1) ?? 1
    labelNoise = try members["label-noise"]?.number(in: 0...1) ?? 0
    classes = try members["classes"]?.list().map { try $0.integer(in: 0...1_000_000) }
    corruption = try members["corruption"].flatMap(Corruption.init)
    seed = UInt64(try members["seed"]?.integer(in: 0...Int.max) ?? 0)
    if let classes, let node = members["classes"] {
      guard classes.count >= 2, Set(classes).count == classes.count else {
        throw node.error("expected two or more classes, each once")
      }
    }
  }
}

extension Corruption {
  /// Reads a corruption: `{type: gaussian-noise, severity: 3}`, or `inverse`.
  fileprivate init?(_ spec: SpecNode) throws {
    let words = ["none"] + Kind.allCases.map(\.rawValue)
    if spec.isScalar {
      guard let kind = Kind(rawValue: try spec.choice(words)) else { return nil }
      self.init(kind, severity: kind == .inverse ? 5 : 3)
      return
    }
    let members = try spec.members(["type", "severity"])
    guard let type = members["type"] else {
      throw spec.error("'type' is missing", remedy: "use \(words.joined(separator: ", "))")
    }
    guard let kind = Kind(rawValue: try type.choice(words)) else { return nil }
    let severity = try members["severity"]?.integer(in: 1...5)
    if kind == .inverse, severity != nil, let node = members["severity"] {
      throw node.error("an inverse has no severity", remedy: "leave it out")
    }
    self.init(kind, severity: severity ?? (kind == .inverse ? 5 : 3))
  }
}
