import Archives
import Foundation
import Support
import Tensors
import WeightFiles

/// The record that goes with a patched model: a mark, the length of a JSON text, the text compressed,
/// then manifests, codes and residues as the text lists them, then the XXH3 checksum of all that.
extension PatchStack {
  private struct Text: Codable {
    struct Entry: Codable {
      var name: String
      var alpha: Double
      var aligned: Bool
      var tensors: [String]
      var payloadByteCount: Int
      var blockByteCount: Int
      var seal: String?
      /// The lengths of the manifest and of the blocks.
      var lengths: [Int]
    }

    struct Tensor: Codable {
      var name: String
      var original: String
      var patched: String
      var undo: Int
    }

    var version = PatchStack.version
    var tool: String
    var stack: [Entry]
    var tensors: [Tensor]
  }

  private static let mark = Array("WSLPATCH".utf8)
  private static let version = 3
  private static let largestText = 64 << 20
  private static let checksumByteCount = 16

  /// The record in pieces, of which those of the signatures are not copied; equal stacks make equal
  /// bytes.
  func encoded() throws -> [[UInt8]] {
    let text = Text(
      tool: tool,
      stack: entries.map { entry in
        Text.Entry(
          name: entry.name, alpha: entry.alpha, aligned: entry.isAligned, tensors: entry.tensors,
          payloadByteCount: entry.signature.payload.byteCount,
          blockByteCount: entry.signature.payload.blockByteCount, seal: entry.signature.seal?.text,
          lengths: [entry.signature.manifestBytes.count]
            + entry.signature.payload.blocks.map(\.count))
      },
      tensors: tensors.map {
        Text.Tensor(
          name: $0.name, original: $0.original, patched: $0.patched, undo: $0.undo.count)
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = try encoder.encode(text)
    let packed = try Zstandard.compress(Array(json), level: 19)
    var record = PatchStack.mark
    for count in [packed.count, json.count] {
      for byte in 0..<8 { record.append(UInt8(truncatingIfNeeded: count >> (8 * byte))) }
    }
    record += packed
    var pieces = [record]
    for entry in entries {
      pieces.append(entry.signature.manifestBytes)
      pieces += entry.signature.payload.blocks
    }
    pieces += tensors.map(\.undo)
    var checksum = try RunningChecksum()
    for piece in pieces { piece.withUnsafeBytes { checksum.update($0) } }
    return pieces + [checksum.bytes]
  }

  /// Reads a record and checks everything that it claims.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  init(parsing record: [UInt8]) throws {
    let end = record.count - PatchStack.checksumByteCount
    guard end >= 24, record.starts(with: PatchStack.mark) else { throw UndoRecord.damaged }
    var checksum = try RunningChecksum()
    record.withUnsafeBytes { checksum.update(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
    guard checksum.bytes.elementsEqual(record[end...]) else { throw UndoRecord.damaged }
    let lengths = [8, 16].map { start in
      (0..<8).reduce(0) { $0 | UInt64(record[start + $1]) << (8 * $1) }
    }
    guard lengths[0] <= UInt64(end - 24), lengths[1] <= UInt64(PatchStack.largestText) else {
      throw UndoRecord.damaged
    }
    var cursor = RecordCursor(record[24..<end])
    let packed = try cursor.take(Int(lengths[0]))
    let json = try Zstandard.decompress(Array(packed), byteCount: Int(lengths[1]))
    guard let text = try? JSONDecoder().decode(Text.self, from: Data(json))
    else { throw UndoRecord.damaged }
    guard text.version == PatchStack.version else {
      throw Diagnostic(
        .badData,
        "the record of its patches has version \(text.version), and this tool reads \(PatchStack.version)",
        remedy: "use the version that patched it")
    }
    tool = text.tool
    entries = try text.stack.map { try PatchStack.entry($0, &cursor) }
    tensors = try text.tensors.map { tensor in
      guard Digest.isDigest(tensor.original) else { throw UndoRecord.damaged }
      return Tensor(
        name: tensor.name, original: tensor.original, patched: tensor.patched,
        undo: Array(try cursor.take(tensor.undo)))
    }
    guard cursor.isAtEnd, Set(tensors.map(\.name)).count == tensors.count,
      Set(entries.map(\.name)).count == entries.count
    else { throw UndoRecord.damaged }
  }

  private static func entry(_ text: Text.Entry, _ cursor: inout RecordCursor) throws -> Entry {
    guard let first = text.lengths.first, text.alpha.isFinite else { throw UndoRecord.damaged }
    let manifestBytes = Array(try cursor.take(first))
    let manifest = try SignatureManifest(parsing: manifestBytes)
    let payload = try Payload(
      byteCount: text.payloadByteCount, blockByteCount: text.blockByteCount,
      blocks: try text.lengths.dropFirst().map { Array(try cursor.take($0)) })
    guard manifest.payloadByteCount == payload.byteCount, manifest.name == text.name,
      manifest.tensors.count == text.tensors.count,
      Set(text.tensors).count == text.tensors.count
    else { throw UndoRecord.damaged }
    return Entry(
      signature: Signature(
        manifest: manifest, manifestBytes: manifestBytes, payload: payload,
        // Earlier records kept that of the signature which was arranged, and it is of other codes.
        seal: text.aligned ? nil : try text.seal.map(SignatureSeal.init(parsing:))),
      alpha: text.alpha, tensors: text.tensors, isAligned: text.aligned)
  }
}

/// Takes lengths of a record, each checked.
private struct RecordCursor {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= rest.count else { throw UndoRecord.damaged }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
