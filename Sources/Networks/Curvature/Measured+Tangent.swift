import Foundation

extension Measured {
  /// How the gradient of the mean loss by the outputs changes along a direction of them.
  ///
  /// - Parameters:
  ///   - outputs: the outputs, of `size` numbers for each example.
  ///   - tangents: how they change.
  ///   - examples: how many examples there are.
  ///   - change: where the change of the gradient goes.
  func tangent(
    _ outputs: UnsafePointer<Float>, _ tangents: UnsafePointer<Float>, size: Int, examples: Int,
    into change: UnsafeMutablePointer<Float>
  ) {
    guard objective.loss == .crossEntropy else {
      let scale = 1 / Double(max(1, examples * size))
      for place in 0..<(examples * size) {
        let curvature: Double
        if objective.loss == .meanSquaredError {
          curvature = 2
        } else {
          let probability = 1 / (1 + exp(-Double(outputs[place])))
          curvature = probability * (1 - probability)
        }
        change[place] = Float(curvature * scale * Double(tangents[place]))
      }
      return
    }
    // The Hessian of −log softmax is diag(p) − p·pᵀ, whatever the label.
    let scale = 1 / Double(max(1, examples))
    var probabilities = Array(repeating: 0.0, count: size)
    for row in 0..<examples {
      let values = outputs + row * size
      let moves = tangents + row * size
      var top = -Double.infinity
      for index in 0..<size { top = max(top, Double(values[index])) }
      var sum = 0.0
      for index in 0..<size {
        probabilities[index] = exp(Double(values[index]) - top)
        sum += probabilities[index]
      }
      var mean = 0.0
      for index in 0..<size {
        probabilities[index] /= sum
        mean += probabilities[index] * Double(moves[index])
      }
      for index in 0..<size {
        change[row * size + index] = Float(
          probabilities[index] * (Double(moves[index]) - mean) * scale)
      }
    }
  }
}
