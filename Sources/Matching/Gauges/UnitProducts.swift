import LinearAlgebra
import Tensors

/// Inner products of the units of two networks.
enum UnitProducts {
  /// Adds the inner products of A's units with B's in one tensor: `products[i][j] += ⟨A_i, B_j⟩`.
  ///
  /// - Parameters:
  ///   - shape: of both tensors.
  ///   - products: units × units.
  /// - Complexity: 2·units·elements operations.
  static func add(
    _ places: UnitPlaces, _ a: Tensor, _ b: Tensor, to products: inout Matrix<Float>
  ) {
    guard let blocks = UnitBlocks(places, shape: a.shape), a.shape == b.shape else { return }
    let units = places.starts.count
    var (first, second): ([Float], [Float]) = ([], [])
    a.values.withUnsafeBufferPointer { a in
      b.values.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        for range in blocks.ranges {
          blocks.pack(a, range, into: &first)
          blocks.pack(b, range, into: &second)
          let rows = first.count / max(1, units)
          let isRowPerUnit = blocks.block != 1
          products.withMutableView { products in
            first.withUnsafeBufferPointer { first in
              second.withUnsafeBufferPointer { second in
                guard let first = first.baseAddress, let second = second.baseAddress else { return }
                let shape = isRowPerUnit ? (units, blocks.block) : (rows, units)
                BLAS.multiply(
                  MatrixView(base: first, rows: shape.0, columns: shape.1),
                  transposingLeft: !isRowPerUnit,
                  MatrixView(base: second, rows: shape.0, columns: shape.1),
                  transposingRight: isRowPerUnit, into: products, keeping: 1)
              }
            }
          }
        }
      }
    }
  }

  /// The channels of all heads as rows, head after head, with everything that the tensors have of a
  /// channel as columns.
  static func rows(
    of slices: [UnitPlaces], in weights: Weights
  ) -> Matrix<Float> {
    let parts = slices.compactMap { places -> (UnitBlocks, Tensor)? in
      guard let tensor = weights[places.tensor],
        let blocks = UnitBlocks(places, shape: tensor.shape)
      else { return nil }
      return (blocks, tensor)
    }
    let count = slices.first?.starts.count ?? 0
    let columns = parts.reduce(0) { $0 + $1.0.outer * $1.0.block }
    var result = Matrix<Float>(zeros: count, columns)
    var begin = 0
    for (blocks, tensor) in parts {
      tensor.values.withUnsafeBufferPointer { values in
        for unit in 0..<count {
          var column = unit * columns + begin
          for outer in 0..<blocks.outer {
            let from = blocks.offset(outer, unit)
            for index in 0..<blocks.block {
              result.values[column] = values[from + index]
              column += 1
            }
          }
        }
      }
      begin += blocks.outer * blocks.block
    }
    return result
  }
}
