import Support

/// NumPy's format for several named arrays: a zip archive of `.npy` files, stored or deflated.
struct NumPyArchive {
  /// The names, without `.npy`, in the archive's order.
  let names: [String]
  private let members: [String: Member]
  private let bytes: [UInt8]

  private struct Member {
    var method: Int
    var storedSize: Int
    var size: Int
    var header: Int
  }

  /// Reads the directory of an archive (PKWARE's APPNOTE.TXT, section 4.3; sizes beyond 4 GiB, in
  /// the zip64 form, are refused).
  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    let earliest = max(0, bytes.count - 22 - 65_535)
    let end = stride(from: bytes.count - 22, through: earliest, by: -1).first {
      NumPyArchive.word(bytes, $0) == 0x0605_4B50
    }
    guard bytes.count >= 22, let end else {
      throw Diagnostic(.badData, "this is not an npz archive")
    }
    let count = NumPyArchive.half(bytes, end + 10)
    var place = NumPyArchive.word(bytes, end + 16)
    var names: [String] = []
    var members: [String: Member] = [:]
    for _ in 0..<count {
      guard place >= 0, place + 46 <= end, NumPyArchive.word(bytes, place) == 0x0201_4B50 else {
        throw NumPyArchive.damaged
      }
      let nameLength = NumPyArchive.half(bytes, place + 28)
      guard place + 46 + nameLength <= end else { throw NumPyArchive.damaged }
      let file = String(decoding: bytes[place + 46..<place + 46 + nameLength], as: UTF8.self)
      let name = file.hasSuffix(".npy") ? String(file.dropLast(4)) : file
      guard members[name] == nil else { throw NumPyArchive.damaged }
      names.append(name)
      members[name] = Member(
        method: NumPyArchive.half(bytes, place + 10),
        storedSize: NumPyArchive.word(bytes, place + 20),
        size: NumPyArchive.word(bytes, place + 24), header: NumPyArchive.word(bytes, place + 42))
      place +=
        46 + nameLength + NumPyArchive.half(bytes, place + 30)
        + NumPyArchive.half(bytes, place + 32)
    }
    self.names = names
    self.members = members
  }

  /// One array of the archive.
  func array(_ name: String) throws -> NumericArray {
    guard let member = members[name] else {
      throw Diagnostic(.noInput, "the archive has no array of this name", at: [name])
    }
    guard member.header + 30 <= bytes.count,
      NumPyArchive.word(bytes, member.header) == 0x0403_4B50
    else { throw NumPyArchive.damaged.inside(name) }
    // numpy writes zip64 extras into local headers always; the directory's sizes are the plain ones.
    let start =
      member.header + 30 + NumPyArchive.half(bytes, member.header + 26)
      + NumPyArchive.half(bytes, member.header + 28)
    guard member.storedSize < 0xFFFF_FFFF, member.size < 0xFFFF_FFFF,
      start + member.storedSize <= bytes.count
    else { throw NumPyArchive.damaged.inside(name) }
    let stored = bytes[start..<start + member.storedSize]
    do {
      switch member.method {
      case 0: return try NumPyFile.read(Array(stored))
      case 8: return try NumPyFile.read(Deflate.inflate(stored, size: member.size))
      default:
        throw Diagnostic(.badData, "the array is compressed in a way that is not known")
      }
    } catch let error as Diagnostic {
      throw error.inside(name)
    }
  }

  private static func half(_ bytes: [UInt8], _ place: Int) -> Int {
    guard place >= 0, place + 2 <= bytes.count else { return 0 }
    return Int(bytes[place]) | Int(bytes[place + 1]) << 8
  }

  private static func word(_ bytes: [UInt8], _ place: Int) -> Int {
    half(bytes, place) | half(bytes, place + 2) << 16
  }

  private static var damaged: Diagnostic {
    Diagnostic(.badData, "the npz archive is damaged", remedy: "copy or save it again")
  }
}
