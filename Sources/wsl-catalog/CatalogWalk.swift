import CatalogWire
import CHDF5

/// A walk over all objects of a file, depth first, in the file's own order.
struct CatalogWalk: ~Copyable {
  /// Bounds on what a file may make the walk do.
  enum Bound {
    static let objects = 1_000_000
    static let depth = 128
    static let nameByteCount = 4096
    static let gridCells: UInt64 = 1 << 22
    static let attributeByteCount = 64 << 20
    static let attributesOfObject = 100_000
    static let parameters = 64
    static let texts = 4096
    static let textByteCount = 1 << 16
  }

  private let file: hid_t
  private var names: [haddr_t: String] = [:]
  private var pending: [(name: String, address: haddr_t)] = []
  private var told = 0

  /// Tells everything about a file.
  static func run(file: borrowing Identifier, into answer: inout Answer) throws {
    var walk = CatalogWalk(file: file.raw)
    var root = H5O_info_t()
    try check(H5Oget_info2(file.raw, &root, UInt32(H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS)))
    walk.names[root.addr] = ""
    if root.num_attrs > 0 { _ = tellAttributes(of: file.raw, named: "", into: &answer) }
    let group = try Identifier(H5Gopen2(file.raw, "/", 0))
    try walk.visit(group, named: "", depth: 0, into: &answer)
    for link in walk.pending {
      if let target = walk.names[link.address] {
        answer.send(.alias(name: link.name, target: target))
      } else {
        answer.send(
          .unread(UnreadRecord(name: link.name, reason: "a soft link to what is not listed")))
      }
    }
  }

  private init(file: hid_t) { self.file = file }

  private mutating func visit(
    _ group: borrowing Identifier, named name: String, depth: Int, into answer: inout Answer
  ) throws {
    for link in try Links.names(of: group.raw) {
      told += 1
      guard told <= Bound.objects else {
        throw WorkerError(message: "the file has more than \(Bound.objects) objects")
      }
      guard let text = link.name, text.utf8.count <= Bound.nameByteCount else {
        let reason = "holds a link whose name is not UTF-8, or too long to be honest"
        answer.send(.unread(UnreadRecord(name: name, reason: reason)))
        continue
      }
      let path = name.isEmpty ? text : name + "/" + text
      do {
        try tell(link.kind, text, at: path, in: group, depth: depth, into: &answer)
      } catch let error as WorkerError {
        answer.send(
          .unread(UnreadRecord(name: path, reason: "cannot be opened: \(error.message)")))
      }
    }
  }

  private mutating func tell(
    _ kind: H5L_type_t, _ link: String, at path: String, in group: borrowing Identifier,
    depth: Int, into answer: inout Answer
  ) throws {
    switch kind {
    case H5L_TYPE_HARD: break
    case H5L_TYPE_SOFT:
      let target = try Links.softTarget(of: link, in: group.raw)
      var info = H5O_info_t()
      guard H5Oget_info_by_name2(group.raw, link, &info, UInt32(H5O_INFO_BASIC), 0) >= 0 else {
        H5Eclear2(0)
        let reason = "a soft link to \(target), which is not in this file"
        return answer.send(.unread(UnreadRecord(name: path, reason: reason)))
      }
      answer.send(.link(name: path))
      return pending.append((path, info.addr))
    case H5L_TYPE_EXTERNAL:
      let target = try Links.externalTarget(of: link, in: group.raw)
      let reason = "an external link to \(target), which is never followed"
      return answer.send(.unread(UnreadRecord(name: path, reason: reason)))
    default:
      let reason = "a link of a user-defined kind"
      return answer.send(.unread(UnreadRecord(name: path, reason: reason)))
    }
    var info = H5O_info_t()
    let fields = UInt32(H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS)
    let object = try Identifier(H5Oopen(group.raw, link, 0))
    try check(H5Oget_info2(object.raw, &info, fields))
    if let known = names[info.addr] {
      return answer.send(.alias(name: path, target: known))
    }
    names[info.addr] = path
    switch info.type {
    case H5O_TYPE_GROUP:
      answer.send(.group(name: path))
      if info.num_attrs > 0 { _ = tellAttributes(of: object.raw, named: path, into: &answer) }
      guard depth < Bound.depth else {
        let reason = "nested too deeply to be read"
        return answer.send(.unread(UnreadRecord(name: path, reason: reason)))
      }
      try visit(object, named: path, depth: depth + 1, into: &answer)
    case H5O_TYPE_DATASET:
      let attributes =
        info.num_attrs > 0 ? tellAttributes(of: object.raw, named: path, into: &answer) : [:]
      answer.send(record(of: object, named: path, attributes: attributes))
    case H5O_TYPE_NAMED_DATATYPE:
      answer.send(.skipped(name: path, reason: "a named type, not a data set"))
    default: answer.send(.skipped(name: path, reason: "an object of an unknown kind"))
    }
  }
}
