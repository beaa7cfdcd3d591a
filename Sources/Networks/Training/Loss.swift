import Foundation

/// What training makes small.
public enum Loss: String, Sendable, Hashable, CaseIterable {
  /// The mean over examples of −log softmax(outputs)[label]. A softmax at the end of the network
  /// counts as part of the loss.
  case crossEntropy
  /// The mean over examples and outputs of the squared distance to the label as a one-hot vector.
  case meanSquaredError
  /// The mean over examples and outputs of −t·log p − (1 − t)·log(1 − p), where p is the sigmoid of an
  /// output and t the target. A sigmoid at the end of the network counts as part of the loss.
  case binaryCrossEntropy

  /// The words for it on the command line.
  public var word: String {
    switch self {
    case .crossEntropy: "cross-entropy"
    case .meanSquaredError: "squared-error"
    case .binaryCrossEntropy: "binary-cross-entropy"
    }
  }

  /// The loss and its slope at one output.
  ///
  /// - Parameter target: what the output should be; a probability for the cross-entropies.
  package func value(_ output: Double, target: Double) -> (loss: Double, slope: Double) {
    switch self {
    case .meanSquaredError:
      let difference = output - target
      return (difference * difference, 2 * difference)
    case .binaryCrossEntropy, .crossEntropy:
      // max(x, 0) − x·t + log(1 + e^−|x|), which no x overflows.
      let loss = max(output, 0) - output * target + log1p(exp(-abs(output)))
      return (output.isNaN ? .nan : loss, 1 / (1 + exp(-output)) - target)
    }
  }

  /// The loss of a batch, summed over examples. Outputs of which one is NaN are never right, and their
  /// loss is NaN.
  ///
  /// - Parameters:
  ///   - outputs: a row of `classCount` for each example.
  ///   - gradient: where the gradient of the mean loss goes, or nil.
  ///   - labelSmoothing: the share of the target that is spread evenly over all classes.
  package func evaluate(
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
      case .meanSquaredError, .binaryCrossEntropy:
        for index in 0..<classCount {
          let (loss, slope) = value(Double(values[index]), target: index == target ? 1 : 0)
          total.loss += loss / Double(classCount)
          change?[index] = Float(slope * scale / Double(classCount))
        }
      }
    }
    return total
  }
}
