import Foundation

/// The forms of scaling laws that are fitted.
public enum ScalingLaw: Sendable, Hashable {
  /// L(N) = L + (N_c / N)^a: Kaplan et al., "Scaling laws for neural language models", 2020, with a floor.
  case power
  /// L(N, D) = L + A / N^a + B / D^b: Hoffmann et al., "Training compute-optimal large language models",
  /// 2022.
  case twoPowers
  /// S(B) = S_min (1 + B_crit / B), the steps to a loss by the batch size: McCandlish et al., "An empirical
  /// model of large-batch training", 2018.
  case criticalBatch

  /// In symbols.
  public var formula: String {
    switch self {
    case .power: "L + (N_c/N)^a"
    case .twoPowers: "L + A/N^a + B/D^b"
    case .criticalBatch: "S_min*(1 + B_crit/B)"
    }
  }

  /// How many columns it is a function of.
  public var inputs: Int { self == .twoPowers ? 2 : 1 }

  /// The names of its constants.
  public var names: [String] {
    switch self {
    case .power: ["L", "N_c", "a"]
    case .twoPowers: ["L", "A", "a", "B", "b"]
    case .criticalBatch: ["S_min", "B_crit"]
    }
  }

  /// How many free numbers the fit has.
  var width: Int { names.count }

  /// The constants of the free numbers: the logarithms of the floor and of each term at the middle of the
  /// data, and the exponents.
  func constants(_ p: [Double], middle: [Double]) -> [Double] {
    switch self {
    case .power: [exp(p[0]), exp(middle[0] + p[1] / p[2]), p[2]]
    case .twoPowers:
      [
        exp(p[0]), exp(p[1] + p[2] * middle[0]), p[2], exp(p[3] + p[4] * middle[1]), p[4],
      ]
    case .criticalBatch: [exp(p[0]), exp(p[1] - p[0] + middle[0])]
    }
  }

  /// The logarithm of the law and its derivatives.
  ///
  /// - Parameter x: logarithms of the inputs, from the middle of the data.
  func value(_ p: [Double], _ x: [Double], slope: inout [Double]) -> Double {
    var terms: [Double]
    switch self {
    case .power: terms = [p[0], p[1] - p[2] * x[0]]
    case .twoPowers: terms = [p[0], p[1] - p[2] * x[0], p[3] - p[4] * x[1]]
    case .criticalBatch: terms = [p[0], p[1] - x[0]]
    }
    let top = terms.max() ?? 0
    let sum = terms.reduce(0) { $0 + exp($1 - top) }
    for index in terms.indices { terms[index] = exp(terms[index] - top) / sum }
    slope[0] = terms[0]
    slope[1] = terms[1]
    if self != .criticalBatch { slope[2] = -terms[1] * x[0] }
    if self == .twoPowers {
      slope[3] = terms[2]
      slope[4] = -terms[2] * x[1]
    }
    return top + log(sum)
  }
}
