/// A function of the elements of two arrays of one length, element by element. Inlined, so that it is
/// one vectorised loop.
///
/// - Complexity: O(count).
@inline(__always)
func combined(
  _ left: [Float], _ right: [Float], _ body: (Float, Float) -> Float
) -> [Float] {
  precondition(left.count == right.count, "two arrays of one length are combined")
  return [Float](unsafeUninitializedCapacity: left.count) { target, initialized in
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        var index = 0
        while index < left.count {
          target[index] = body(left[index], right[index])
          index &+= 1
        }
      }
    }
    initialized = left.count
  }
}

/// Changes an array by a function of its elements and another's, without a second array.
///
/// - Complexity: O(count).
@inline(__always)
func combine(_ values: inout [Float], with others: [Float], _ body: (Float, Float) -> Float) {
  precondition(values.count == others.count, "two arrays of one length are combined")
  values.withUnsafeMutableBufferPointer { values in
    others.withUnsafeBufferPointer { others in
      var index = 0
      while index < values.count {
        values[index] = body(values[index], others[index])
        index &+= 1
      }
    }
  }
}
