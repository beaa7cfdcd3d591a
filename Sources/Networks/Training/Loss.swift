import Foundation

/// What training makes small.
public enum Loss: String, Sendable, Hashable, CaseIterable {
  /// The mean over examples of −log softmax(outputs)[label]. A softmax at the end of the network
  /// counts as part of the loss.
  case crossEntropy
  /// The mean over examples and outputs of the squared distance to the label as a one-hot vector.
  case meanSquaredError

  /// The loss of a batch, summed over examples. Outputs of which one is NaN are never right, and their
  /// loss is NaN.
  ///
  /// - Parameters:
  ///   - outputs: a row of `classCount` for each example.
  ///   - gradient: where the gradient of the mean loss goes, or nil.
  ///   - labelSmoothing: the share of the target that is spread evenly over all classes.
  func evaluate(
    _ outputs: UnsafePointer<Float>, labels: ArraySlice<Int32>, classCount: Int,
    labelSmoothing: Double = 0, gradient: UnsafeMutablePointer<Float>? = nil
  ) -> LossSum {
    var total = LossSum()
    let scale = 1 / Double(max(1, labels.count))
    var probabilities = Array(repeating: 0.0, count: classCount)
    for (row, label) in labels.enumerated() {
      let values = outputs + row * classCount
      let target = Int(label)
      var best = 0
      var isNumber = !values[0].isNaN
      for index in 1..<max(1, classCount) {
        if values[index] > values[best] { best = index }
        isNumber = isNumber && !values[index].isNaN
      }
      if best == target && isNumber { total.correct += 1 }
      let change = gradient.map { $0 + row * classCount }
      switch self {
      case .crossEntropy:
        let top = Double(values[best])
        var sum = 0.0
        for index in 0..<classCount {
          probabilities[index] = exp(Double(values[index]) - top)
          sum += probabilities[index]
        }
        let logSum = top + log(sum)
        let spread = labelSmoothing / Double(classCount)
        total.loss += (1 - labelSmoothing) * (logSum - Double(values[target]))
        if labelSmoothing > 0 {
          for index in 0..<classCount { total.loss += spread * (logSum - Double(values[index])) }
        }
        guard let change else { continue }
        for index in 0..<classCount {
          let wanted = spread + (index == target ? 1 - labelSmoothing : 0)
          change[index] = Float((probabilities[index] / sum - wanted) * scale)
        }
      case .meanSquaredError:
        for index in 0..<classCount {
          let difference = Double(values[index]) - (index == target ? 1 : 0)
          total.loss += difference * difference / Double(classCount)
          change?[index] = Float(2 * difference * scale / Double(classCount))
        }
      }
    }
    return total
  }
}
