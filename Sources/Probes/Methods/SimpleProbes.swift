import LinearAlgebra
import RealModule
import Support

/// The most frequent class, the more frequent side of each label, the mean: what needs no weights.
public struct MajorityProbe: ProbeMethod {
  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "majority", title: "the same answer for all: the majority, or the mean", source: "",
      subject: .nothing, isCalibrated: true)
  }

  /// Counts.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    let count = Double(training.count)
    switch targets {
    case .classes(let classes, let classCount):
      var counts = Array(repeating: 0.5, count: classCount)
      for model in training { counts[classes[model]] += 1 }
      return KeptProbe.constant(counts.map { Double.log($0 / count) })
    case .labels(let labels):
      return KeptProbe.constant(
        (0..<labels.columns).map { column in
          let sum = training.reduce(0.0) { $0 + Double(labels[$1, column]) }
          return Double.log((sum + 0.5) / (count - sum + 0.5))
        })
    case .numbers(let numbers):
      return KeptProbe.constant([training.reduce(0) { $0 + numbers[$1] } / max(1, count)])
    }
  }
}

/// What the nearest training model is, by the distance of the layer's weights.
public struct NearestProbe: ProbeMethod {
  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "nearest", title: "what the model with the nearest weights is", source: "",
      subject: .layer, isKept: false)
  }

  /// Computes the inner products.
  public func prepare(_ input: ProbeInput, jobs: Int?) throws {
    _ = try input.gram(jobs: jobs)
  }

  /// Remembers the training models.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    Fitted(training: training, wanted: targets.wanted(training))
  }

  private struct Fitted: FittedProbe {
    let training: [Int]
    let wanted: Matrix<Double>

    var parameterCount: Int { 0 }

    func scores(of models: [Int], in input: ProbeInput, jobs: Int?) throws -> Matrix<Double> {
      let gram = try input.gram(jobs: jobs)
      var result = Matrix<Double>(zeros: models.count, wanted.columns)
      for (row, model) in models.enumerated() {
        let nearest = training.indices.min { first, second in
          func distance(_ other: Int) -> Double { gram[other, other] - 2 * gram[model, other] }
          return distance(training[first]) < distance(training[second])
        }
        for column in 0..<wanted.columns { result[row, column] = wanted[nearest ?? 0, column] }
      }
      return result
    }

    func kept(from input: ProbeInput, jobs: Int?) throws -> KeptProbe? { nil }
  }
}
