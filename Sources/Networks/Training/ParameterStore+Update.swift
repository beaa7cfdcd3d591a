import Dispatch

extension ParameterStore {
  /// Takes one step of an optimiser over every trained tensor.
  ///
  /// Elements do not depend on each other, so the result is the same for any number of threads.
  func update(by step: OptimizerStep, threads: Int) {
    for slot in ordered {
      guard let gradient = slot.gradient else { continue }
      let count = gradient.byteCount / MemoryLayout<Float>.stride
      let isLarge = threads > 1 && count >= 1 << 16
      let part = isLarge ? (count + threads - 1) / threads : count
      let bases = UpdateMemory(
        weights: slot.value.floats, gradients: gradient.floats,
        averages: slot.averages.map(\.floats))
      if isLarge {
        DispatchQueue.concurrentPerform(iterations: threads) { index in
          bases.apply(step, from: index * part, to: min(count, (index + 1) * part))
        }
      } else {
        bases.apply(step, from: 0, to: count)
      }
    }
  }
}

/// The memory of one tensor's step. Threads get ranges that do not overlap, which is why it may be
/// shared.
private struct UpdateMemory: @unchecked Sendable {
  let weights: UnsafeMutablePointer<Float>
  let gradients: UnsafeMutablePointer<Float>
  let averages: [UnsafeMutablePointer<Float>]

  func apply(_ step: OptimizerStep, from start: Int, to end: Int) {
    guard start < end else { return }
    step.apply(
      to: weights + start, gradients: gradients + start, state: averages.map { $0 + start },
      count: end - start)
  }
}
