import Catalogs
import LinearAlgebra
public import Probes
public import Support
public import WeightFiles
public import ZooIndex

/// Ranks models by what a probe sees in them: nearest to a text, or to another model.
public struct ProbeSearch: Sendable {
  /// What is said of a model.
  public struct Hit: Sendable {
    /// The cosine between the model and what is looked for.
    public var score: Double
    /// What the probe says of it beside.
    public var outcome: ProbeReading.Outcome
  }

  /// What models are compared in.
  public enum Space: String, Sendable, Hashable, Encodable {
    /// A network's representation.
    case representation
    /// The scores of a probe without a representation.
    case scores
    /// The text's vector as the probe maps it, beside the representation.
    case text
  }

  /// What the comparison is made in.
  public let space: Space
  private let reading: ProbeReading
  private let probe: KeptProbe
  /// The features of the model that is looked for; nil for a text, which is in the probe.
  private let features: [Double]?

  /// Looks for a text.
  ///
  /// - Throws: `Diagnostic` where the probe was trained without texts, or with longer or shorter ones.
  public init(_ file: ProbeFile, text: [Float]) throws {
    guard let width = file.probe.textWidth else {
      throw Diagnostic(
        .usage, "the probe compares models with no texts",
        remedy: "train one with vectors of texts, or look for what is like a model")
    }
    guard text.count == width else {
      throw Diagnostic(
        .badData, "the vector has \(text.count) numbers, and the probe compares with \(width)",
        remedy: "take a vector of the model of texts that the probe was trained with")
    }
    reading = try ProbeReading(file)
    probe = file.probe.ranking(Matrix(rows: 1, columns: width, values: text))
    features = nil
    space = .text
  }

  /// Looks for models like one. Of probes of several trees the one of this model's tree compares.
  ///
  /// - Throws: `Diagnostic` where the probe tells no models apart, or has no place for this one.
  public init(_ file: ProbeFile, like model: WeightFile) throws {
    reading = try ProbeReading(file)
    do {
      let input = try reading.input(of: ScannedModel(model))
      probe = file.probe.expert(for: 0, in: input)
      guard let found = try probe.features(of: [0], in: input, jobs: 1) else {
        throw Diagnostic(
          .usage, "the probe says the same of all models, or one number of each",
          remedy: "take a probe of classes or labels, or a network")
      }
      guard found.values.contains(where: { $0 != 0 }) else { throw Self.empty }
      features = found.values
    } catch let error as Diagnostic {
      throw error.inside(model.catalog.file)
    }
    if case .network = probe { space = .representation } else { space = .scores }
  }

  private static let empty = Diagnostic(
    .badData, "the probe sees nothing in it: all it would be compared by is 0")

  /// Compares models of an index, each read once.
  ///
  /// - Returns: for each model what is said of it, or why nothing is.
  public func hits(
    of models: [Int64], in index: ZooIndex, options: ZooReading.Options,
    progress: ProgressHandler? = nil
  ) async throws -> [Result<Hit, Diagnostic>] {
    try await reading.each(models, in: index, options: options, progress: progress) { input in
      let outcome = try reading.outcomes(input)[0]
      let score: Double
      if let features {
        guard let own = try probe.features(of: [0], in: input, jobs: 1)?.values else {
          throw Self.empty
        }
        score = Self.cosine(features, own)
      } else {
        score = try probe.scores(of: [0], in: input, jobs: 1).values[0]
      }
      guard score.isFinite else { throw Self.empty }
      return Hit(score: score, outcome: outcome)
    }
  }

  /// The cosine; not a number where a side is all zeros.
  private static func cosine(_ first: [Double], _ second: [Double]) -> Double {
    func product(_ one: [Double], _ other: [Double]) -> Double {
      zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let lengths = product(first, first).squareRoot() * product(second, second).squareRoot()
    return product(first, second) / lengths
  }
}
