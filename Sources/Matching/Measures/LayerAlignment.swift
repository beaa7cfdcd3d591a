import LinearAlgebra
public import ModelGraph
public import WeightFiles
import WorkbenchCore

/// How well the singular vectors of two networks' layers line up: the R of Ito, Yamada and Kumagai,
/// "Analysis of linear mode connectivity via permutation-based weight matching", ICLR 2025.
///
/// For each layer `W = Σ s_i u_i v_iᵀ` of both networks, R adds up
/// `(u_iᵃ·u_jᵇ)(v_iᵃ·v_jᵇ)` over all i and j whose singular values are at least γ times the
/// largest of their layer, and divides by the number of vectors that were kept. R is 1 for equal
/// networks and near 0 for unrelated ones. Permuting units moves the entries of the vectors and
/// leaves the values alone, so one decomposition of each network serves any permutation.
public struct LayerAlignment: Sendable {
  /// A kernel, and which of its axes are the outputs. All others are read as inputs: a convolution is
  /// the matrix [output, input·height·width].
  public struct Kernel: Sendable, Hashable {
    /// The tensor's name.
    public var tensor: String
    /// The axis of the outputs.
    public var outputAxis: Int

    /// Makes a kernel.
    public init(tensor: String, outputAxis: Int) {
      self.tensor = tensor
      self.outputAxis = outputAxis
    }
  }

  /// The thresholds γ that reports use.
  public static let standardThresholds = [0, 0.1, 0.2, 0.3, 0.5]

  /// A kernel of both networks, decomposed.
  struct Layer: Sendable {
    let a: DecomposedNetwork.DecomposedKernel
    let b: DecomposedNetwork.DecomposedKernel

    var kernel: Kernel { a.kernel }
    var shape: [Int] { a.shape }

    /// `‖sᵃ − sᵇ‖ / ‖sᵃ‖`; nil where A's are all zero.
    var singularValueDifference: Double? { a.singularValueDifference(to: b) }
  }

  let layers: [Layer]
  private let jobs: Int?

  /// Decomposes the kernels of both networks.
  ///
  /// - Throws: `Diagnostic(.badData)` where a kernel is missing, has another shape in the other
  ///   network or fewer than two axes, or holds numbers that are not finite.
  /// - Complexity: a singular value decomposition a kernel and network.
  public init(_ a: Weights, _ b: Weights, kernels: [Kernel], jobs: Int? = nil) throws {
    try self.init(
      DecomposedNetwork(a, kernels: kernels, jobs: jobs),
      DecomposedNetwork(b, kernels: kernels, jobs: jobs), jobs: jobs)
  }

  /// Compares networks that are decomposed already: one decomposition of each of many networks
  /// serves all their pairs.
  ///
  /// - Throws: `Diagnostic(.badData)` where a kernel is missing or has another shape in the other
  ///   network.
  public init(_ a: DecomposedNetwork, _ b: DecomposedNetwork, jobs: Int? = nil) throws {
    self.jobs = jobs
    guard a.kernels.count == b.kernels.count else {
      throw Diagnostic(.badData, "the two networks have not the same kernels")
    }
    layers = try zip(a.kernels, b.kernels).map { first, second in
      guard first.kernel == second.kernel, first.shape == second.shape else {
        throw Diagnostic(
          .badData, "the two networks have no kernel of one shape here", at: [first.kernel.tensor])
      }
      return Layer(a: first, b: second)
    }
  }

  /// R for each threshold, of A and the permuted B.
  ///
  /// The vectors kept may differ in number between the networks; R is divided by the smaller number,
  /// which the sum cannot exceed. A singular value of the size of Float32 rounding is never kept: its
  /// vectors are noise.
  ///
  /// - Parameters:
  ///   - permutations: one a group; empty for B as it is.
  ///   - groups: the axes that move together.
  ///   - thresholds: the γ, from 0 to 1.
  /// - Returns: R for each threshold, nil where no vector is kept.
  /// - Complexity: two matrix products a layer, and two passes over it a threshold.
  public func ratios(
    permutations: [[Int]] = [], of groups: [PermutationGroup] = [],
    thresholds: [Double] = standardThresholds
  ) throws -> [Double?] {
    let shapes = Dictionary(
      layers.map { ($0.kernel.tensor, $0.shape) }, uniquingKeysWith: { first, _ in first })
    let gathers =
      permutations.isEmpty
      ? [:] : Permuting.gathers(permutations, of: groups, shapes: shapes)
    let parts = try Parallel.map(count: layers.count, jobs: jobs) { index in
      Self.sums(layers[index], [gathers[layers[index].kernel.tensor]], thresholds)[0]
    }
    return thresholds.indices.map { threshold in Self.ratio(parts.map { $0[threshold] }) }
  }

  /// R from what the kernels add to it; nil where no vector is kept.
  static func ratio(_ parts: [(sum: Double, count: Double)]) -> Double? {
    let count = parts.reduce(0.0) { $0 + $1.count }
    return count > 0 ? parts.reduce(0.0) { $0 + $1.sum } / count : nil
  }

  /// For each kernel by how much the singular values of the two networks differ, relative to A's:
  /// `‖sᵃ − sᵇ‖ / ‖sᵃ‖`; nil where A's are all zero. No permutation of units changes it.
  public var singularValueDifferences: [(tensor: String, difference: Double?)] {
    layers.map { ($0.kernel.tensor, $0.singularValueDifference) }
  }

  /// How many singular values are at least `threshold` of the largest, and above the rounding of the
  /// Float32 elements.
  static func keptCount(
    _ kernel: DecomposedNetwork.DecomposedKernel, _ threshold: Double
  ) -> Int {
    let largest = kernel.values.first ?? 0
    guard largest > 0 else { return 0 }
    let noise = 0x1p-24 * Double(max(kernel.left.columns, kernel.right.columns))
    let bound = largest * max(threshold, noise)
    return kernel.values.prefix { $0 >= bound }.count
  }
}
