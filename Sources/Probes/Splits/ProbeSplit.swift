import LinearAlgebra
import Support

/// Which models are learned from, chosen by, and judged on.
public struct ProbeSplit: Sendable, Hashable {
  /// The models to learn from.
  public var training: [Int]
  /// The models to choose settings, states and layers by.
  public var validation: [Int]
  /// The models to judge on. Nothing else sees them.
  public var test: [Int]

  /// Makes a split.
  public init(training: [Int], validation: [Int], test: [Int]) {
    self.training = training
    self.validation = validation
    self.test = test
  }
}

extension ProbeSplit {
  /// Splits into folds: each is the test once, and the next one the validation then.
  ///
  /// Models of a group stay together. Folds get about the same share of each class or label, and of
  /// numbers of each fifth of their range: the largest groups are placed first, each in the fold that
  /// has the least of what it brings.
  ///
  /// - Parameters:
  ///   - groups: the group of each model.
  ///   - count: how many folds, at least 3.
  ///   - seed: decides between what is equal.
  /// - Throws: `Diagnostic` of code `usage` where there are fewer groups than folds.
  /// - Complexity: O(groups · folds · strata).
  public static func folds(
    _ targets: ProbeTargets, groups: [Int], count: Int, seed: UInt64
  ) throws -> [ProbeSplit] {
    let members = Dictionary(grouping: groups.indices) { groups[$0] }
      .sorted { $0.key < $1.key }.map(\.value)
    guard count >= 3 else {
      throw Diagnostic(
        .usage, "\(count) folds leave nothing to learn from", remedy: "take at least 3")
    }
    guard members.count >= count else {
      throw Diagnostic(
        .usage, "\(members.count) groups of models cannot be split into \(count) folds",
        remedy: "take fewer folds, or split by another group")
    }
    let strata = targets.strata
    let width = strata.columns
    var totals = [Double](repeating: 0, count: width)
    for model in groups.indices {
      for column in 0..<width { totals[column] += strata[model, column] }
    }
    var generator = SeededGenerator(seed: seed)
    let order = generator.permutation(count: members.count)
      .sorted { members[$0].count > members[$1].count }
    var folds = Array(repeating: [Int](), count: count)
    var held = Array(repeating: totals.map { _ in 0.0 }, count: count)
    for group in order {
      var brought = [Double](repeating: 0, count: width)
      for model in members[group] {
        for column in 0..<width { brought[column] += strata[model, column] }
      }
      func cost(_ fold: Int) -> Double {
        let size = Double(folds[fold].count) / Double(groups.count)
        let overlap = (0..<width).reduce(0.0) { sum, column in
          totals[column] > 0 ? sum + brought[column] * held[fold][column] / totals[column] : sum
        }
        return overlap + size * Double(members[group].count)
      }
      // Not always the first of equal ones.
      let places = generator.permutation(count: count)
      let fold = places.min { (cost($0), folds[$0].count) < (cost($1), folds[$1].count) } ?? 0
      folds[fold] += members[group]
      for column in 0..<width { held[fold][column] += brought[column] }
    }
    let sorted = folds.map { $0.sorted() }
    return (0..<count).map { fold in
      let next = (fold + 1) % count
      return ProbeSplit(
        training: (0..<count).filter { $0 != fold && $0 != next }.flatMap { sorted[$0] }.sorted(),
        validation: sorted[next], test: sorted[fold])
    }
  }
}

extension ProbeSplit {
  /// The splits of folds that are given: each is the test once, and the next one the validation then.
  ///
  /// - Parameter folds: the fold of each model, by any number.
  /// - Throws: `Diagnostic` of code `usage` where there are fewer than three.
  public static func given(_ folds: [Int]) throws -> [ProbeSplit] {
    let numbers = Set(folds).sorted()
    guard numbers.count >= 3 else {
      throw Diagnostic(
        .usage, "\(numbers.count) folds leave nothing to learn from", remedy: "take at least 3")
    }
    let members = Dictionary(grouping: folds.indices) { folds[$0] }
    return numbers.indices.map { place in
      let (test, next) = (numbers[place], numbers[(place + 1) % numbers.count])
      return ProbeSplit(
        training: folds.indices.filter { folds[$0] != test && folds[$0] != next },
        validation: members[next] ?? [], test: members[test] ?? [])
    }
  }

  /// The fold of each model: the place of the split that tests it.
  public static func folds(of splits: [ProbeSplit], count: Int) -> [Int?] {
    var folds = [Int?](repeating: nil, count: count)
    for (fold, split) in splits.enumerated() {
      for model in split.test { folds[model] = fold }
    }
    return folds
  }
}

extension ProbeTargets {
  /// What is to be spread evenly: a column for each class, each label, each fifth of the numbers.
  var strata: Matrix<Double> {
    switch self {
    case .classes(let classes, let count):
      return Matrix(rows: classes.count, columns: count) { classes[$0] == $1 ? 1 : 0 }
    case .labels(let labels):
      return Matrix(widening: labels)
    case .numbers(let numbers):
      let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
      var fifth = Array(repeating: 0, count: numbers.count)
      for (rank, model) in order.enumerated() { fifth[model] = 5 * rank / max(1, numbers.count) }
      return Matrix(rows: numbers.count, columns: 5) { fifth[$0] == $1 ? 1 : 0 }
    }
  }
}
