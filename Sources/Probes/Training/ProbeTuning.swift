import LinearAlgebra

/// Which settings of a network are chosen by the validation models: each candidate is trained on the
/// training models, and the best on the validation models is kept. Test models take no part.
///
/// What was chosen so looks better on the validation models than it is; figures of test models do not.
public struct ProbeTuning: Sendable, Hashable {
  /// Whether sizes are chosen, by those that fit a layer of the shape.
  public var choosesSizes: Bool
  /// Whether the learning rate is chosen.
  public var choosesRate: Bool

  /// The learning rates tried, the published one among them.
  public static let rates = [1e-3, 3e-3, 1e-2]

  /// Chooses what is asked for.
  public init(choosesSizes: Bool, choosesRate: Bool) {
    self.choosesSizes = choosesSizes
    self.choosesRate = choosesRate
  }

  /// The settings that are tried, the smallest networks first.
  ///
  /// More probes than columns, or projections than rows, give a linear map nothing more: the sizes are
  /// all and half of the shorter side of the matrix, at most the published 128, and twice as many numbers
  /// of the representation.
  public func candidates(_ settings: ProbeSettings, rows: Int, columns: Int) -> [ProbeSettings] {
    let side = max(1, min(128, rows, columns))
    let sides = side > 1 && choosesSizes ? [side / 2, side] : [side]
    return sides.flatMap { side in
      (choosesRate ? Self.rates : [settings.training.learningRate]).map { rate in
        var candidate = settings
        candidate.tuning = nil
        candidate.training.learningRate = rate
        if choosesSizes {
          (candidate.probeCount, candidate.projectionCount) = (side, side)
          candidate.representationCount = min(128, 2 * side)
        }
        return candidate
      }
    }
  }
}

/// A network with the settings that were chosen for it.
struct TunedNetwork: FittedProbe {
  let network: KeptProbe
  let settings: ProbeSettings?

  var parameterCount: Int { network.parameterCount }

  func scores(of models: [Int], in input: ProbeInput, jobs: Int?) throws -> Matrix<Double> {
    try network.scores(of: models, in: input, jobs: jobs)
  }

  func kept(from input: ProbeInput, jobs: Int?) throws -> KeptProbe? { network }
}
