@testable import Archives
@testable import WeightFiles

/// Makes zip archives as they should be, and as they should not.
struct ZipMaker {
  /// One member. What is told of it can be anything.
  struct Member {
    var name: String
    var bytes: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// The sizes and the checksum that the headers tell; nil for the right ones.
    var byteCount: UInt32?
    var storedByteCount: UInt32?
    var checksum: UInt32?
    /// Whether the sizes and the checksum come after the data, and are zero before it.
    var hasDescriptor = false
    /// Whether the directory tells the sizes in the zip64 way.
    var isWide = false
    /// The member whose header the directory points to instead.
    var headerOf: Int?
  }

  var members: [Member]

  /// The members of an archive of stored ones.
  init(_ path: String) throws {
    let file = try OpenFile(reading: path)
    members = try ZipArchive(file).entries.map { entry in
      Member(
        name: entry.text, bytes: try file.bytes(at: entry.dataOffset, count: entry.byteCount))
    }
  }

  /// An archive of some members.
  init(_ members: [Member]) { self.members = members }

  /// The place of the member whose name ends so.
  func index(_ ending: String) -> Int {
    members.firstIndex { $0.name.hasSuffix(ending) } ?? 0
  }

  /// The archive.
  func bytes() -> [UInt8] {
    var archive: [UInt8] = []
    var offsets: [Int] = []
    for member in members {
      offsets.append(archive.count)
      append(UInt32(0x0403_4B50), to: &archive)
      append(UInt16(20), to: &archive)
      fields(of: member, isLocal: true, to: &archive)
      append(UInt16(member.name.utf8.count), to: &archive)
      append(UInt16(0), to: &archive)
      archive += Array(member.name.utf8) + member.bytes
      if member.hasDescriptor {
        append(UInt32(0x0807_4B50), to: &archive)
        append(checksum(member), to: &archive)
        append(UInt32(member.bytes.count), to: &archive)
        append(UInt32(member.bytes.count), to: &archive)
      }
    }
    let start = archive.count
    for (index, member) in members.enumerated() {
      append(UInt32(0x0201_4B50), to: &archive)
      append(UInt16(20), to: &archive)
      append(UInt16(20), to: &archive)
      fields(of: member, isLocal: false, to: &archive)
      append(UInt16(member.name.utf8.count), to: &archive)
      append(UInt16(member.isWide ? 20 : 0), to: &archive)
      archive += [UInt8](repeating: 0, count: 10)
      append(UInt32(offsets[member.headerOf ?? index]), to: &archive)
      archive += Array(member.name.utf8)
      if member.isWide {
        append(UInt16(1), to: &archive)
        append(UInt16(16), to: &archive)
        append(UInt64(member.bytes.count), to: &archive)
        append(UInt64(member.bytes.count), to: &archive)
      }
    }
    return archive
      + ZipArchive.end(
        count: members.count, directoryOffset: start, directoryByteCount: archive.count - start,
        comment: [])
  }

  private func fields(of member: Member, isLocal: Bool, to bytes: inout [UInt8]) {
    let isLater = isLocal && member.hasDescriptor
    let isWide = !isLocal && member.isWide
    append(member.flags | (member.hasDescriptor ? 8 : 0), to: &bytes)
    append(member.method, to: &bytes)
    append(UInt32(0), to: &bytes)
    append(isLater ? 0 : checksum(member), to: &bytes)
    for told in [member.storedByteCount, member.byteCount] {
      let size: UInt32 = isWide ? .max : told ?? UInt32(member.bytes.count)
      append(isLater ? 0 : size, to: &bytes)
    }
  }

  private func checksum(_ member: Member) -> UInt32 {
    member.checksum ?? ZipMaker.checksum(of: member.bytes)
  }

  /// The checksum of some bytes.
  static func checksum(of bytes: [UInt8]) -> UInt32 {
    // CRC-32, bit by bit (PKWARE APPNOTE.TXT 4.4.7).
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 {
        let isOdd = sum & 1 == 1
        sum >>= 1
        if isOdd { sum ^= 0xEDB8_8320 }
      }
    }
    return ~sum
  }
}
