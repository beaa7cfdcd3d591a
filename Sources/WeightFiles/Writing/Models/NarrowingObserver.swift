import Synchronization
import Tensors

/// Looks at the Float32 elements of one tensor as they pass, and finds out whether all of them are
/// values of BF16 or of F16: the file then holds a narrower model in twice the room.
///
/// Threads look at ranges of their own, in any order; the findings do not depend on it.
final class NarrowingObserver: Sendable {
  private struct Findings {
    var bits: UInt32 = 0
    var isHalf = true
  }

  private let findings = Mutex(Findings())

  /// Takes some elements into account.
  ///
  /// - Complexity: O(elements), and a few elements where it is known already that none will do.
  func look(at bytes: UnsafeRawBufferPointer) {
    let (bits, isHalf) = findings.withLock { ($0.bits, $0.isHalf) }
    if bits & 0xFFFF != 0 && !isHalf { return }
    var found = Findings(bits: bits, isHalf: isHalf)
    let count = bytes.count / 4
    var index = 0
    while index < count, found.bits & 0xFFFF != 0 ? found.isHalf : true {
      let end = min(count, index + 1024)
      var seen: UInt32 = 0
      for position in index..<end {
        seen |= bytes.loadUnaligned(fromByteOffset: position * 4, as: UInt32.self)
      }
      found.bits |= seen
      // A half has 10 bits of mantissa; below its normal numbers fewer.
      if found.isHalf {
        found.isHalf = (index..<end).allSatisfy { position in
          isExactHalf(bytes.loadUnaligned(fromByteOffset: position * 4, as: UInt32.self))
        }
      }
      index = end
    }
    findings.withLock {
      $0.bits |= found.bits
      $0.isHalf = $0.isHalf && found.isHalf
    }
  }

  /// The narrower types that hold every element that was seen.
  var types: Set<ElementType> {
    let found = findings.withLock { $0 }
    return Set(
      (found.bits & 0xFFFF == 0 ? [ElementType.bfloat16] : []) + (found.isHalf ? [.float16] : []))
  }

  /// Whether some element is neither zero nor a power of two: zeros and ones, which fresh biases and
  /// scales are, say nothing about how the model was stored before.
  var isEvidence: Bool { findings.withLock { $0.bits & 0x7F_FFFF != 0 } }
}

/// Whether a Float32 of these bits is the value of a half.
@inline(__always)
private func isExactHalf(_ bits: UInt32) -> Bool {
  let half = narrowedToHalf(Float(bitPattern: bits))
  return widenedHalf(half).bitPattern == bits
}

extension ElementType {
  /// Narrows Float32 elements that are values of this type, BF16 or F16.
  func narrowExactly(_ bytes: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer) {
    for index in 0..<(output.count / 2) {
      let bits = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
      let value =
        self == .bfloat16 ? UInt16(bits >> 16) : narrowedToHalf(Float(bitPattern: bits))
      output.storeBytes(of: value.littleEndian, toByteOffset: index * 2, as: UInt16.self)
    }
  }
}
