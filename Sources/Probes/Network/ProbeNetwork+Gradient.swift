public import LinearAlgebra

extension ProbeNetwork {
  /// The loss of a batch and its gradient with respect to all parameters.
  ///
  /// - Parameters:
  ///   - batch: which models of the stack, and of the targets.
  ///   - texts: for an aligned head, an embedding for each class.
  ///   - jobs: how many threads work; the numbers do not depend on it.
  public func gradient(
    of batch: [Int], in stack: LayerStack<Scalar>, targets: ProbeTargets,
    texts: Matrix<Scalar>? = nil, jobs: Int? = nil
  ) throws -> (loss: Double, gradient: [Scalar]) {
    let pass = ProbePass<Scalar>(shape, capacity: batch.count)
    var gradient = [Scalar](repeating: 0, count: parameters.count)
    let loss = try descend(
      batch, in: stack, targets: targets, texts: texts, jobs: jobs, pass, into: &gradient)
    return (loss, gradient)
  }

  /// The same with memory that is already there.
  func descend(
    _ batch: [Int], in stack: LayerStack<Scalar>, targets: ProbeTargets, texts: Matrix<Scalar>?,
    jobs: Int?, _ pass: ProbePass<Scalar>, into gradient: inout [Scalar]
  ) throws -> Double {
    try pass.represent(batch, of: stack, with: parameters, jobs: jobs)
    let width = shape.representationCount
    let encoded = Matrix<Scalar>(
      rows: batch.count, columns: width,
      values: Array(UnsafeBufferPointer(start: pass.representations, count: batch.count * width)))
    let head = ProbeHead<Scalar>(shape)
    let output = head.forward(encoded, parameters, texts: texts)
    let (loss, change) = ProbeLoss.evaluate(output.scores, targets, batch)
    let back = head.backward(
      change, output, encoded: encoded, parameters, texts: texts, into: &gradient)
    try pass.learn(
      batch, of: stack, with: parameters, change: back, into: &gradient, jobs: jobs)
    return loss
  }
}
