import Archives
import Catalogs
import CCodecs
package import Support
import Tensors

/// The attachment as safetensors has it, in base 64: many megabytes of a header, which are neither
/// parsed with it nor held as text.
package enum AttachmentText {
  /// How many bytes are put into letters at once; whole triples.
  private static let pieceByteCount = 3 << 18

  /// The number of letters of so many bytes.
  package static func letterCount(_ byteCount: Int) -> Int { (byteCount + 2) / 3 * 4 }

  /// Parses a header without its attachment.
  ///
  /// - Returns: the header with an empty text in its place, and where the letters are; nil where there
  ///   is none, or one that only the parser of the whole header understands.
  /// - Throws: `Diagnostic` of code `badData` where the rest is no JSON.
  package static func cut(_ header: [UInt8]) throws -> (rest: StrictJSON, letters: Range<Int>)? {
    let name = Array("\"\(Catalog.Attachment.key)\":\"".utf8)
    let letters = header.withUnsafeBufferPointer { all -> Range<Int>? in
      guard let base = all.baseAddress,
        let place = all.indices.dropLast(name.count).first(where: { place in
          all[place + 1] == name[1] && name.indices.allSatisfy { all[place + $0] == name[$0] }
        })
      else { return nil }
      let start = place + name.count
      let count = Int(wsl_base64_span(base + start, Int64(all.count - start)))
      guard count > 0, start + count < all.count, all[start + count] == UInt8(ascii: "\"") else {
        return nil
      }
      return start..<(start + count)
    }
    guard let letters else { return nil }
    let rest = try StrictJSON(
      parsing: Array(header[..<letters.lowerBound] + header[letters.upperBound...]))
    // It may have been another member's name, or a part of a text.
    guard rest["__metadata__"]?[Catalog.Attachment.key]?.string == "" else { return nil }
    return (rest, letters)
  }

  /// Writes bytes that come in pieces as letters, several threads at once.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`, without a location.
  package static func write(
    _ pieces: [[UInt8]], to descriptor: Int32, at offset: Int, jobs: Int?
  ) throws {
    var starts: [Int] = []
    let total = pieces.reduce(0) { sum, piece in
      starts.append(sum)
      return sum + piece.count
    }
    let size = pieceByteCount
    try forEachIndex(count: (total + size - 1) / size, jobs: jobs, workspace: { Space() }) {
      [starts] space, index in
      let range = (index * size)..<min(total, (index + 1) * size)
      let bytes = space.bytes.room(for: range.count)
      for (piece, start) in zip(pieces, starts) {
        let part = range.clamped(to: start..<(start + piece.count))
        if part.isEmpty { continue }
        piece.withUnsafeBytes { source in
          UnsafeMutableRawBufferPointer(rebasing: bytes[(part.lowerBound - range.lowerBound)...])
            .copyMemory(
              from: UnsafeRawBufferPointer(
                rebasing: source[(part.lowerBound - start)..<(part.upperBound - start)]))
        }
      }
      let text = space.text.room(for: letterCount(range.count))
      _ = wsl_base64_encode(
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int64(range.count),
        text.baseAddress?.assumingMemoryBound(to: UInt8.self))
      try writeFully(
        UnsafeRawBufferPointer(text), to: descriptor, at: offset + letterCount(range.lowerBound))
    }
  }

  private struct Space: ~Copyable {
    var bytes = ByteBuffer()
    var text = ByteBuffer()
  }
}

extension OpenFile {
  /// The bytes of a text in base 64; nil where it is none.
  package func base64Bytes(_ range: Range<Int>) throws -> [UInt8]? {
    guard range.lowerBound >= 0, range.upperBound <= byteCount, range.count % 4 == 0 else {
      return nil
    }
    var text = ByteBuffer()
    var isValid = true
    let bytes = try [UInt8](unsafeUninitializedCapacity: range.count / 4 * 3) { bytes, count in
      while isValid, count / 3 * 4 < range.count {
        let done = count / 3 * 4
        let piece = text.room(for: min(1 << 20, range.count - done))
        try read(into: piece, at: range.lowerBound + done)
        let decoded = wsl_base64_decode(
          piece.baseAddress?.assumingMemoryBound(to: UInt8.self), Int64(piece.count),
          bytes.baseAddress.map { $0 + count })
        // Only the last letters are fewer bytes.
        isValid =
          decoded == piece.count / 4 * 3 || (decoded > 0 && done + piece.count == range.count)
        count += Int(max(0, decoded))
        if done + piece.count == range.count { break }
      }
    }
    return isValid ? bytes : nil
  }
}
