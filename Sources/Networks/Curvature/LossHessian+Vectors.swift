import CKernels

/// Directions on their way in, and products on their way out: in memory that a lane keeps, as fresh
/// memory costs a page fault every 4 KiB.
extension LossHessian.Lane {
  /// Makes room for vectors of so many numbers.
  func makeRoom(_ dimension: Int) {
    self.dimension = dimension
    flat = AlignedMemory(byteCount: dimension * MemoryLayout<Float>.stride)
  }

  /// Keeps a direction, times `scale`.
  func write(_ direction: [Double], scale: Double) {
    direction.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      wsl_scale_to_floats(base, scale, floats, Int64(values.count))
    }
  }

  /// Takes the direction that another lane keeps. Those of tensors that are not among `parameters` stay 0.
  func loadDirection(of parameters: [LossHessian.Parameter], from other: LossHessian.Lane) throws {
    var start = 0
    for parameter in parameters {
      if let slot = directions.slots[parameter.name] {
        try directions.load(slot, from: UnsafePointer(other.floats + start))
      }
      start += parameter.count
    }
  }

  /// Copies the product that the last pass left, tensor by tensor.
  func unloadProduct(of parameters: [LossHessian.Parameter]) throws {
    var start = 0
    for parameter in parameters {
      if let slot = directions.slots[parameter.name] {
        try directions.unloadGradient(slot, into: floats + start)
      }
      start += parameter.count
    }
  }

  /// Adds the product times a factor to a sum, or begins it.
  func addProduct(
    _ factor: Double, isFirst: Bool, to total: UnsafeMutableBufferPointer<Double>
  ) {
    guard let base = total.baseAddress else { return }
    if isFirst {
      wsl_scale_floats(floats, factor, base, Int64(dimension))
    } else {
      wsl_add_scaled_floats(floats, factor, base, Int64(dimension))
    }
  }

  private var floats: UnsafeMutablePointer<Float> {
    flat.base.assumingMemoryBound(to: Float.self)
  }
}
