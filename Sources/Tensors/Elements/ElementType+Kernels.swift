package import CElements

extension ElementType {
  /// The kernels' name of a floating-point type. They are never given elements of another one.
  package var kernelType: WSLElementType {
    switch self {
    case .float64: WSLFloat64
    case .float16: WSLFloat16
    case .bfloat16: WSLBrainFloat16
    case .float8E4M3: WSLFloat8E4M3
    case .float8E5M2: WSLFloat8E5M2
    case .float8E4M3FNUZ: WSLFloat8E4M3FNUZ
    case .float8E5M2FNUZ: WSLFloat8E5M2FNUZ
    case .float32, .int64, .int32, .int16, .int8, .uint64, .uint32, .uint16, .uint8, .bool:
      WSLFloat32
    }
  }

  /// Converts elements of 8 bits to Float32, which is exact.
  ///
  /// - Complexity: O(elements).
  package func widenSmall(
    _ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Float>
  ) {
    let count = min(bytes.count, values.count)
    wsl_widen_small(
      kernelType, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), values.baseAddress,
      Int64(count))
  }

  /// The same to Float64.
  package func widenSmall(
    _ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Double>
  ) {
    wsl_widen(
      kernelType, bytes.baseAddress, values.baseAddress, Int64(min(bytes.count, values.count)))
  }

  /// The nearest element of 8 bits, ties to even. What is too large becomes infinite, or no number
  /// where the type has no infinities.
  package func narrowedSmall(_ value: Float) -> UInt8 {
    wsl_narrow_small(kernelType, Double(value))
  }

  /// The element of 8 bits with those bits, as a number.
  package func number(small bits: UInt8) -> Float {
    var bits = bits
    var value: Float = 0
    wsl_widen_small(kernelType, &bits, &value, 1)
    return value
  }
}
