import Catalogs

/// Follows the links within an HDF5 file, hard and soft: what has two names is listed under both.
///
/// Only a link that leads back to a group that it is in stays a link.
package struct LinkedObjects {
  /// An object or a link, in the file's order.
  enum Listed {
    case group(String)
    /// By its place in the catalogue.
    case tensor(Int)
    /// By its place in the catalogue.
    case skipped(Int)
    case link(String)
  }

  /// How many further names links may make, all together: a small file can make very many.
  private static let nameLimit = 1 << 16
  private static let nameByteLimit = 4096
  private static let depthLimit = 256

  private var listed: [Listed] = []
  private var targets: [String: String] = [:]
  private var placed: Set<String> = []

  /// Takes an object in its place.
  mutating func list(_ object: Listed) {
    if case .link(let name) = object, !placed.insert(name).inserted { return }
    listed.append(object)
  }

  /// Takes what a link names: the name under which it is listed; the root's is empty.
  mutating func add(_ name: String, _ target: String) {
    targets[name] = target
    list(.link(name))
  }

  /// The catalogue with what links name.
  ///
  /// - Complexity: O(objects and further names).
  func followed(in catalog: Catalog) -> Catalog {
    if placed.isEmpty { return catalog }
    var walk = Walk(catalog, listed, targets)
    for object in listed { walk.take(object) }
    return walk.result
  }

  /// The catalogue on its way.
  private struct Walk {
    private let source: Catalog
    private let targets: [String: String]
    private var objects: [String: Listed] = [:]
    /// The names of what is in a group, in their order.
    private var members: [String: [String]] = [:]
    private var furtherNames = 0
    private(set) var result: Catalog

    init(_ catalog: Catalog, _ listed: [Listed], _ targets: [String: String]) {
      source = catalog
      self.targets = targets
      result = catalog
      (result.groups, result.tensors) = ([], [])
      // What is no tensor, as an attribute, has no other name.
      result.skipped = catalog.skipped.filter { $0.tensor == nil }
      for object in listed {
        let name = name(of: object)
        if objects[name] == nil { objects[name] = object }
        members[LinkedObjects.parent(of: name), default: []].append(name)
      }
    }

    private func name(of object: Listed) -> String {
      switch object {
      case .group(let name), .link(let name): name
      case .tensor(let place): source.tensors[place].name
      case .skipped(let place): source.skipped[place].name
      }
    }

    /// Takes an object over, and follows a link.
    mutating func take(_ object: Listed) {
      switch object {
      case .group(let name): result.groups.append(name)
      case .tensor(let place): result.tensors.append(source.tensors[place])
      case .skipped(let place): result.skipped.append(source.skipped[place])
      case .link(let name):
        follow(name, to: targets[name], within: LinkedObjects.ancestors(of: name))
      }
    }

    /// Lists an object under a further name.
    ///
    /// - Parameter open: the groups that the name leads through, as they are listed.
    private mutating func follow(_ name: String, to target: String?, within open: Set<String>) {
      guard let target else { return skip(name, "a link to what is not listed") }
      if target.isEmpty || open.contains(target) {
        result.aliases[name] = target
        return
      }
      furtherNames += 1
      guard furtherNames <= LinkedObjects.nameLimit, open.count <= LinkedObjects.depthLimit,
        name.utf8.count <= LinkedObjects.nameByteLimit
      else { return skip(name, "its links make too many names, or too long ones") }
      if let attributes = source.attributes[target] { result.attributes[name] = attributes }
      switch objects[target] {
      case .tensor(let place):
        var entry = source.tensors[place]
        entry.name = name
        result.tensors.append(entry)
        result.linkedTensors[name] = target
      case .skipped(let place):
        var object = source.skipped[place]
        object.name = name
        object.tensor?.content?.name = name
        result.skipped.append(object)
      case .group:
        result.groups.append(name)
        for member in members[target] ?? [] {
          let other = name + "/" + LinkedObjects.lastWord(of: member)
          guard case .link = objects[member] else {
            follow(other, to: member, within: open.union([target]))
            continue
          }
          follow(other, to: targets[member], within: open.union([target]))
        }
      case .link, nil: skip(name, "a link to what is not listed")
      }
    }

    private mutating func skip(_ name: String, _ reason: String) {
      result.skipped.append(
        Catalog.Skipped(name: name, reason: reason, tensor: UnreadTensor()))
    }
  }

  private static func parent(of name: String) -> String {
    name.utf8.lastIndex(of: slash).map { String(name[..<$0]) } ?? ""
  }

  private static func lastWord(of name: String) -> Substring {
    name.utf8.lastIndex(of: slash).map { name[name.utf8.index(after: $0)...] } ?? name[...]
  }

  private static let slash = UInt8(ascii: "/")

  /// The groups that an object is in.
  private static func ancestors(of name: String) -> Set<String> {
    var groups: Set<String> = []
    var rest = parent(of: name)
    while !rest.isEmpty {
      groups.insert(rest)
      rest = parent(of: rest)
    }
    return groups
  }
}
