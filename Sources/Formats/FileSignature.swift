package import Archives
import Support

/// What a file is, by its first bytes.
package enum FileSignature: Hashable {
  /// An HDF5 file whose superblock begins at that offset.
  case hdf5(superblockOffset: Int)
  /// A zip archive.
  case zip
  /// A tar archive.
  case tar
  /// A safetensors file.
  case safetensors
  /// One NumPy array.
  case numpy
  /// A GGUF file.
  case gguf
  /// An ONNX model.
  case onnx
  /// The index of a model whose tensors are spread over several files.
  case shardIndex
  /// A format that has a name but is not read.
  case known(String)
  /// Text, or something else.
  case unknown

  private static let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Looks at a file.
  package static func of(_ file: OpenFile) throws -> FileSignature {
    let start = try file.bytes(at: 0, count: 512)
    if start.starts(with: hdf5) { return .hdf5(superblockOffset: 0) }
    if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
    // Before the others: its first bytes are a length, which may look like another signature.
    if isSafeTensors(start) { return .safetensors }
    if start.starts(with: [0x93] + Array("NUMPY".utf8)) { return .numpy }
    if start.starts(with: Array("GGUF".utf8)) { return .gguf }
    if start.dropFirst(257).starts(with: Array("ustar".utf8)) { return .tar }
    if let name = name(of: start) { return .known(name) }
    // The name decides only where the bytes do not, so that a damaged file is called what it is.
    if file.path.hasSuffix(".safetensors") { return .safetensors }
    if file.path.hasSuffix(".json"), start.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      return .shardIndex
    }
    if file.path.hasSuffix(".onnx") || ONNXFile.isLikely(start) { return .onnx }
    // A user block before the superblock is 512 bytes, or a larger power of two.
    var offset = 512
    while offset < file.byteCount {
      if try file.bytes(at: offset, count: 8) == hdf5 { return .hdf5(superblockOffset: offset) }
      offset *= 2
    }
    return .unknown
  }

  /// safetensors: the length of the JSON header, then the header.
  private static func isSafeTensors(_ start: [UInt8]) -> Bool {
    guard start.count >= 9, start[8] == UInt8(ascii: "{") else { return false }
    return start[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } <= 100_000_000
  }

  private static func name(of start: [UInt8]) -> String? {
    let magics: [([UInt8], String)] = [
      ([0x1F, 0x8B], "a gzip-compressed file"),
      ([0x28, 0xB5, 0x2F, 0xFD], "a zstd-compressed file"), ([0x42, 0x5A, 0x68], "a bzip2 file"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz-compressed file"), ([0x80, 0x02], "a Python pickle"),
      ([0x80, 0x03], "a Python pickle"), ([0x80, 0x04], "a Python pickle"),
      ([0x80, 0x05], "a Python pickle"), (Array("CDF".utf8), "a NetCDF classic file"),
      ([0x0E, 0x03, 0x13, 0x01], "an HDF4 file"),
    ]
    if let magic = magics.first(where: { start.starts(with: $0.0) }) { return magic.1 }
    return nil
  }

  /// What a file without a signature looks like, for the error about it.
  package static func appearance(of start: [UInt8]) -> String {
    let sample = start.prefix(24)
    let isText = sample.allSatisfy {
      $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 9
    }
    if isText {
      let line = sample.prefix { $0 != 0x0A && $0 != 0x0D }
      return "it is text that starts with \"\(String(decoding: line, as: UTF8.self))\""
    }
    let digits = sample.prefix(8).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "it starts with the bytes \(digits.joined(separator: " "))"
  }
}
