import Foundation
import Support

/// The table of a packed zoo.
package struct PackedIndex: Sendable, Codable {
  /// The version of the form.
  package static let version = 1
  /// How many steps may lead from a model to one that is stored whole. A packer makes fewer
  /// (`FamilyTree.largestDepth`); each step takes a model's memory.
  private static let largestDepth = 64

  package var version = PackedIndex.version
  package var members: [PackedMember] = []

  /// An empty table.
  package init() {}
}

extension PackedIndex {
  /// Reads a table and checks everything that it claims.
  ///
  /// - Parameters:
  ///   - table: JSON.
  ///   - archiveByteCount: the size of what the members lie in.
  /// - Throws: `Diagnostic` of code `badData`, with the member's name at most.
  init(parsing table: [UInt8], archiveByteCount: Int) throws {
    let damaged = Diagnostic(
      .badData, "its table is damaged", remedy: "take another copy of the archive")
    guard let read = try? JSONDecoder().decode(PackedIndex.self, from: Data(table)) else {
      throw damaged
    }
    guard read.version == PackedIndex.version else {
      throw Diagnostic(
        .badData, "it is of version \(read.version), and this tool reads \(PackedIndex.version)",
        remedy: "use a newer wsl")
    }
    var depths: [Int] = []
    for (place, member) in read.members.enumerated() {
      guard member.parent.map({ (0..<place).contains($0) }) ?? true,
        member.tensors.count == member.pieces.pieces.count, member.restByteCount >= 0,
        member.pieces.byteCount >= 0,
        (member.tensors + [member.rest]).allSatisfy({ $0.isWithin(archiveByteCount) })
      else { throw damaged.inside(member.name) }
      depths.append(member.parent.map { depths[$0] + 1 } ?? 0)
      guard depths[place] <= PackedIndex.largestDepth else { throw damaged.inside(member.name) }
    }
    self = read
  }
}

extension PackedMember.Stored {
  /// Whether its bytes lie in an archive of that size.
  func isWithin(_ byteCount: Int) -> Bool {
    offset >= 0 && count >= 0 && offset <= byteCount && count <= byteCount - offset
  }
}
