import Archives
import CHDF5
import Support

/// How the bytes of one tensor are made small without loss, each form with its number in files.
public enum TensorCoding: Int, Sendable, Hashable, Codable {
  /// Zstandard of the bytes as they are.
  case plain = 0
  /// Zstandard after byte k of all elements has been gathered.
  case shuffled = 1
  /// The bytes XOR those of the parent's tensor, Zstandard: for changes of few elements.
  case changes = 2
  /// Integer differences from the parent's tensor, shuffled, Zstandard: floating-point numbers are
  /// numbered in their order, so that near ones differ by little, and the sign of a difference is
  /// its last bit.
  case differences = 3
}

extension TensorCoding {
  /// The smallest form of a tensor.
  ///
  /// - Parameters:
  ///   - bytes: the elements as stored.
  ///   - elementByteCount: the size of an element.
  ///   - isFloatingPoint: whether elements are floating-point numbers.
  ///   - parent: the elements of a tensor that is like it, of the same size; nil without one.
  ///   - level: that of Zstandard.
  /// - Complexity: O(bytes), each form in turn.
  public static func encode(
    _ bytes: [UInt8], elementByteCount: Int, isFloatingPoint: Bool, parent: [UInt8]?, level: Int
  ) throws -> (coding: TensorCoding, bytes: [UInt8]) {
    var best: (coding: TensorCoding, bytes: [UInt8])?
    for coding in [TensorCoding.differences, .changes, .shuffled, .plain] {
      if coding == .differences || coding == .changes {
        guard let parent, parent.count == bytes.count else { continue }
        // Few changes compress to next to nothing as they are; otherwise shuffling is better.
        if coding == .changes, let best, best.bytes.count > bytes.count / 8 { continue }
      }
      let prepared = coding.prepared(bytes, elementByteCount, isFloatingPoint, parent ?? [])
      let packed = try Zstandard.compress(prepared, level: level)
      if packed.count < best?.bytes.count ?? .max { best = (coding, packed) }
      // Whoever is as near to its parent need not be tried without it.
      if coding == .changes || (parent == nil && coding == .shuffled), let best,
        best.bytes.count < bytes.count / 2
      {
        break
      }
    }
    return best ?? (.plain, [])
  }

  /// The elements again.
  ///
  /// - Parameter byteCount: how many bytes they have to be.
  /// - Throws: `Diagnostic` of code `badData`, without a location, where the bytes are damaged.
  public func decode(
    _ packed: [UInt8], byteCount: Int, elementByteCount: Int, isFloatingPoint: Bool,
    parent: [UInt8]?
  ) throws -> [UInt8] {
    let stored = try Zstandard.decompress(packed, byteCount: byteCount)
    switch self {
    case .plain: return stored
    case .shuffled: return TensorCoding.shuffled(stored, elementByteCount, back: true)
    case .changes, .differences:
      guard let parent, parent.count == byteCount else {
        throw Diagnostic(.badData, "the tensor that it differs from does not fit")
      }
      if self == .changes { return zip(stored, parent).map { $0 ^ $1 } }
      return TensorCoding.combined(
        TensorCoding.shuffled(stored, elementByteCount, back: true), parent, elementByteCount,
        isFloatingPoint, back: true)
    }
  }

  private func prepared(
    _ bytes: [UInt8], _ size: Int, _ isFloatingPoint: Bool, _ parent: [UInt8]
  ) -> [UInt8] {
    switch self {
    case .plain: bytes
    case .shuffled: TensorCoding.shuffled(bytes, size, back: false)
    case .changes: zip(bytes, parent).map { $0 ^ $1 }
    case .differences:
      TensorCoding.shuffled(
        TensorCoding.combined(bytes, parent, size, isFloatingPoint, back: false), size,
        back: false)
    }
  }

  private static func shuffled(_ bytes: [UInt8], _ size: Int, back: Bool) -> [UInt8] {
    guard size > 1, !bytes.isEmpty else { return bytes }
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
      bytes.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        if back {
          chdf5_unshuffle(from, to, bytes.count, size)
        } else {
          chdf5_shuffle(from, to, bytes.count, size)
        }
      }
      count = bytes.count
    }
  }

  private static func combined(
    _ bytes: [UInt8], _ parent: [UInt8], _ size: Int, _ isFloatingPoint: Bool, back: Bool
  ) -> [UInt8] {
    switch size {
    case 2: IntegerDifferences<UInt16>(isFloatingPoint).combined(bytes, parent, back: back)
    case 4: IntegerDifferences<UInt32>(isFloatingPoint).combined(bytes, parent, back: back)
    case 8: IntegerDifferences<UInt64>(isFloatingPoint).combined(bytes, parent, back: back)
    default: IntegerDifferences<UInt8>(false).combined(bytes, parent, back: back)
    }
  }
}

/// Differences of elements as integers of one size, modulo the size: always exact.
private struct IntegerDifferences<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable> {
  private let isFloatingPoint: Bool
  private let top = Word(1) << Word(Word.bitWidth - 1)

  init(_ isFloatingPoint: Bool) { self.isFloatingPoint = isFloatingPoint }

  /// The place of a floating-point number in their order.
  private func rank(_ bits: Word) -> Word {
    isFloatingPoint ? (bits & top != 0 ? ~bits : bits | top) : bits
  }

  private func bits(_ rank: Word) -> Word {
    isFloatingPoint ? (rank & top != 0 ? rank & ~top : ~rank) : rank
  }

  func combined(_ bytes: [UInt8], _ parent: [UInt8], back: Bool) -> [UInt8] {
    let size = MemoryLayout<Word>.size
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { target, initialized in
      let target = UnsafeMutableRawBufferPointer(target)
      bytes.withUnsafeBytes { bytes in
        parent.withUnsafeBytes { parent in
          for offset in stride(from: 0, to: bytes.count - size + 1, by: size) {
            let own = Word(
              littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Word.self))
            let other = rank(
              Word(littleEndian: parent.loadUnaligned(fromByteOffset: offset, as: Word.self)))
            let result: Word
            if back {
              result = bits(other &+ ((own >> 1) ^ (0 &- (own & 1))))
            } else {
              let difference = rank(own) &- other
              result = (difference << 1) ^ (0 &- (difference >> Word(Word.bitWidth - 1)))
            }
            target.storeBytes(of: result.littleEndian, toByteOffset: offset, as: Word.self)
          }
        }
      }
      initialized = bytes.count
    }
  }
}
