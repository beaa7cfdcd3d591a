import Archives
public import Formats
import Support

/// An archive of weight files: a zip or tar archive (also compressed as a whole), or a packed zoo.
///
/// Members that are stored without compression are read in place; others are put into a file without
/// a name first. No name of a member ever becomes a path on disk, and no size is believed.
public struct ModelArchive: Sendable {
  /// A file in the archive.
  public struct Member: Sendable, Hashable {
    /// Its name, with slashes between folders.
    public var name: String
    /// Its size, as the archive claims.
    public var byteCount: Int
    /// What tells whether its contents are the same when the archive changed; nil where the archive
    /// does not say.
    public var stamp: String?
  }

  /// The path of the archive.
  public let path: String
  /// The files in it, in the order of their names.
  public let members: [Member]

  private let content: Content

  /// What the archive is.
  enum Content: Sendable {
    case tar(OpenFile, TarArchive)
    case zip(OpenFile, ZipArchive)
    case packed(PackedZoo)
  }

  /// The largest member that is unpacked.
  private static let memberLimit = 8 << 30

  /// Takes an archive whose directory was read.
  init(_ content: Content, path: String) {
    self.path = path
    self.content = content
    let found: [Member] =
      switch content {
      case .tar(_, let archive):
        archive.members.map { Member(name: $0.key, byteCount: $0.value.count) }
      case .zip(_, let archive):
        archive.entries.filter { !$0.text.hasSuffix("/") }.map {
          Member(name: $0.text, byteCount: $0.byteCount, stamp: "\($0.checksum):\($0.byteCount)")
        }
      case .packed(let zoo):
        zoo.members.map {
          Member(name: $0.name, byteCount: $0.pieces.byteCount, stamp: $0.sha256)
        }
      }
    members = found.sorted { $0.name < $1.name }
  }

  /// Opens a member, as if it were a file on disk.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is none of that name, `badData` where it is damaged
  ///   or no weight file.
  public func open(
    _ name: String, limits: WorkerLimits = WorkerLimits()
  ) async throws -> WeightFile {
    do {
      return try await WeightFile.open(member: try file(of: name), limits: limits)
    } catch let error as Diagnostic where error.code == .noInput {
      // The name of a part of a model stands behind its own.
      guard let mark = name.lastIndex(of: "#"), let file = try? file(of: String(name[..<mark]))
      else { throw error }
      return try await WeightFile.open(
        member: file, selection: String(name[name.index(after: mark)...]), limits: limits)
    }
  }

  /// The SHA-256 of a member, in hexadecimal digits.
  public func sha256(of name: String) throws -> String {
    if case .packed(let zoo) = content, let member = zoo.member(named: name) {
      return member.sha256
    }
    let file = try file(of: name)
    var hash = SHA256()
    var offset = 0
    while offset < file.byteCount {
      let piece = try file.bytes(at: offset, count: 1 << 20)
      hash.update(piece)
      offset += piece.count
    }
    return hash.finalize().hexadecimal
  }

  /// A member as a file: a window of the archive, or what was unpacked.
  func file(of name: String) throws -> OpenFile {
    let place = MemberPath(archive: path, member: name)
    do {
      switch content {
      case .tar(let file, let archive):
        guard let range = archive.members[name] else { throw ModelArchive.missing }
        return try OpenFile(member: place, of: file, range: range)
      case .zip(let file, let archive):
        guard let entry = archive.entry(named: name) else { throw ModelArchive.missing }
        if ZipEntry.Method(rawValue: entry.method) == .stored, entry.flags & 1 == 0 {
          guard entry.byteCount == entry.storedByteCount else {
            throw ZipArchive.damaged("the sizes of \(name) contradict each other")
          }
          return try OpenFile(member: place, of: file, range: entry.dataRange)
        }
        let content = try archive.unpacked(
          entry, of: file, limit: ModelArchive.memberLimit, as: place.text)
        return try OpenFile(member: place, of: content, range: 0..<content.byteCount)
      case .packed(let zoo):
        guard let member = zoo.member(named: name) else { throw ModelArchive.missing }
        return try ModelArchive.scratch(try zoo.bytes(of: member), place)
      }
    } catch var error as Diagnostic {
      error.location.removeAll { $0 == path || $0 == name }
      throw error.inside(place.text)
    }
  }

  /// Bytes as a file without a name.
  static func scratch(_ bytes: [UInt8], _ place: MemberPath) throws -> OpenFile {
    let unpacked = try UnpackedFile("member", expecting: bytes.count)
    try bytes.withUnsafeBytes { try unpacked.append($0) }
    let content = try unpacked.opened(as: place.text)
    return try OpenFile(member: place, of: content, range: 0..<bytes.count)
  }

  private static var missing: Diagnostic {
    Diagnostic(
      .noInput, "the archive has no such member",
      remedy: "\(action: .zooIndex) lists what an archive holds")
  }

  /// The error of an archive where one model is wanted.
  var needsMember: Diagnostic {
    // Ray Tune calls its checkpoints so.
    let models = members.filter {
      WeightFileName.isWeightFile($0.name) || $0.name.hasSuffix("/checkpoints")
    }
    guard let first = models.first ?? members.first else {
      return Diagnostic(.badData, "this archive is empty")
    }
    guard !models.isEmpty else {
      return Diagnostic(
        .badData, "this is an archive of \(members.count) files, and none is a weight file",
        remedy: WeightFile.remedy)
    }
    return Diagnostic(
      .usage, "this is an archive of \(models.count) weight files",
      remedy: "name one of them: '\(MemberPath(archive: path, member: first.name).text)'")
  }
}
