import CMerging
import Support

/// Passes over the differences of models from their base: of one tensor, or of several.
struct DifferenceScan: Sendable {
  /// Opens each tensor. One that is open already is handed out again.
  let tensors: [@Sendable () throws -> OpenedTensor]
  /// How many elements all tensors have.
  let count: Int
  /// How many threads work.
  let jobs: Int?

  /// How many elements one thread takes at once.
  private static let pieceCount = 1 << 20

  /// A pass over one tensor.
  init(_ tensor: OpenedTensor, jobs: Int?) {
    tensors = [{ tensor }]
    count = tensor.count
    self.jobs = jobs
  }

  /// A pass over several tensors.
  init(_ tensors: [@Sendable () throws -> OpenedTensor], count: Int, jobs: Int?) {
    self.tensors = tensors
    self.count = count
    self.jobs = jobs
  }

  /// What `body` makes of every piece, in the order of the pieces, whoever worked on them.
  func map<Result: Sendable>(
    _ body: @Sendable (OpenedTensor, Range<Int>, MergeWorkspace) throws -> Result
  ) throws -> [Result] {
    try tensors.flatMap { open in
      let tensor = try open()
      try Task.checkCancellation()
      let size = DifferenceScan.pieceCount
      return try Parallel.map(count: (tensor.count + size - 1) / size, jobs: jobs) { piece in
        try tensor.pool.withWorkspace { workspace in
          let range = (piece * size)..<min(tensor.count, (piece + 1) * size)
          return try body(tensor, range, workspace)
        }
      }
    }
  }
}

extension OpenedTensor {
  /// Calls `body` for blocks of one model's differences from the base, with the place of the first.
  ///
  /// - Throws: `Diagnostic` of code `badData` where one is not finite.
  func forEachDifference(
    of model: Int, _ range: Range<Int>, in workspace: MergeWorkspace,
    _ body: (Int, UnsafeMutableBufferPointer<Double>) -> Void
  ) throws {
    let wanted = [model, base]
    try forEachBlock(of: range, wanted: wanted, in: workspace) { first, count in
      let values = workspace.block(model)
      guard wsl_subtract(values, workspace.block(base), Int64(count)) == 0 else {
        throw notFinite(at: first, count: count, wanted: wanted)
      }
      body(first, UnsafeMutableBufferPointer(start: values, count: count))
    }
  }
}
