import Foundation
import Specs
import Support

/// A family of networks as a file describes it: how its files are recognised, what sizes they have, and
/// the layers in the words of descriptions. `docs/families.md` describes the format.
struct FamilyFile {
  /// A text with a condition.
  struct Remark {
    var condition: String?
    var says: String
  }

  /// By what its files are recognised.
  let head: FamilyHead
  private let document: SpecNode
  private let place: String

  private static let keys: Set<String> = [
    "family", "types", "optional", "tensors", "absent", "channels", "sizes", "agree", "left",
    "assumes",
    "notRunnable", "layers", "outputs", "requires",
  ]

  /// Reads a file.
  ///
  /// - Throws: `Diagnostic`: `noInput` where it cannot be read, `badData` where it is no family.
  init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path), data.count <= 4 << 20,
      let text = String(data: data, encoding: .utf8)
    else { throw Diagnostic(.noInput, "cannot read this description of a family", at: [path]) }
    try self.init(text: text, place: path)
  }

  /// Reads the text of a file.
  init(text: String, place: String) throws {
    let node = try SpecNode(parsing: text, file: place)
    do {
      guard let mapping = node.pairs, node["layers"]?.elements != nil else {
        throw Diagnostic(
          .badData, "a family has a name ('family'), 'tensors' that its files have, and 'layers'")
      }
      head = try FamilyHead(node)
      for (key, _) in mapping where !Self.keys.contains(key.text ?? "") {
        throw Diagnostic(
          .badData, "there is no key '\(key.text ?? "")' in a family",
          remedy: "the keys are \(Self.keys.sorted().joined(separator: ", "))")
      }
      document = node
      self.place = place
    } catch let error as Diagnostic {
      throw error.inside(place)
    }
  }

  /// Where the channels stand.
  var channelOrder: ModelGraph.ChannelOrder {
    get throws {
      switch document["channels"]?.text ?? "last" {
      case "last": .last
      case "first": .first
      case let other:
        throw Diagnostic(.badData, "channels is \(other), neither first nor last", at: [place])
      }
    }
  }

  /// The layers, as they are written.
  var layers: SpecNode { document["layers"] ?? SpecNode(list: []) }
  /// The sizes and their expressions, in order.
  var sizes: [(name: String, expression: String)] { get throws { try pairs("sizes") } }
  /// Sizes that a key of the configuration repeats.
  var agreements: [(name: String, expression: String)] { get throws { try pairs("agree") } }
  /// Tensors that are no weights, and what they are.
  var leftAlone: [(name: String, expression: String)] { get throws { try pairs("left") } }
  /// The names of the outputs; nil where the layers that nothing reads are meant.
  var outputs: [String]? {
    get throws { try document["outputs"].map { try GraphFileLayer.texts($0, "outputs") } }
  }
  /// What files do not say of the network.
  var assumptions: [Remark] { get throws { try remarks("assumes") } }
  /// When and why it cannot be run.
  var obstacles: [Remark] { get throws { try remarks("notRunnable") } }
  /// What must hold, and the error where it does not.
  var requirements: [Remark] { get throws { try remarks("requires") } }

  private func pairs(_ key: String) throws -> [(name: String, expression: String)] {
    guard let node = document[key], !node.isNull else { return [] }
    guard let mapping = node.pairs else {
      throw Diagnostic(.badData, "'\(key)' is no mapping", at: [place])
    }
    return try mapping.map { key, value in
      guard let name = key.text, let text = value.text else {
        throw Diagnostic(.badData, "'\(key)' holds something else than texts", at: [place])
      }
      return (name, text)
    }
  }

  private func remarks(_ key: String) throws -> [Remark] {
    guard let node = document[key], !node.isNull else { return [] }
    guard let list = node.elements else {
      throw Diagnostic(.badData, "'\(key)' is no list", at: [place])
    }
    return try list.map { item in
      guard let says = item["says"]?.text else {
        throw Diagnostic(.badData, "an entry of '\(key)' says nothing", at: [place])
      }
      return Remark(condition: item["when"]?.text, says: says)
    }
  }
}
