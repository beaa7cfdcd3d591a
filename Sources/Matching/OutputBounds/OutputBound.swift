import LinearAlgebra
public import ModelGraph
public import WeightFiles
import WorkbenchCore

/// How far apart the outputs of one layer of two networks are on data, and what the singular vectors
/// say it can be at most: theorem 4.2 of Ito, Yamada and Kumagai (ICLR 2025), in the form below.
///
/// Both kernels read the same vector x, what A's layer reads on data. With `W = Σ s_i u_i v_iᵀ` and
/// `W' = Σ s'_i u'_i v'_iᵀ`, values in falling order, let `p_i = s_i (v_i·x)` and
/// `q_i = s'_i (v'_i·x)`: the inner products of the input with the right singular vectors, weighted
/// by the values. Then `(W − W')x = Σ (p_i u_i − q_i u'_i)`, and for every k the triangle inequality
/// for the first k terms, and the orthogonality of the left vectors for the rest, give
///
/// `‖(W − W')x‖ ≤ Σ_{i≤k} √(p_i² + q_i² − 2 p_i q_i (u_i·u'_i)) + √(Σ_{i>k} p_i²) + √(Σ_{i>k} q_i²)`.
///
/// At k = 0 this is `‖Wx‖ + ‖W'x‖`, which no matching can change. The least over k is taken for each
/// x. It is small where the inputs lie along the first right singular vectors and those and their left
/// ones line up; how much of the inputs lies there is `concentrations`.
public struct OutputBound: Sendable {
  /// The kernel's name.
  public let tensor: String
  /// How many inputs were sampled.
  public let inputCount: Int
  /// The mean of `‖Wx‖`: the size of A's outputs, without the bias.
  public let outputNorm: Double
  /// The mean of `‖(W − W')x‖`.
  public let difference: Double
  /// The mean of the bound.
  public let bound: Double
  /// The mean of the bound at k = 0.
  public let plainBound: Double
  /// The largest `difference / bound` of any single input: never above 1 but for rounding.
  public let tightest: Double
  /// For each threshold γ the share of the inputs' squared length along A's right singular vectors
  /// whose values are at least γ times the largest.
  public let concentrations: [Double]
  /// The same for inputs of no preferred direction: the share of dimensions that these vectors span.
  public let isotropic: [Double]
}

extension OutputBound {
  /// Measures every kernel whose inputs are known.
  ///
  /// - Parameters:
  ///   - a: A's weights, and `first` the same decomposed.
  ///   - b: B's weights, and `second` the same decomposed, as they are.
  ///   - inputs: what A's kernels read.
  ///   - permutations: one a group, applied to B; empty for B as it is.
  ///   - groups: the axes that move together.
  /// - Complexity: three products of the inputs with a kernel, each.
  public static func measure(
    _ a: Weights, _ first: DecomposedNetwork, _ b: Weights, _ second: DecomposedNetwork,
    inputs: LayerInputs, permutations: [[Int]] = [], of groups: [PermutationGroup] = [],
    jobs: Int? = nil
  ) throws -> [OutputBound] {
    let shapes = a.mapValues(\.shape)
    let gathers =
      permutations.isEmpty ? [:] : Permuting.gathers(permutations, of: groups, shapes: shapes)
    let pairs = zip(first.kernels, second.kernels).filter {
      inputs.vectors[$0.0.kernel.tensor]?.columns == $0.0.right.columns
    }
    return try Parallel.map(count: pairs.count, jobs: jobs) { index in
      let (own, other) = pairs[index]
      let name = own.kernel.tensor
      guard own.kernel == other.kernel, own.shape == other.shape, let x = inputs.vectors[name],
        let kernelA = a[name], let kernelB = b[name]
      else {
        throw Diagnostic(.badData, "the two networks have no kernel of one shape here", at: [name])
      }
      let gather = gathers[name]
      let (rows, columns) = LayerAlignment.sources(
        shape: own.shape, outputAxis: own.kernel.outputAxis, gather)
      let moved = gather.map { $0.applied(to: kernelB) } ?? kernelB
      let axis = own.kernel.outputAxis
      let left = LayerAlignment.matrix(kernelA, axis)
      let right = LayerAlignment.matrix(moved, axis)
      let difference = Matrix<Double>(
        rows: left.rows, columns: left.columns,
        values: zip(left.values, right.values).map { Double($0) - Double($1) })
      return OutputBound(
        tensor: name, x: x, differences: BLAS.product(x, difference, transposingRight: true),
        a: (widened(own.left.transposed()), own.values, widened(own.right.transposed())),
        b: (
          widened(LayerAlignment.permuted(other.left.transposed(), rows)), other.values,
          widened(LayerAlignment.permuted(other.right.transposed(), columns))
        ))
    }
  }

