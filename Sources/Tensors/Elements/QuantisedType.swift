import CElements

/// A type of numbers of few bits that are stored in blocks, each with scales of its own, as ggml has
/// them. They are read as Float32, exactly as the reference does, and never written.
///
/// Reference: `gguf.quants` of the package gguf.
public enum QuantisedType: String, Sendable, Hashable, CaseIterable {
  case q4Zero = "Q4_0"
  case q4One = "Q4_1"
  case q5Zero = "Q5_0"
  case q5One = "Q5_1"
  case q8Zero = "Q8_0"
  case q2K = "Q2_K"
  case q3K = "Q3_K"
  case q4K = "Q4_K"
  case q5K = "Q5_K"
  case q6K = "Q6_K"

  /// How many numbers one block has.
  public var blockLength: Int { Int(wsl_block_size(kernelType).count) }

  /// How many bytes one block takes.
  public var blockByteCount: Int { Int(wsl_block_size(kernelType).byteCount) }

  /// Whether blocks of big-endian files are read: those that the package's own converter between byte
  /// orders knows. Of the others nothing says which of their bytes are turned round.
  package var isReadBigEndian: Bool {
    switch self {
    case .q4Zero, .q8Zero, .q4K, .q6K: true
    case .q4One, .q5Zero, .q5One, .q2K, .q3K, .q5K: false
    }
  }

  /// The bytes that so many numbers take; nil where they do not fill whole blocks, or overflow.
  package func byteCount(of count: Int) -> Int? {
    guard count >= 0, count.isMultiple(of: blockLength) else { return nil }
    return checkedProduct([count / blockLength, blockByteCount])
  }

  /// Converts whole blocks to Float32.
  ///
  /// - Parameters:
  ///   - blocks: the bytes of whole blocks.
  ///   - values: memory for exactly their numbers.
  ///   - isBigEndian: whether scales are stored most significant byte first.
  /// - Complexity: O(numbers).
  package func dequantise(
    _ blocks: UnsafeRawBufferPointer, to values: UnsafeMutableRawBufferPointer, isBigEndian: Bool
  ) {
    let count = min(
      blocks.count / blockByteCount, values.count / (blockLength * MemoryLayout<Float>.size))
    guard count > 0 else { return }
    wsl_dequantise(
      kernelType, isBigEndian ? 1 : 0, blocks.baseAddress?.assumingMemoryBound(to: UInt8.self),
      values.baseAddress?.assumingMemoryBound(to: Float.self), Int64(count))
  }

  private var kernelType: WSLBlockType {
    switch self {
    case .q4Zero: WSLBlockQ4_0
    case .q4One: WSLBlockQ4_1
    case .q5Zero: WSLBlockQ5_0
    case .q5One: WSLBlockQ5_1
    case .q8Zero: WSLBlockQ8_0
    case .q2K: WSLBlockQ2_K
    case .q3K: WSLBlockQ3_K
    case .q4K: WSLBlockQ4_K
    case .q5K: WSLBlockQ5_K
    case .q6K: WSLBlockQ6_K
    }
  }
}
