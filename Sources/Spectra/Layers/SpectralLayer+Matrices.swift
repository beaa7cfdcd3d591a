package import LinearAlgebra
import Support
package import Tensors

extension SpectralLayer {
  /// Calls `body` with every matrix in turn, in the order of the slices.
  ///
  /// - Parameter tensor: the layer's tensor, for a view or a slice of one.
  package func forEachMatrix(of tensor: Tensor, _ body: (MatrixView<Float>) throws -> Void) throws {
    let (shape, roles, only): ([Int], [AxisRole], Int?)
    switch source {
    case .view(let viewShape, let viewRoles): (shape, roles, only) = (viewShape, viewRoles, nil)
    case .slice(let viewShape, let viewRoles, let index):
      (shape, roles, only) = (viewShape, viewRoles, index)
    case .product: preconditionFailure("a product is not formed")
    }
    guard shape.reduce(1, *) == tensor.values.count else {
      throw Diagnostic(.badData, "it has \(tensor.values.count) elements, not \(shape)")
    }
    let order =
      shape.indices.filter { roles[$0] == .slice } + shape.indices.filter { roles[$0] == .row }
      + shape.indices.filter { roles[$0] == .column }
    func count(_ role: AxisRole) -> Int {
      shape.indices.reduce(1) { roles[$1] == role ? $0 * shape[$1] : $0 }
    }
    let (slices, rows, columns) = (count(.slice), count(.row), count(.column))
    let ordered = Tensor(shape: shape, values: tensor.values).transposed(order)
    try ordered.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for slice in only.map({ $0..<($0 + 1) }) ?? 0..<slices {
        try body(MatrixView(base: base + slice * rows * columns, rows: rows, columns: columns))
      }
    }
  }
}
