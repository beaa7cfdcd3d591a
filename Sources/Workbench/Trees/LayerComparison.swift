import LinearAlgebra
import Probes
import Support

/// One layer of many models, compared: distances over the length of the layer, and kurtosis.
struct LayerComparison {
  /// The squares of distances, over the mean square length of the matrices.
  let squares: Matrix<Double>
  /// The excess kurtosis of each matrix's elements; 0 for factors, which are not multiplied out.
  let kurtosis: [Double]

  init(_ stack: LayerStack<Float>, jobs: Int?) throws {
    let gram = try LayerGram.centred(stack, jobs: jobs)
    let moments = try Parallel.map(count: stack.count, jobs: jobs) { model in
      let start = model * stack.stride
      return stack.values.withUnsafeBufferPointer { values in
        TensorSummary(of: UnsafeBufferPointer(rebasing: values[start..<start + stack.stride]))
      }
    }
    let isProduct = stack.rank != nil
    let length =
      isProduct
      ? (0..<stack.count).reduce(0) { $0 + gram[$1, $1] } / Double(stack.count)
      : moments.reduce(0) { $0 + $1.squareSum } / Double(stack.count)
    let factor = length > 0 ? 1 / length : 0
    squares = LayerGram.squaredDistances(gram).mapped { $0 * factor }
    kurtosis = moments.map { isProduct || !$0.kurtosis.isFinite ? 0 : $0.kurtosis }
  }
}
