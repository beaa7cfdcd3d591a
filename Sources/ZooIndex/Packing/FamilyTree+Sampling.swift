import Tensors
import WeightFiles

extension FamilyTree {
  /// Samples of a model's tensors, by name, shape and type.
  static func samples(_ pieces: FilePieces, _ elements: [[UInt8]]) -> [String: Sample] {
    var samples: [String: Sample] = [:]
    for (piece, bytes) in zip(pieces.pieces, elements) {
      guard let type = piece.elementType else { continue }
      let size = type.byteCount
      let count = bytes.count / size
      let step = max(1, count / sampleCount)
      let ranks = stride(from: 0, to: count, by: step).prefix(sampleCount).map { index in
        rank(bytes[(index * size)..<((index + 1) * size)], type.isFloatingPoint)
      }
      samples[piece.key] = Sample(
        ranks: Array(ranks), bitCount: Double(8 * bytes.count), width: 8 * size)
    }
    return samples
  }

  /// The number of an element in the order of its type.
  private static func rank(_ bytes: ArraySlice<UInt8>, _ isFloatingPoint: Bool) -> Int64 {
    var bits: UInt64 = 0
    for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
    guard isFloatingPoint else { return Int64(truncatingIfNeeded: bits) }
    let top = UInt64(1) << UInt64(8 * bytes.count - 1)
    let magnitude = Int64(truncatingIfNeeded: bits & (top - 1))
    return bits & top == 0 ? magnitude : -magnitude
  }
}