  /// Singular vectors in Float64, which the sums are in.
  private static func widened(_ matrix: Matrix<Float>) -> Matrix<Double> {
    Matrix(rows: matrix.rows, columns: matrix.columns, values: matrix.values.map(Double.init))
  }

  /// A kernel's left vectors, values and right vectors.
  private typealias Decomposition = (
    left: Matrix<Double>, values: [Double], right: Matrix<Double>
  )

  private init(
    tensor: String, x: Matrix<Double>, differences: Matrix<Double>, a: Decomposition,
    b: Decomposition
  ) {
    let projected = BLAS.product(x, a.right)
    let other = BLAS.product(x, b.right)
    let values = b.values
    let count = min(a.values.count, values.count)
    let cosines = (0..<count).map { column in
      (0..<b.left.rows).reduce(0.0) { sum, row in
        sum + a.left.values[row * a.left.columns + column]
          * b.left.values[row * b.left.columns + column]
      }
    }
    var sums = (norm: 0.0, difference: 0.0, bound: 0.0, plain: 0.0, tightest: 0.0)
    for row in 0..<x.rows {
      let p = (0..<count).map { a.values[$0] * projected.values[row * projected.columns + $0] }
      let q = (0..<count).map { values[$0] * other.values[row * other.columns + $0] }
      let distance = Self.norm(
        differences.values[row * differences.columns..<(row + 1) * differences.columns])
      let bounds = Self.bounds(p, q, cosines)
      sums.norm += Self.norm(p[...])
      sums.difference += distance
      sums.bound += bounds.least
      sums.plain += bounds.plain
      if distance > 0 { sums.tightest = max(sums.tightest, distance / bounds.least) }
    }
    let share = 1 / Double(max(1, x.rows))
    self.tensor = tensor
    inputCount = x.rows
    outputNorm = sums.norm * share
    difference = sums.difference * share
    bound = sums.bound * share
    plainBound = sums.plain * share
    tightest = sums.tightest
    var energies = Array(repeating: 0.0, count: projected.columns)
    for (index, value) in projected.values.enumerated() {
      energies[index % projected.columns] += value * value
    }
    let total = x.values.reduce(0) { $0 + $1 * $1 }
    let kept = LayerAlignment.standardThresholds.map { threshold in
      a.values.prefix { $0 >= threshold * (a.values.first ?? 0) }.count
    }
    concentrations = kept.map { total > 0 ? energies[..<$0].reduce(0, +) / total : 0 }
    isotropic = kept.map { Double($0) / Double(max(1, x.columns)) }
  }

  /// The least of the bounds over k, and that of k = 0.
  static func bounds(
    _ p: [Double], _ q: [Double], _ cosines: [Double]
  ) -> (least: Double, plain: Double) {
    var restP = 0.0
    var restQ = 0.0
    // From the last term on, so that the rests are sums of squares and never differences.
    var rests = [(0.0, 0.0)]
    for index in p.indices.reversed() {
      restP += p[index] * p[index]
      restQ += q[index] * q[index]
      rests.append((restP, restQ))
    }
    let plain = restP.squareRoot() + restQ.squareRoot()
    var least = plain
    var paired = 0.0
    for index in p.indices {
      let square =
        p[index] * p[index] + q[index] * q[index] - 2 * p[index] * q[index] * cosines[index]
      paired += max(0, square).squareRoot()
      let rest = rests[p.count - 1 - index]
      least = min(least, paired + rest.0.squareRoot() + rest.1.squareRoot())
    }
    return (least, plain)
  }

  private static func norm(_ values: ArraySlice<Double>) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
