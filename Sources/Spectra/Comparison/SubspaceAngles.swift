import Foundation
import LinearAlgebra
import ModelGraph
import Support
import Tensors

/// The angles between the spaces that two matrices' leading singular vectors span (Björck and Golub,
/// "Numerical methods for computing angles between linear subspaces", 1973): whether training turned
/// a layer's strong directions or only made them stronger.
///
/// For a layer of several matrices, means over them.
public struct SubspaceAngles: Sendable, Hashable {
  /// The principal angles between the left spaces, of the outputs, in radians, rising.
  public var left: [Double]
  /// Those between the right spaces, of the inputs.
  public var right: [Double]

  /// The mean of cos² of the angles: 1 for one space, k/m for random ones of k of m dimensions.
  public static func overlap(_ angles: [Double]) -> Double {
    angles.reduce(0) { $0 + cos($1) * cos($1) } / Double(angles.count)
  }

  /// Compares two layers of the same shape; nil where a matrix is zero.
  ///
  /// - Parameter count: how many leading vectors; fewer where a matrix has a smaller rank.
  /// - Throws: `Diagnostic` where a matrix cannot be decomposed.
  /// - Complexity: that of the decompositions with vectors.
  init?(
    _ layer: SpectralLayer, _ first: Tensor, _ partner: SpectralLayer, _ second: Tensor, count: Int
  ) throws {
    var spaces: [LeadingSpaces] = []
    try layer.forEachMatrix(of: first) { spaces.append(try LeadingSpaces($0, count: count)) }
    var (left, right): ([[Double]], [[Double]]) = ([], [])
    var place = 0
    try partner.forEachMatrix(of: second) { matrix in
      let other = try LeadingSpaces(matrix, count: count)
      guard place < spaces.count else { return }
      let one = spaces[place]
      place += 1
      let shared = min(one.count, other.count)
      left.append(try Self.angles(one.left, other.left, count: shared))
      right.append(try Self.angles(one.right, other.right, count: shared))
    }
    self.left = Self.means(left)
    self.right = Self.means(right)
    if self.left.isEmpty { return nil }
  }

  /// The principal angles between the spaces of the first columns of two matrices, rising.
  ///
  /// From cosines where they are small and from sines where those are: neither alone has digits for
  /// all angles.
  static func angles(
    _ first: Matrix<Double>, _ second: Matrix<Double>, count: Int
  ) throws -> [Double] {
    guard count > 0 else { return [] }
    let (one, other) = (columns(first, count), columns(second, count))
    let products = BLAS.product(one, transposingLeft: true, other)
    var rest = other
    let shared = BLAS.product(one, products)
    for index in rest.values.indices { rest.values[index] -= shared.values[index] }
    let cosines = try SingularValueDecomposition(products).values
    let sines = try SingularValueDecomposition(rest).values
    return zip(cosines, sines.reversed()).map { cosine, sine in
      2 * cosine * cosine >= 1 ? asin(min(1, sine)) : acos(min(1, cosine))
    }
  }

  private static func columns(_ matrix: Matrix<Double>, _ count: Int) -> Matrix<Double> {
    Matrix(rows: matrix.rows, columns: count) { matrix.values[$0 * matrix.columns + $1] }
  }

  /// The mean of every place over the lists that have it.
  private static func means(_ lists: [[Double]]) -> [Double] {
    let longest = lists.map(\.count).max() ?? 0
    return (0..<longest).map { place in
      lists.compactMap { place < $0.count ? $0[place] : nil }.mean ?? .nan
    }
  }
}

/// The leading singular vectors of one matrix.
private struct LeadingSpaces {
  /// The left and right singular vectors, in columns.
  let left, right: Matrix<Double>
  /// How many of the columns are meant.
  let count: Int

  init(_ matrix: MatrixView<Float>, count: Int) throws {
    var values: [Float] = []
    values.reserveCapacity(matrix.rows * matrix.columns)
    for row in 0..<matrix.rows {
      let elements = matrix.base + row * matrix.rowStride
      values.append(contentsOf: UnsafeBufferPointer(start: elements, count: matrix.columns))
    }
    let copy = Matrix(rows: matrix.rows, columns: matrix.columns, values: values)
    var decomposition = try SingularValueDecomposition(byGramOf: copy)
    let largest = decomposition.values.first ?? 0
    let wanted = min(count, decomposition.values.count)
    // A Gram matrix has no digits for vectors of much smaller values.
    if wanted > 0, decomposition.values[wanted - 1] < 1e-4 * largest {
      decomposition = try SingularValueDecomposition(copy)
    }
    let rounding = Double(max(matrix.rows, matrix.columns)) * 0x1p-23 * largest
    self.count = decomposition.values.prefix(wanted).count { $0 > rounding }
    left = decomposition.left
    right = decomposition.right
  }
}
