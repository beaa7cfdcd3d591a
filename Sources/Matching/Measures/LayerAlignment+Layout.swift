import LinearAlgebra
import Tensors

extension LayerAlignment {
  /// A kernel as a matrix with a row an output.
  static func matrix(_ tensor: Tensor, _ outputAxis: Int) -> Matrix<Float> {
    let order = [outputAxis] + tensor.shape.indices.filter { $0 != outputAxis }
    let ordered = tensor.transposed(order)
    let rows = tensor.shape[outputAxis]
    let columns = tensor.shape.indices.filter { $0 != outputAxis }.reduce(1) {
      $0 * tensor.shape[$1]
    }
    return Matrix(rows: rows, columns: columns, values: ordered.values)
  }

  /// Where the rows and the columns of the permuted matrix come from; nil where nothing moves.
  static func sources(
    shape: [Int], outputAxis: Int, _ gather: AxisGather?
  ) -> (rows: [Int]?, columns: [Int]?) {
    guard let gather, !gather.isIdentity else { return (nil, nil) }
    var columns = [0]
    for axis in shape.indices where axis != outputAxis {
      let entries = gather.sources[axis] ?? Array(0..<shape[axis])
      columns = columns.flatMap { outer in entries.map { outer * shape[axis] + $0 } }
    }
    return (gather.sources[outputAxis], columns)
  }

  /// A matrix with its rows in another order.
  static func permuted(_ matrix: Matrix<Float>, _ sources: [Int]?) -> Matrix<Float> {
    guard let sources else { return matrix }
    var values: [Float] = []
    values.reserveCapacity(matrix.values.count)
    for row in sources {
      values += matrix.values[row * matrix.columns..<(row + 1) * matrix.columns]
    }
    return Matrix(rows: matrix.rows, columns: matrix.columns, values: values)
  }
}
