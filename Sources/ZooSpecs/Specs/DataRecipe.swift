public import Datasets
package import Specs
import Support

/// The examples that a model of a zoo is trained on, and what is done to them first.
///
/// In a spec, a name or a path, or a mapping:
///
///     data: {source: digits, fraction: 0.5, label-noise: 0.1, classes: [0, 1, 2], seed: 7}
///     data: {source: digits, corruption: {type: gaussian-noise, severity: 3}}
///     data: {source: digits, portion: [0.35, 1], corruption: {type: fog}, draws: epoch}
///     data: {source: digits, projection: {size: 16, seed: 3}}
///     data: {source: austen, window: 64}
public struct DataRecipe: Sendable, Hashable {
  /// A built-in name or a path.
  public var source: String
  /// How many tokens a window of a text has; nil for the usual number.
  public var window: Int?
  /// The share of the training examples that is used.
  public var fraction: Double
  /// From where to where in the shuffled training examples, in shares of them; nil means all. It is
  /// cut before classes are chosen, so that recipes with one seed and portions beside each other
  /// share no example.
  public var portion: Range<Double>?
  /// The share of the training labels that is replaced by another class.
  public var labelNoise: Double
  /// The classes that are used, in the test split too; nil means all. They are numbered anew in
  /// this order.
  public var classes: [Int]?
  /// What is done to the training images; test images stay as they are.
  public var corruption: Corruption?
  /// Whether the corruption is drawn anew in every epoch, instead of once.
  public var isRedrawn: Bool
  /// What networks see the examples through; nil where they see them as they are.
  public var projection: InputProjection?
  /// The seed of the choice of examples and of the noise.
  public var seed: UInt64
}

extension DataRecipe {
  /// What tells data sets that are loaded apart.
  package var loadedName: String { window.map { "\(source) in windows of \($0)" } ?? source }

  /// Reads a recipe from a spec.
  package init(_ spec: SpecNode) throws {
    let members: [String: SpecNode]
    do {
      source = try spec.string()
      members = [:]
    } catch {
      members = try spec.members([
        "source", "fraction", "portion", "label-noise", "classes", "corruption", "draws",
        "projection", "seed", "window",
      ])
      guard let name = members["source"] else {
        throw spec.error("'source' is missing", remedy: "name a data set: digits, or a path")
      }
      source = try name.string()
    }
    window = try members["window"]?.integer(in: 2...1_000_000)
    fraction = try members["fraction"]?.number(in: 1e-6...1) ?? 1
    portion = try members["portion"].map(Self.portion)
    if let node = members["portion"], members["fraction"] != nil {
      throw node.error("'portion' and 'fraction' exclude each other", remedy: "remove one of them")
    }
    labelNoise = try members["label-noise"]?.number(in: 0...1) ?? 0
    classes = try members["classes"]?.list().map { try $0.integer(in: 0...1_000_000) }
    corruption = try members["corruption"].flatMap(Corruption.init)
    isRedrawn = try members["draws"]?.choice(["once", "epoch"]) == "epoch"
    projection = try members["projection"].map(InputProjection.init)
    seed = UInt64(try members["seed"]?.integer(in: 0...Int.max) ?? 0)
    if let classes, let node = members["classes"] {
      guard classes.count >= 2, Set(classes).count == classes.count else {
        throw node.error("expected two or more classes, each once")
      }
    }
  }

  /// Reads `[0.35, 1]`.
  private static func portion(_ spec: SpecNode) throws -> Range<Double> {
    let ends = try spec.list().map { try $0.number(in: 0...1) }
    guard ends.count == 2, ends[0] < ends[1] else {
      throw spec.error("expected two shares, the smaller first", remedy: "for example: [0.35, 1]")
    }
    return ends[0]..<ends[1]
  }
}

extension Corruption {
  /// Reads a corruption: `{type: gaussian-noise, severity: 3}`, `{type: fog, scale: mnist}`,
  /// `{type: contrast, strength: 0.18}`, or `inverse`.
  fileprivate init?(_ spec: SpecNode) throws {
    let words = ["none"] + Kind.allCases.map(\.rawValue)
    func kind(_ node: SpecNode) throws -> Kind? {
      if let kind = Kind(name: try node.string()) { return kind }
      _ = try node.choice(words)
      return nil
    }
    if spec.isScalar {
      guard let kind = try kind(spec) else { return nil }
      self.init(kind, severity: kind.hasSeverity ? 3 : 5)
      return
    }
    let members = try spec.members(["type", "severity", "scale", "strength"])
    guard let type = members["type"] else {
      throw spec.error("'type' is missing", remedy: "use \(words.joined(separator: ", "))")
    }
    guard let kind = try kind(type) else { return nil }
    if !kind.hasSeverity, let node = members["severity"] ?? members["scale"] {
      throw node.error("\(kind.rawValue) has no severity", remedy: "leave it out")
    }
    let scale = try members["scale"]?.choice(Scale.allCases.map(\.rawValue))
    var strength: Double?
    if let node = members["strength"] {
      guard let range = kind.strengths else {
        throw node.error("\(kind.rawValue) takes no strength", remedy: "give a severity, 1 to 5")
      }
      strength = try node.number(in: range)
    }
    self.init(
      kind, severity: try members["severity"]?.integer(in: 1...5) ?? (kind.hasSeverity ? 3 : 5),
      scale: scale.flatMap(Scale.init) ?? .cifar, strength: strength)
  }
}
