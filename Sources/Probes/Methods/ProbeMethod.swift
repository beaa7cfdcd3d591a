public import LinearAlgebra
import Support

/// A way to predict from weights. Whoever has a new one makes a type of this protocol, in a file of its
/// own, and adds it to `ProbeMethods.all`.
public protocol ProbeMethod: Sendable {
  /// What it is.
  var description: ProbeMethodDescription { get }

  /// Computes what the method needs of all models, whatever the split, with all threads.
  func prepare(_ input: ProbeInput, jobs: Int?) throws

  /// Learns from some models.
  ///
  /// - Parameters:
  ///   - input: all models.
  ///   - targets: what is to be said of them.
  ///   - training: the models to learn from.
  ///   - validation: the models to choose settings by.
  ///   - settings: sizes, training, seed.
  ///   - jobs: how many threads work; the result does not depend on it.
  /// - Throws: `Diagnostic` where nothing can be learned.
  func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe
}

extension ProbeMethod {
  /// Most need nothing.
  public func prepare(_ input: ProbeInput, jobs: Int?) throws {}
}

/// What a method is called, who published it, and what it looks at.
public struct ProbeMethodDescription: Sendable, Hashable {
  /// What a method looks at.
  public enum Subject: Sendable, Hashable {
    /// The matrix of one layer.
    case layer
    /// Seven numbers of each tensor.
    case statistics
    /// Nothing.
    case nothing
  }

  /// The name: `probex`.
  public var name: String
  /// What it does, in a line.
  public var title: String
  /// Where it was published.
  public var source: String
  /// What it looks at.
  public var subject: Subject
  /// Whether its result can be kept in a file.
  public var isKept = true
  /// Whether its scores are shares already, up to a squashing, because it learned them as such.
  public var isCalibrated = false
  /// Whether it can tell a number, and not classes and labels only.
  public var tellsNumbers = true
}

/// What may be chosen of methods.
public struct ProbeSettings: Sendable {
  /// How many probes: r_U.
  public var probeCount = 128
  /// How long a projected response is: r_V.
  public var projectionCount = 128
  /// How long the representation is: r_T.
  public var representationCount = 128
  /// Whether negative projected responses become zero.
  public var rectifies = true
  /// Whether ProbeX begins as the dense expert, cut to its ranks, and not with drawn parameters alone.
  public var beginsDense = false
  /// How networks are trained, and the seed.
  public var training = ProbeTrainingOptions()
  /// An embedding for each class, a row each, for a head that compares with texts.
  public var texts: Matrix<Float>?
  /// What of these is chosen by the validation models; nil takes all as it stands.
  public var tuning: ProbeTuning?

  /// The published settings.
  public init() {}
}

/// What a method learned, while the models are at hand.
public protocol FittedProbe: Sendable {
  /// How many numbers it has learned.
  var parameterCount: Int { get }
  /// The settings that were chosen for it; nil where there was no choice.
  var settings: ProbeSettings? { get }
  /// The scores of models, a row for each.
  func scores(of models: [Int], in input: ProbeInput, jobs: Int?) throws -> Matrix<Double>
  /// What predicts models that are not at hand; nil where the method keeps nothing.
  func kept(from input: ProbeInput, jobs: Int?) throws -> KeptProbe?
}

extension FittedProbe {
  /// Most have no choice.
  public var settings: ProbeSettings? { nil }
}

/// The methods that there are.
public enum ProbeMethods {
  /// All of them.
  public static let all: [any ProbeMethod] = [
    ProbeX(), MVProbe(), DenseProbe(), StatisticsProbe(), LogisticProbe(), NaiveBayesProbe(),
    BoostedProbe(), MomentsProbe(), NearestProbe(), MajorityProbe(),
  ]

  /// The method of a name.
  ///
  /// - Throws: `Diagnostic` of code `usage` where there is none.
  public static func named(_ name: String) throws -> any ProbeMethod {
    if let method = all.first(where: { $0.description.name == name }) { return method }
    throw Diagnostic(
      .usage, "there is no kind of probe '\(name)'",
      remedy: "there are: \(all.map(\.description.name).joined(separator: ", "))")
  }
}
