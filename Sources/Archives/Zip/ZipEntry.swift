/// One member of a zip archive, as its central directory tells it.
///
/// Specification: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central
/// directory), 4.5.3 (zip64).
package struct ZipEntry: Sendable {
  /// How the bytes are stored.
  package enum Method: UInt16, Sendable {
    case stored = 0
    case deflated = 8
  }

  /// Versions, flags, times and attributes that are kept as they are.
  package var madeBy: UInt16
  package var neededVersion: UInt16
  package var flags: UInt16
  package var method: UInt16
  package var time: UInt32
  package var checksum: UInt32
  package var storedByteCount: Int
  package var byteCount: Int
  package var internalAttributes: UInt16
  package var externalAttributes: UInt32
  /// Where the local header begins.
  package var headerOffset: Int
  package var name: [UInt8]
  /// Extra fields without the zip64 one.
  package var extra: [UInt8]
  package var comment: [UInt8]
  /// Where the bytes begin; known once the local header was read.
  package var dataOffset = 0
  /// Where its record of the directory begins.
  package var recordOffset = 0

  /// The name as text.
  package var text: String { String(decoding: name, as: UTF8.self) }

  /// The first byte after the member's data.
  package var dataEnd: Int { dataOffset + storedByteCount }

  /// Whether the sizes come after the data, too.
  package var hasDescriptor: Bool { flags & 8 != 0 }

  /// Reads one record of the central directory; nil where it is damaged.
  package init?(_ cursor: inout ByteCursor) {
    guard cursor.field(UInt32.self) == 0x0201_4B50, let madeBy = cursor.field(UInt16.self),
      let neededVersion = cursor.field(UInt16.self), let flags = cursor.field(UInt16.self),
      let method = cursor.field(UInt16.self), let time = cursor.field(UInt32.self),
      let checksum = cursor.field(UInt32.self), let stored = cursor.field(UInt32.self),
      let size = cursor.field(UInt32.self), let nameLength = cursor.field(UInt16.self),
      let extraLength = cursor.field(UInt16.self), let commentLength = cursor.field(UInt16.self),
      let disk = cursor.field(UInt16.self), let internalAttributes = cursor.field(UInt16.self),
      let externalAttributes = cursor.field(UInt32.self), let offset = cursor.field(UInt32.self),
      let name = cursor.block(Int(nameLength)), let extra = cursor.block(Int(extraLength)),
      let comment = cursor.block(Int(commentLength)), disk == 0
    else { return nil }
    self.madeBy = madeBy
    self.neededVersion = neededVersion
    self.flags = flags
    self.method = method
    self.time = time
    self.checksum = checksum
    self.internalAttributes = internalAttributes
    self.externalAttributes = externalAttributes
    self.name = Array(name)
    self.comment = Array(comment)
    guard
      let fields = ZipEntry.widen(
        extra, size: UInt64(size), stored: UInt64(stored), offset: UInt64(offset)),
      let byteCount = Int(exactly: fields.size), let storedByteCount = Int(exactly: fields.stored),
      let headerOffset = Int(exactly: fields.offset)
    else { return nil }
    self.byteCount = byteCount
    self.storedByteCount = storedByteCount
    self.headerOffset = headerOffset
    self.extra = fields.rest
  }

  /// Replaces the fields that are all ones by those of the zip64 extra field.
  private static func widen(
    _ extra: ArraySlice<UInt8>, size: UInt64, stored: UInt64, offset: UInt64
  ) -> (size: UInt64, stored: UInt64, offset: UInt64, rest: [UInt8])? {
    var (size, stored, offset) = (size, stored, offset)
    var rest: [UInt8] = []
    var cursor = ByteCursor(extra)
    while let id = cursor.field(UInt16.self) {
      guard let length = cursor.field(UInt16.self), let body = cursor.block(Int(length)) else {
        return nil
      }
      guard id == 1 else {
        append(id, to: &rest)
        append(length, to: &rest)
        rest += body
        continue
      }
      var wide = ByteCursor(body)
      for field in [\Widened.size, \Widened.stored, \Widened.offset] {
        var all = Widened(size: size, stored: stored, offset: offset)
        guard all[keyPath: field] == 0xFFFF_FFFF else { continue }
        guard let value = wide.field(UInt64.self) else { return nil }
        all[keyPath: field] = value
        (size, stored, offset) = (all.size, all.stored, all.offset)
      }
    }
    return (size, stored, offset, rest)
  }

  private struct Widened {
    var size: UInt64
    var stored: UInt64
    var offset: UInt64
  }

  /// The member's record of the central directory.
  package func centralRecord() -> [UInt8] {
    var wide: [UInt8] = []
    for value in [byteCount, storedByteCount, headerOffset] where value >= 0xFFFF_FFFF {
      append(UInt64(value), to: &wide)
    }
    var fields = extra
    if !wide.isEmpty {
      append(UInt16(1), to: &fields)
      append(UInt16(wide.count), to: &fields)
      fields += wide
    }
    var record: [UInt8] = []
    append(UInt32(0x0201_4B50), to: &record)
    append(madeBy, to: &record)
    append(wide.isEmpty ? neededVersion : max(45, neededVersion), to: &record)
    append(flags, to: &record)
    append(method, to: &record)
    append(time, to: &record)
    append(checksum, to: &record)
    append(UInt32(min(storedByteCount, 0xFFFF_FFFF)), to: &record)
    append(UInt32(min(byteCount, 0xFFFF_FFFF)), to: &record)
    append(UInt16(name.count), to: &record)
    append(UInt16(fields.count), to: &record)
    append(UInt16(comment.count), to: &record)
    append(UInt16(0), to: &record)
    append(internalAttributes, to: &record)
    append(externalAttributes, to: &record)
    append(UInt32(min(headerOffset, 0xFFFF_FFFF)), to: &record)
    return record + name + fields + comment
  }

  /// The member's local header, with its sizes in place.
  package func localHeader() -> [UInt8] {
    let isWide = byteCount >= 0xFFFF_FFFF || storedByteCount >= 0xFFFF_FFFF
    var fields: [UInt8] = []
    if isWide {
      append(UInt16(1), to: &fields)
      append(UInt16(16), to: &fields)
      append(UInt64(byteCount), to: &fields)
      append(UInt64(storedByteCount), to: &fields)
    }
    var header: [UInt8] = []
    append(UInt32(0x0403_4B50), to: &header)
    append(isWide ? max(45, neededVersion) : neededVersion, to: &header)
    append(flags, to: &header)
    append(method, to: &header)
    append(time, to: &header)
    append(checksum, to: &header)
    append(isWide ? UInt32.max : UInt32(storedByteCount), to: &header)
    append(isWide ? UInt32.max : UInt32(byteCount), to: &header)
    append(UInt16(name.count), to: &header)
    append(UInt16(fields.count), to: &header)
    return header + name + fields
  }
}
