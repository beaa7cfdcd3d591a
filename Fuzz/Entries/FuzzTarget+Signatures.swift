import CElements
import Support

@testable import Archives
@testable import Formats
@testable import Signatures
@testable import WeightFiles

extension FuzzTarget {
  /// A number of two bytes, and what follows it.
  private static func counted(_ bytes: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)
  {
    guard bytes.count >= 2 else { return ([], []) }
    let count = Int(bytes[bytes.startIndex]) | Int(bytes[bytes.startIndex + 1]) << 8
    let rest = bytes.dropFirst(2)
    return (rest.prefix(count), rest.dropFirst(count))
  }

  /// A signature file behind libhdf5: the manifest, packed or its text, after its length, then the
  /// blocks of codes, each after its length. The last of them is also read as an Ed25519 signature and
  /// as a key.
  func parseSignature(_ bytes: [UInt8]) throws {
    var (manifestBytes, rest) = Self.counted(bytes[...])
    var blocks: [[UInt8]] = []
    while !rest.isEmpty {
      let (block, next) = Self.counted(rest)
      blocks.append(Array(block))
      rest = next
    }
    let last = String(decoding: blocks.last ?? [], as: UTF8.self)
    for kind in [SigningKey.Kind.private, .public] {
      do { _ = try SigningKey(kind, parsing: last) } catch is Diagnostic {}
    }
    do { _ = try SignatureSeal(parsing: last) } catch is Diagnostic {}
    if manifestBytes.first != UInt8(ascii: "{") {
      manifestBytes = try PackedManifest.text(Array(manifestBytes))[...]
    }
    let manifest = try SignatureManifest(parsing: Array(manifestBytes))
    let payload = try Payload(
      byteCount: manifest.payloadByteCount,
      blockByteCount: Payload.blockByteCount(for: manifest.payloadByteCount), blocks: blocks)
    try read(
      Signature(manifest: manifest, manifestBytes: Array(manifestBytes), payload: payload))
  }

  /// The record of a patched model. The digest at its end is put there, and its text is compressed
  /// here, so that what is behind them is reached: length of the text, text, rest.
  func parsePatch(_ bytes: [UInt8]) throws {
    let (text, rest) = Self.counted(bytes[...])
    let packed = try Zstandard.compress(Array(text), level: 1)
    var record = Array("WSLPATCH".utf8)
    for count in [packed.count, text.count] {
      for byte in 0..<8 { record.append(UInt8(truncatingIfNeeded: count >> (8 * byte))) }
    }
    // What is no text is a record as it is, but for its digest.
    if bytes.starts(with: record[..<8]) { record = bytes } else { record += packed + rest }
    var checksum = try RunningChecksum()
    record.withUnsafeBytes { checksum.update($0) }
    record += checksum.bytes
    let stack = try PatchStack(parsing: record)
    for entry in stack.entries {
      do { try read(entry.signature) } catch is Diagnostic {}
    }
    for tensor in stack.tensors {
      do { try restore(tensor.undo) } catch is Diagnostic {}
    }
  }

  /// The residues of a tensor's first elements.
  private func restore(_ undo: [UInt8]) throws {
    let count = 64
    var position = 0
    var buffer = try UndoBuffer()
    try buffer.take(count, from: undo, at: &position)
    var elements = [Float](repeating: 1, count: count)
    // Every other element has a residue.
    let added = (0..<count).map { Double($0 % 2) }
    try elements.withUnsafeMutableBytes {
      try buffer.restore($0, WSLFloat32, count: count, add: added, keep: 1)
    }
    try buffer.checkUsed()
  }

  private func read(_ signature: Signature) throws {
    _ = signature.identifier
    for tensor in signature.manifest.tensors.prefix(4)
    where tensor.elementCount <= Self.elementByteLimit / 8 {
      let values = try signature.values(of: tensor)
      precondition(values.count == tensor.elementCount, "as many as the shape says")
    }
  }

  /// Reads the record that a file carries, as `wsl patch --list` does.
  func readAttachment(_ parsed: ParsedFile) throws {
    guard let first = parsed.parts.first else { return }
    var file = parsed
    file.catalog.setAttachmentAside()
    _ = try PatchStack.of(WeightFile(file, file: first))
  }
}
