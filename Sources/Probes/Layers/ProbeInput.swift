public import LinearAlgebra
import Synchronization

/// What methods see of a set of models: one layer's matrices, or numbers for each model.
///
/// What several methods need of the matrices is computed once.
public final class ProbeInput: Sendable {
  /// The matrices of a layer; nil where models are numbers.
  public let stack: LayerStack<Float>?
  /// Numbers, a row for each model; nil where models are matrices.
  public let numbers: Matrix<Double>?
  private let gramCache = Mutex<Matrix<Double>?>(nil)
  private let momentCache = Mutex<Matrix<Double>?>(nil)

  /// A layer of some models.
  public init(stack: LayerStack<Float>) {
    self.stack = stack
    numbers = nil
  }

  /// Numbers of some models.
  public init(numbers: Matrix<Double>) {
    self.numbers = numbers
    stack = nil
  }

  /// The number of models.
  public var count: Int { stack?.count ?? numbers?.rows ?? 0 }

  /// The inner products of the models around their mean.
  public func gram(jobs: Int?) throws -> Matrix<Double> {
    try gramCache.withLock { cache in
      if let cache { return cache }
      let gram: Matrix<Double>
      if let stack {
        gram = try LayerGram.centred(stack, jobs: jobs)
      } else {
        gram = LayerGram.doublyCentred(
          BLAS.gram(numbers ?? Matrix(zeros: 0, 0), ofRows: true))
      }
      cache = gram
      return gram
    }
  }

  /// The moments of the layer's rows.
  func moments(jobs: Int?) throws -> Matrix<Double> {
    try momentCache.withLock { cache in
      if let cache { return cache }
      guard let stack else { return numbers ?? Matrix(zeros: 0, 0) }
      let moments = try RowMoments.features(of: stack, jobs: jobs)
      cache = moments
      return moments
    }
  }
}
