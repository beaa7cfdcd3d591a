import LinearAlgebra
import Probes
import Support

/// One layer of many models, compared: distances over the length of the layer, and kurtosis.
struct LayerComparison {
  /// The squares of distances, over the mean square length of the matrices.
  let squares: Matrix<Double>
  /// The cosine of any two matrices; nil for factors, which are not multiplied out.
  let cosines: Matrix<Double>?
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
    let own = LayerGram.squaredDistances(gram)
    squares = own.mapped { $0 * factor }
    cosines =
      isProduct
      ? nil
      : Matrix(rows: stack.count, columns: stack.count) { one, other in
        let (a, b) = (moments[one].squareSum, moments[other].squareSum)
        guard a > 0, b > 0 else { return one == other ? 1 : 0 }
        return (a + b - own[one, other]) / (2 * (a * b).squareRoot())
      }
    kurtosis = moments.map { isProduct || !$0.kurtosis.isFinite ? 0 : $0.kurtosis }
  }
}
