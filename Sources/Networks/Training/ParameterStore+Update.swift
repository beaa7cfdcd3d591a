extension ParameterStore {
  /// Takes one step of an optimiser over every trained tensor.
  ///
  /// Elements do not depend on each other, so the result is the same for any number of threads.
  func update(by step: OptimizerStep, threads: Int) {
    let tensors = ordered.compactMap { slot -> UpdateMemory? in
      guard let gradient = slot.gradient else { return nil }
      return UpdateMemory(
        count: gradient.byteCount / MemoryLayout<Float>.stride, weights: slot.value.floats,
        gradients: gradient.floats, averages: slot.averages.map(\.floats))
    }
    let isLarge = tensors.reduce(0) { $0 + $1.count } >= 1 << 16
    let shares = isLarge ? max(1, threads) : 1
    ThreadLimit.each(shares) { share in
      for tensor in tensors { tensor.apply(step, share: share, of: shares) }
    }
  }
}

/// The memory of one tensor's step. Threads get ranges that do not overlap, which is why it may be
/// shared.
private struct UpdateMemory: @unchecked Sendable {
  let count: Int
  let weights: UnsafeMutablePointer<Float>
  let gradients: UnsafeMutablePointer<Float>
  let averages: [UnsafeMutablePointer<Float>]

  func apply(_ step: OptimizerStep, share: Int, of shares: Int) {
    let start = count * share / shares
    let end = count * (share + 1) / shares
    guard start < end else { return }
    step.apply(
      to: weights + start, gradients: gradients + start, state: averages.map { $0 + start },
      count: end - start)
  }
}
