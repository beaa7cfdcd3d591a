package import Support

/// The members of a tar archive, read without trust: where each lies in the file. Names and sizes are
/// taken from the headers; links, folders and devices are passed over.
///
/// Specification: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; long names
/// (type L) and sizes beyond 8 GiB (base 256) as GNU tar and Python write them.
package struct TarArchive: Sendable {
  /// The regular files by name, each a range of the archive's bytes.
  package var members: [String: Range<Int>] = [:]

  private static let blockByteCount = 512
  private static let memberLimit = 1_000_000
  private static let extensionLimit = 1 << 20

  /// Reads the headers.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  /// - Complexity: O(members); what they hold is not read.
  package init(_ file: OpenFile) throws {
    var offset = 0
    var count = 0
    // What an extension says of the next member.
    var (longName, longSize): (String?, Int?) = (nil, nil)
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
      guard let stated = TarArchive.number(header[124..<136]) else {
        throw TarArchive.damaged("the size of a member is no number")
      }
      let isExtension = "LKxg".utf8.contains(header[156])
      let size = isExtension ? stated : longSize ?? stated
      guard size >= 0, size <= file.byteCount - start else {
        throw TarArchive.damaged("a member reaches beyond its end")
      }
      switch header[156] {
      case UInt8(ascii: "L"), UInt8(ascii: "x"):
        guard size <= TarArchive.extensionLimit else {
          throw TarArchive.damaged("the name of a member is absurdly long")
        }
        let bytes = try file.bytes(at: start, count: size)
        if header[156] == UInt8(ascii: "L") {
          longName = TarArchive.text(bytes[...])
        } else {
          let records = try TarArchive.records(bytes)
          longName = records["path"].map(TarArchive.plain) ?? longName
          longSize = try records["size"].map { text in
            guard let size = Int(text) else { throw TarArchive.damaged("a size is no number") }
            return size
          }
        }
      default: break
      }
      // Regular files; 0 is what tar of Version 7 wrote.
      if [0, UInt8(ascii: "0")].contains(header[156]) {
        let name = longName ?? TarArchive.name(header)
        guard members.updateValue(start..<(start + size), forKey: name) == nil else {
          throw TarArchive.damaged("it has the member \(name) twice")
        }
      }
      if !isExtension { (longName, longSize) = (nil, nil) }
      let blocks = size / TarArchive.blockByteCount
      let isWhole = size.isMultiple(of: TarArchive.blockByteCount)
      offset = start + (blocks + (isWhole ? 0 : 1)) * TarArchive.blockByteCount
    }
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String {
    plain(String(decoding: field.prefix { $0 != 0 }, as: UTF8.self))
  }

  private static func plain(_ name: String) -> String {
    name.hasPrefix("./") ? String(name.dropFirst(2)) : name
  }

  /// A header's name, with the folder that POSIX puts into another field.
  private static func name(_ header: [UInt8]) -> String {
    let name = text(header[0..<100])
    guard header[257..<263].elementsEqual(Array("ustar".utf8) + [0]) else { return name }
    let folder = text(header[345..<500])
    return folder.isEmpty ? name : folder + "/" + name
  }

  /// The records of a pax header: each its length, a space, `key=value`, a line break.
  private static func records(_ bytes: [UInt8]) throws -> [String: String] {
    var records: [String: String] = [:]
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: 0x20), space - rest.startIndex < 10,
        let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
        length > space - rest.startIndex + 1, length <= rest.count
      else { throw damaged("an extended header is damaged") }
      let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
      rest = rest.dropFirst(length)
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
        throw damaged("an extended header is damaged")
      }
      records[String(decoding: record[..<equals], as: UTF8.self)] =
        String(decoding: record[(equals + 1)...], as: UTF8.self)
    }
    return records
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
  package static func damaged(_ what: String) -> Diagnostic {
    Diagnostic(
      .badData, "this tar archive is damaged: \(what)", remedy: "copy or download it again")
  }
}
