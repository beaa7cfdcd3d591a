public import LinearAlgebra
import Support

/// The inner products of a layer's matrices, each model with each: all that the dense expert, the
/// nearest neighbour and distances between models need, in one pass over the weights.
public enum LayerGram {
  /// How many models a tile of the result has on a side, and how many elements are multiplied at once.
  private static let tile = 96
  private static let panel = 2048

  /// The inner products, in Float64, of matrices from which the mean of all models is taken first:
  /// fine-tunes of one root differ by little, and what they share would drown it.
  ///
  /// - Parameter jobs: how many threads work; the numbers do not depend on it.
  /// - Complexity: n²·elements operations for n models; of factors of rank r, n²·r·(rows + columns)
  ///   and n²·r². Memory for n² numbers and one more matrix.
  public static func centred(_ stack: LayerStack<Float>, jobs: Int? = nil) throws
    -> Matrix<Double>
  {
    let raw = stack.rank == nil ? try dense(stack, jobs: jobs) : try factored(stack, jobs: jobs)
    return doublyCentred(raw)
  }

  /// Takes the means of rows and columns from a Gram matrix: that of the same points around their mean.
  static func doublyCentred(_ gram: Matrix<Double>) -> Matrix<Double> {
    let count = gram.rows
    guard count > 0 else { return gram }
    let means = (0..<count).map { row in
      gram.values[row * count..<(row + 1) * count].reduce(0, +) / Double(count)
    }
    let all = means.reduce(0, +) / Double(count)
    return Matrix(rows: count, columns: count) { gram[$0, $1] - means[$0] - means[$1] + all }
  }

  /// The mean matrix of all models, in Float64.
  static func mean(_ stack: LayerStack<Float>, jobs: Int?) throws -> [Double] {
    let size = stack.stride
    let ranges = stride(from: 0, to: size, by: panel).map { $0..<min(size, $0 + panel) }
    return try stack.values.withUnsafeBufferPointer { values in
      nonisolated(unsafe) let values = values
      return try Parallel.map(count: ranges.count, jobs: jobs) { index -> [Double] in
        let range = ranges[index]
        var sums = [Double](repeating: 0, count: range.count)
        for model in 0..<stack.count {
          let start = model * size + range.lowerBound
          for at in 0..<range.count { sums[at] += Double(values[start + at]) }
        }
        return sums.map { $0 / Double(max(1, stack.count)) }
      }.flatMap { $0 }
    }
  }

  private static func tiles(of count: Int, _ side: Int) -> [(Range<Int>, Range<Int>)] {
    let ranges = stride(from: 0, to: count, by: side).map { $0..<min(count, $0 + side) }
    return ranges.indices.flatMap { row in
      (row..<ranges.count).map { (ranges[row], ranges[$0]) }
    }
  }

  /// Puts tiles of the upper triangle together.
  private static func assemble(
    _ count: Int, _ tiles: [(Range<Int>, Range<Int>)], _ blocks: [[Double]]
  ) -> Matrix<Double> {
    var result = Matrix<Double>(zeros: count, count)
    for ((rows, columns), block) in zip(tiles, blocks) {
      for (row, at) in rows.enumerated() {
        for (column, other) in columns.enumerated() {
          let value = block[row * columns.count + column]
          result.values[at * count + other] = value
          result.values[other * count + at] = value
        }
      }
    }
    return result
  }

  private static func dense(_ stack: LayerStack<Float>, jobs: Int?) throws -> Matrix<Double> {
    let size = stack.stride
    let mean = try mean(stack, jobs: jobs)
    let tiles = tiles(of: stack.count, tile)
    let blocks = try stack.values.withUnsafeBufferPointer { values in
      nonisolated(unsafe) let values = values
      return try Parallel.map(count: tiles.count, jobs: jobs) { index -> [Double] in
        let (rows, columns) = tiles[index]
        var sums = Matrix<Double>(zeros: rows.count, columns.count)
        for start in stride(from: 0, to: size, by: panel) {
          let width = min(panel, size - start)
          func centred(_ models: Range<Int>) -> Matrix<Double> {
            var result = Matrix<Double>(zeros: models.count, width)
            result.values.withUnsafeMutableBufferPointer { target in
              for (row, model) in models.enumerated() {
                for at in 0..<width {
                  target[row * width + at] =
                    Double(values[model * size + start + at]) - mean[start + at]
                }
              }
            }
            return result
          }
          let left = centred(rows)
          let right = rows == columns ? left : centred(columns)
          left.withView { left in
            right.withView { right in
              sums.withMutableView {
                BLAS.multiply(left, right, transposingRight: true, into: $0, keeping: 1)
              }
            }
          }
        }
        return sums.values
      }
    }
    return assemble(stack.count, tiles, blocks)
  }

  /// ⟨B₁A₁, B₂A₂⟩ = the sum over the elements of (B₁ᵀB₂) ∘ (A₁A₂ᵀ).
  private static func factored(_ stack: LayerStack<Float>, jobs: Int?) throws -> Matrix<Double> {
    let rank = stack.rank ?? 1
    let tiles = tiles(of: stack.count, max(1, 256 / rank))
    let blocks = try Parallel.map(count: tiles.count, jobs: jobs) { index -> [Double] in
      let (rows, columns) = tiles[index]
      let first = rows.map { Factors(stack, $0) }
      let second = columns.map { Factors(stack, $0) }
      return first.flatMap { own in second.map { own.product($0) } }
    }
    return assemble(stack.count, tiles, blocks)
  }

  /// The factors of one model, in Float64.
  struct Factors {
    let left: Matrix<Double>
    let right: Matrix<Double>

    init(_ stack: LayerStack<Float>, _ model: Int) {
      let rank = stack.rank ?? 1
      let start = model * stack.stride
      let middle = start + stack.rows * rank
      left = Matrix(
        rows: stack.rows, columns: rank, values: stack.values[start..<middle].map(Double.init))
      right = Matrix(
        rows: rank, columns: stack.columns,
        values: stack.values[middle..<start + stack.stride].map(Double.init))
    }

    /// The inner product of the two products.
    func product(_ other: Factors) -> Double {
      let outer = BLAS.product(left, transposingLeft: true, other.left)
      let inner = BLAS.product(right, other.right, transposingRight: true)
      return zip(outer.values, inner.values).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}
