package import Archives
import Support

/// The two addresses of an HDF5 superblock that tell whether a file is whole.
///
/// Specification: HDF5 File Format 3.0, section II.A.
package struct Superblock {
  /// Where the superblock says that the file begins.
  package var baseAddress: UInt64
  /// Where it says that the file ends.
  package var endOfFile: UInt64

  /// Reads a superblock of version 0 to 3; nil where its fields have widths of an uncommon size, or
  /// the version is another, about which libhdf5 will have its say.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count > 13 else { return nil }
    let version = bytes[8]
    let width: Int
    let first: Int
    switch version {
    case 0, 1:
      width = Int(bytes[13])
      first = version == 0 ? 24 : 28
    case 2, 3:
      width = Int(bytes[9])
      first = 12
    default: return nil
    }
    // Base address, another address, end of file.
    guard width == 8, bytes.count >= first + 24 else { return nil }
    func address(at index: Int) -> UInt64 {
      bytes[index..<(index + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    baseAddress = address(at: first)
    endOfFile = address(at: first + 16)
  }

  /// Checks that a file of that size holds all that its superblock promises.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  package static func check(_ file: OpenFile, window: FileWindow) throws {
    let bytes = try file.bytes(at: window.offset, count: min(96, window.byteCount))
    guard let block = Superblock(bytes) else { return }
    let promised = block.endOfFile.subtractingReportingOverflow(block.baseAddress)
    guard !promised.overflow, promised.partialValue <= UInt64(window.byteCount) else {
      throw Diagnostic(
        .badData,
        "the file is truncated: it should have \(promised.partialValue) bytes, and has "
          + "\(window.byteCount)", remedy: "copy or download it again")
    }
  }
}

/// A range of bytes of a file, in which an HDF5 file lies.
package struct FileWindow: Sendable, Hashable {
  /// Where it begins.
  package var offset: Int
  /// How long it is.
  package var byteCount: Int

  package init(offset: Int, byteCount: Int) {
    self.offset = offset
    self.byteCount = byteCount
  }
}
