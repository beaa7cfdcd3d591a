import WorkbenchCore

/// The members of a tar archive, read without trust: where each lies in the file. Names and sizes are
/// taken from the headers; links, folders and devices are passed over.
///
/// Specification: POSIX.1-2017, pax, "ustar Interchange Format"; sizes beyond 8 GiB as GNU tar and
/// Python write them, in base 256.
struct TarArchive {
  /// The regular files by name, each a range of the archive's bytes.
  private(set) var members: [String: Range<Int>] = [:]

  private static let blockByteCount = 512
  private static let memberLimit = 100_000

  /// Reads the headers.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  /// - Complexity: O(members); what they hold is not read.
  init(_ file: OpenFile) throws {
    var offset = 0
    var count = 0
    while offset < file.byteCount {
      let header = try file.bytes(at: offset, count: TarArchive.blockByteCount)
      guard header.count == TarArchive.blockByteCount else {
        throw TarArchive.damaged("it ends within a header")
      }
      if header.allSatisfy({ $0 == 0 }) { return }
      count += 1
      guard count <= TarArchive.memberLimit else {
        throw TarArchive.damaged("it has more than \(TarArchive.memberLimit) members")
      }
      // The sum of the header's bytes, its own eight taken for spaces.
      let sum = header.enumerated().reduce(0) {
        $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element))
      }
      guard TarArchive.number(header[148..<156]) == sum else {
        throw TarArchive.damaged("the checksum of a header is wrong")
      }
      let start = offset + TarArchive.blockByteCount
      guard let size = TarArchive.number(header[124..<136]), size <= file.byteCount - start else {
        throw TarArchive.damaged("a member reaches beyond its end")
      }
      // Regular files; 0 is what tar of Version 7 wrote.
      if [0, UInt8(ascii: "0")].contains(header[156]) {
        let name = TarArchive.text(header[0..<100])
        guard members.updateValue(start..<(start + size), forKey: name) == nil else {
          throw TarArchive.damaged("it has the member \(name) twice")
        }
      }
      let blocks = size / TarArchive.blockByteCount
      let isWhole = size.isMultiple(of: TarArchive.blockByteCount)
      offset = start + (blocks + (isWhole ? 0 : 1)) * TarArchive.blockByteCount
    }
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    let text = String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    return text.hasPrefix("./") ? String(text.dropFirst(2)) : text
  }

  /// A number in octal digits, or, with the first bit set, in base 256.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first & 0x80 != 0 {
      guard first == 0x80, field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
      return Int(exactly: field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
  }

  /// An archive that cannot be read.
  static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(
      .badData, "this tar archive is damaged: \(what)", remedy: "copy or download it again")
  }
}
