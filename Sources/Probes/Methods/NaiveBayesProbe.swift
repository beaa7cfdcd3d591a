import LinearAlgebra
import RealModule
import Support

/// Seven numbers of every tensor, each normally distributed within a class with a variance that all
/// classes share: the generative one of the pair that Ng and Jordan (2001) compare. Its boundaries are
/// straight, as those of `LogisticProbe` are.
public struct NaiveBayesProbe: ProbeMethod {
  /// The least variance of a standardised number: one that tells nothing else divides by 0.
  private static let leastVariance = 1e-9

  /// Makes the method.
  public init() {}

  /// What it is.
  public var description: ProbeMethodDescription {
    ProbeMethodDescription(
      name: "naive-bayes", title: "seven numbers of every tensor, by Gaussian naive Bayes",
      source: "Ng and Jordan, On Discriminative vs. Generative Classifiers, 2001",
      subject: .statistics, tellsNumbers: false)
  }

  /// Takes means, variances and shares of the training models.
  public func fit(
    _ input: ProbeInput, _ targets: ProbeTargets, training: [Int], validation: [Int],
    settings: ProbeSettings, jobs: Int?
  ) throws -> any FittedProbe {
    guard let numbers = input.numbers else { preconditionFailure("statistics are numbers") }
    try targets.requireClasses("naive Bayes")
    let scaling = NumberScaling(numbers, training: training)
    let standard = scaling.standardized(numbers.selectingRows(training))
    let wanted = targets.shares(training)
    var weights = Matrix<Double>(zeros: wanted.columns, numbers.columns)
    var bias = [Double](repeating: 0, count: wanted.columns)
    if case .classes(_, let count) = targets {
      let classes = Self.Normal(standard, members: (0..<count).map { Self.members(wanted, $0, 1) })
      for output in 0..<count { classes.add(output, sign: 1, to: &weights, &bias, row: output) }
    } else {
      // A label is a question of its own: what speaks for it less what speaks against it.
      for output in 0..<wanted.columns {
        let sides = Self.Normal(
          standard, members: [Self.members(wanted, output, 1), Self.members(wanted, output, 0)])
        sides.add(0, sign: 1, to: &weights, &bias, row: output)
        sides.add(1, sign: -1, to: &weights, &bias, row: output)
      }
    }
    return KeptProbe.numbers(
      NumberRidge(means: scaling.means, factors: scaling.factors, weights: weights, bias: bias),
      ofMoments: false)
  }

  private static func members(_ wanted: Matrix<Double>, _ output: Int, _ side: Double) -> [Int] {
    (0..<wanted.rows).filter { (wanted[$0, output] > 0.5) == (side > 0.5) }
  }

  /// Classes of models with a mean each and one variance for every number.
  private struct Normal {
    private var means: [[Double]] = []
    private var logShares: [Double] = []
    private var variances: [Double]

    init(_ numbers: Matrix<Double>, members: [[Int]]) {
      variances = Array(repeating: 0, count: numbers.columns)
      let count = Double(max(1, numbers.rows))
      for own in members {
        let size = Double(max(1, own.count))
        let mean = (0..<numbers.columns).map { column in
          own.reduce(0.0) { $0 + numbers[$1, column] } / size
        }
        for model in own {
          for column in mean.indices {
            let offset = numbers[model, column] - mean[column]
            variances[column] += offset * offset / count
          }
        }
        means.append(mean)
        // A class without models is rare, not impossible.
        logShares.append(
          Double.log((Double(own.count) + 0.5) / (count + 0.5 * Double(members.count))))
      }
      for column in variances.indices {
        variances[column] = max(variances[column], NaiveBayesProbe.leastVariance)
      }
    }

    /// Adds the logarithm of a class's density, without what all classes share, to a row of a linear map.
    func add(
      _ member: Int, sign: Double, to weights: inout Matrix<Double>, _ bias: inout [Double],
      row: Int
    ) {
      bias[row] += sign * logShares[member]
      for (column, mean) in means[member].enumerated() {
        weights[row, column] += sign * mean / variances[column]
        bias[row] -= sign * mean * mean / (2 * variances[column])
      }
    }
  }
}
