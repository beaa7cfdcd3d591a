import LinearAlgebra
public import WeightFiles
import WorkbenchCore

/// The singular value decompositions of a network's kernels.
public struct DecomposedNetwork: Sendable {
  struct DecomposedKernel: Sendable {
    let kernel: LayerAlignment.Kernel
    let shape: [Int]
    /// The singular values, falling.
    let values: [Double]
    /// The singular vectors as rows, [k, outputs] and [k, inputs]; in Float32, of which the kernel is.
    let left: Matrix<Float>
    let right: Matrix<Float>

    init(_ kernel: LayerAlignment.Kernel, _ tensor: Tensor) throws {
      self.kernel = kernel
      shape = tensor.shape
      let found = try SingularVectors(LayerAlignment.matrix(tensor, kernel.outputAxis))
      values = found.values
      left = found.left
      right = found.right
    }

    /// `‖s − s'‖ / ‖s‖` of the singular values; nil where all of these are 0.
    func singularValueDifference(to other: DecomposedKernel) -> Double? {
      let norm = values.reduce(0) { $0 + $1 * $1 }
      let square = zip(values, other.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return norm > 0 ? (square / norm).squareRoot() : nil
    }
  }

  let kernels: [DecomposedKernel]

  /// Decomposes kernels.
  ///
  /// - Throws: `Diagnostic(.badData)` where a kernel is missing, has fewer than two axes, or holds
  ///   numbers that are not finite.
  /// - Complexity: a singular value decomposition a kernel.
  public init(_ weights: Weights, kernels: [LayerAlignment.Kernel], jobs: Int? = nil) throws {
    self.kernels = try Parallel.map(count: kernels.count, jobs: jobs) { index in
      let kernel = kernels[index]
      guard let tensor = weights[kernel.tensor], tensor.shape.count >= 2,
        tensor.shape.indices.contains(kernel.outputAxis)
      else {
        throw Diagnostic(
          .badData, "the two networks have no kernel of one shape here", at: [kernel.tensor])
      }
      do {
        return try DecomposedKernel(kernel, tensor)
      } catch let error as Diagnostic {
        throw error.inside(kernel.tensor)
      }
    }
  }

  /// The kernels' names, in order.
  public var tensors: [String] { kernels.map(\.kernel.tensor) }

  /// The singular values of each kernel, largest first.
  public var singularValues: [[Double]] { kernels.map(\.values) }

  /// How far each kernel's singular values are from another network's, `‖s − s'‖ / ‖s‖`. Permuting
  /// units changes no singular value, so this is what matching cannot bring together.
  ///
  /// - Returns: a number a kernel; nil where all singular values are 0.
  public func singularValueDifferences(to other: DecomposedNetwork) -> [Double?] {
    zip(kernels, other.kernels).map { $0.singularValueDifference(to: $1) }
  }
}
