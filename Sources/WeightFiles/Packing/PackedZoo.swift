import Archives
import Catalogs
import Foundation
import Support
import Tensors

/// An archive that `ZooPacker` wrote, open for reading.
///
///     let zoo = try await PackedZoo.open("zoo.h5")
///     let file = try await zoo.open(zoo.members[0])   // a WeightFile as if it were on disk
public struct PackedZoo: Sendable {
  /// The models. A parent comes before what is stored as differences from it.
  public let members: [PackedMember]

  private let path: String
  private let data: TensorRanges
  private let byteCount: Int

  /// The name of the run of bytes that holds the models.
  package static let dataName = "data"
  /// The name of the run of bytes that holds the table.
  package static let tableName = "table"
  /// The attribute with the table's size before it was compressed.
  package static let tableByteCount = "table_bytes"

  /// Opens an archive and reads its table.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is no such file, `badData` where it is no archive
  ///   or is damaged.
  public static func open(_ path: String) async throws -> PackedZoo {
    try PackedZoo(await WeightFile.open(path))
  }

  /// Reads the table of an archive that is open.
  public init(_ file: WeightFile) throws {
    path = file.catalog.file
    guard file.catalog.isPackedZoo else {
      throw Diagnostic(
        .badData, "this is not a packed zoo", at: [path], remedy: "\(action: .zooPack) makes one")
    }
    let entry = try file.entry(named: PackedZoo.dataName)
    guard entry.elementType == .uint8,
      case .numbers(let sizes) = file.catalog.attributes[""]?[PackedZoo.tableByteCount],
      let size = sizes.first.flatMap({ Int(exactly: $0) }), (0...(1 << 31)).contains(size)
    else { throw Diagnostic(.badData, "its table is damaged", at: [path]) }
    data = try file.ranges(of: entry)
    byteCount = entry.byteCount
    do {
      let packed = try file.readBytes(try file.entry(named: PackedZoo.tableName))
      let table = try Zstandard.decompress(packed, byteCount: size)
      members = try PackedIndex(parsing: table, archiveByteCount: byteCount).members
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  /// An archive of which the table is known: what a fuzzer begins with.
  package init(table: [UInt8], data: TensorRanges, byteCount: Int, path: String) throws {
    self.path = path
    self.data = data
    self.byteCount = byteCount
    members = try PackedIndex(parsing: table, archiveByteCount: byteCount).members
  }

  /// The member of that name.
  public func member(named name: String) -> PackedMember? { members.first { $0.name == name } }

  /// The bytes of a member's file.
  ///
  /// - Throws: `Diagnostic` of code `badData` where they are not those that were packed.
  /// - Complexity: O(size of the member and of those it is differences from).
  public func bytes(of member: PackedMember) throws -> [UInt8] {
    do {
      let elements = try member.pieces.pieces.indices.map { try self.elements($0, of: member) }
      let whole = try member.pieces.joined(elements, rest: try rest(of: member))
      guard SHA256.digest(of: whole).hexadecimal == member.sha256 else {
        throw Diagnostic(
          .badData, "it is not what was packed",
          remedy: "the archive is damaged, or libdeflate compresses in another way here")
      }
      return whole
    } catch let error as Diagnostic { throw error.inside(member.name).inside(path) }
  }

  /// A member, opened as if its file were on disk.
  public func open(_ member: PackedMember) async throws -> WeightFile {
    try await WeightFile.open(
      bytes: try bytes(of: member), from: MemberPath(archive: path, member: member.name))
  }

  /// The elements of one tensor of a member, as its file stores them, without reading its others.
  public func elements(of tensor: String, in member: PackedMember) throws -> [UInt8] {
    guard let place = member.pieces.pieces.firstIndex(where: { $0.name == tensor }) else {
      throw Diagnostic(.badData, "it has no such tensor", at: [path, member.name, tensor])
    }
    do { return try elements(place, of: member) } catch let error as Diagnostic {
      throw error.inside(member.name).inside(path)
    }
  }

  private func elements(_ place: Int, of member: PackedMember) throws -> [UInt8] {
    let piece = member.pieces.pieces[place]
    let stored = member.tensors[place]
    guard let type = piece.elementType, let count = piece.byteCount, let coding = stored.coding,
      count <= 1 << 32 || count / 1000 <= stored.count
    else { throw Diagnostic(.badData, "its description makes no sense", at: [piece.name]) }
    var other: [UInt8]?
    if coding == .changes || coding == .differences {
      guard let parent = member.parent.map({ members[$0] }),
        let origin = parent.pieces.pieces.firstIndex(where: {
          $0.key == piece.key
        })
      else { throw Diagnostic(.badData, "what it differs from is not there", at: [piece.name]) }
      other = try elements(origin, of: parent)
    }
    do {
      return try coding.decode(
        try read(stored), byteCount: count, elementByteCount: type.byteCount,
        isFloatingPoint: type.isFloatingPoint, parent: other)
    } catch let error as Diagnostic { throw error.inside(piece.name) }
  }

  private func rest(of member: PackedMember) throws -> [UInt8] {
    let prefix = try member.parent.map { try rest(of: members[$0]) } ?? []
    guard member.restByteCount <= 1 << 32 || member.restByteCount / 1000 <= member.rest.count
    else { throw Diagnostic(.badData, "its description makes no sense") }
    return try Zstandard.decompress(
      try read(member.rest), byteCount: member.restByteCount, after: prefix)
  }

  private func read(_ stored: PackedMember.Stored) throws -> [UInt8] {
    try data.bytes(stored.offset..<(stored.offset + stored.count))
  }
}
