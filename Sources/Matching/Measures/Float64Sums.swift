import Tensors

/// The inner product of Float32 arrays in Float64.
///
/// - Complexity: O(count).
func dotProduct(_ left: [Float], _ right: [Float]) -> Double {
  precondition(left.count == right.count, "an inner product takes two arrays of one length")
  return left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      sumOfLanes(left, right) { $0 * $1 }
    }
  }
}

/// The inner product of parts of Float32 arrays in Float64.
func dotProduct(_ left: ArraySlice<Float>, _ right: ArraySlice<Float>) -> Double {
  precondition(left.count == right.count, "an inner product takes two slices of one length")
  return left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      sumOfLanes(left, right) { $0 * $1 }
    }
  }
}

/// The sum of the squared differences of Float32 arrays in Float64.
///
/// - Complexity: O(count).
func squaredDistance(_ left: [Float], _ right: [Float]) -> Double {
  precondition(left.count == right.count, "a distance takes two arrays of one length")
  return left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      sumOfLanes(left, right) { first, second in
        let difference = first - second
        return difference * difference
      }
    }
  }
}

/// The squared distance between a tensor and another one in a new order.
func squaredDistance(_ left: Tensor, _ right: Tensor, _ gather: AxisGather?) -> Double {
  squaredDistance(left.values, (gather?.applied(to: right) ?? right).values)
}

/// The sum of the squares in Float64.
///
/// - Complexity: O(count).
func squareSum(_ values: [Float]) -> Double {
  dotProduct(values, values)
}

/// Adds up a function of two arrays' elements in eight lanes: a plain loop would wait for each
/// addition, because the compiler may not reorder them.
@inline(__always)
private func sumOfLanes(
  _ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>,
  _ term: (SIMD8<Double>, SIMD8<Double>) -> SIMD8<Double>
) -> Double {
  guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
  var lanes = SIMD8<Double>()
  var index = 0
  while index + 8 <= left.count {
    lanes += term(
      SIMD8<Double>(UnsafeRawPointer(first + index).loadUnaligned(as: SIMD8<Float>.self)),
      SIMD8<Double>(UnsafeRawPointer(second + index).loadUnaligned(as: SIMD8<Float>.self)))
    index += 8
  }
  var total = lanes.sum()
  while index < left.count {
    total +=
      term(
        SIMD8<Double>(repeating: Double(first[index])),
        SIMD8<Double>(repeating: Double(second[index])))[0]
    index += 1
  }
  return total
}
