import Foundation

/// How far models that are about equally good differ in what they say of single examples: Marx, Calmon
/// and Ustun, "Predictive multiplicity in classification", ICML 2020; Watson-Daniels, Parkes and Ustun,
/// "Predictive multiplicity in probabilistic classification", AAAI 2023.
///
/// Models are added one after the other; what is kept grows with examples and classes, not with models.
public struct MultiplicityTally: Sendable {
  /// The classes that the baseline says.
  public let baseline: [Int]
  /// How many models were added, the baseline too.
  public private(set) var models = 0
  /// The most that one model differs from the baseline, as a share of the examples.
  public private(set) var discrepancy = 0.0
  private let classes: Int
  private var votes: [Int32]
  private var isAmbiguous: [Bool]
  private var sums: [Double]
  private var squares: [Double]

  /// Makes an empty tally.
  ///
  /// - Parameter baseline: the classes that the best model says of the examples.
  public init(baseline: [Int], classes: Int) {
    self.baseline = baseline
    self.classes = classes
    votes = [Int32](repeating: 0, count: baseline.count * classes)
    isAmbiguous = [Bool](repeating: false, count: baseline.count)
    sums = [Double](repeating: 0, count: baseline.count * classes)
    squares = sums
  }

  /// Adds a model.
  ///
  /// - Parameter probabilities: those of the classes, an example after the other.
  /// - Complexity: O(examples · classes).
  public mutating func add(_ probabilities: [Float]) {
    precondition(probabilities.count == sums.count, "a model answers for every example")
    let answers = Self.answers(probabilities, classes: classes)
    var differing = 0
    for (example, answer) in answers.enumerated() {
      votes[example * classes + answer] += 1
      if answer != baseline[example] {
        differing += 1
        isAmbiguous[example] = true
      }
    }
    for (place, value) in probabilities.enumerated() {
      sums[place] += Double(value)
      squares[place] += Double(value) * Double(value)
    }
    models += 1
    if !baseline.isEmpty {
      discrepancy = max(discrepancy, Double(differing) / Double(baseline.count))
    }
  }

  /// The most probable class of each example; of equal ones the first.
  public static func answers(_ probabilities: [Float], classes: Int) -> [Int] {
    stride(from: 0, to: probabilities.count, by: classes).map { start in
      (1..<classes).reduce(0) {
        probabilities[start + $1] > probabilities[start + $0] ? $1 : $0
      }
    }
  }

  /// The share of the examples of which some model says another class than the baseline.
  public var ambiguity: Double {
    baseline.isEmpty ? .nan : Double(isAmbiguous.count { $0 }) / Double(baseline.count)
  }

  /// The share of pairs of models that say different classes of an example.
  public var disagreement: [Double] {
    baseline.indices.map { example in
      let own = votes[example * classes..<(example + 1) * classes].map(Double.init)
      let m = Double(models)
      guard m > 1 else { return 0 }
      return 1 - own.reduce(0) { $0 + $1 * ($1 - 1) } / (m * (m - 1))
    }
  }

  /// How far the probabilities of an example vary over the models: the standard deviation (of the models
  /// themselves, not of more like them) of the class for which it is largest.
  public var variation: [Double] {
    baseline.indices.map { example in
      (0..<classes).reduce(0) { most, part in
        let mean = sums[example * classes + part] / Double(models)
        let square = squares[example * classes + part] / Double(models)
        return max(most, max(0, square - mean * mean).squareRoot())
      }
    }
  }

  /// How many models say each class of an example.
  public func votes(_ example: Int) -> [Int] {
    votes[example * classes..<(example + 1) * classes].map(Int.init)
  }

  /// The examples of which models say different classes, those with the most disagreement first.
  public var ambiguous: [Int] {
    let shares = disagreement
    return baseline.indices.filter { isAmbiguous[$0] }
      .sorted { (-shares[$0], $0) < (-shares[$1], $1) }
  }
}
