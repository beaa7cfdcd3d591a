import LinearAlgebra
import Synchronization

/// A solver, with its potentials, where the thread that uses it can change it.
final class SolverBox: Sendable {
  private let solver: Mutex<LinearAssignment>
  private let size: Int

  /// A solver that has seen nothing yet.
  init(size: Int) {
    self.size = size
    solver = Mutex(LinearAssignment(size: size))
  }

  /// The assignment of least cost, for costs row-major.
  func minimize(_ costs: [Float]) throws -> [Int] {
    try solver.withLock { solver in
      try costs.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return [] }
        return try solver.minimize(MatrixView(base: base, rows: size, columns: size)).columns
      }
    }
  }
}
