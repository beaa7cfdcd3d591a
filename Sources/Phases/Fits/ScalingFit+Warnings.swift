import Foundation

extension ScalingFit {
  /// What makes constants of a fit worth little.
  ///
  /// - Parameters:
  ///   - inputs: those of the models that were fitted.
  ///   - least: the least of their results.
  func doubts(_ inputs: [[Double]], least: Double) -> [String] {
    var doubts: [String] = []
    for axis in 0..<law.inputs {
      let sorted = inputs.map { $0[axis] }.sorted()
      var low = inputs[inputs.count / 2]
      var high = low
      low[axis] = sorted[0]
      high[axis] = sorted[sorted.count - 1]
      // Less than what models differ from the law by is no fall that they show.
      guard log(told(low) / told(high)) <= max(1e-6, error) else { continue }
      let what = law.inputs == 1 ? "the size" : axis == 0 ? "the first size" : "the second size"
      doubts.append(
        "the result does not fall with \(what) by more than models differ from the law: its constants "
          + "say nothing")
    }
    if constants[0] < 1e-3 * least {
      doubts.append(
        "\(law.names[0]) is not told from 0: the results do not flatten out at the largest sizes")
    }
    return doubts
  }
}
