import Archives
import Foundation
import Support
import Tensors

/// Writes safetensors: the header's length, a JSON header, the tensors without gaps.
///
/// Laid out as the reference implementation does: tensors by alignment, the largest first, then by
/// name; the header padded with spaces to a multiple of eight.
struct SafetensorsWriter {
  private static let maximalHeaderByteCount = 100_000_000

  /// Writes a model.
  static func write(
    _ contents: ModelContents, to descriptor: Int32, through transfer: TensorTransfer
  ) throws {
    let names = StoredNames(contents.items.map(\.name), in: .safetensors)
    let order = contents.items.indices.sorted { one, two in
      let (a, b) = (contents.items[one], contents.items[two])
      if a.elementType.byteCount != b.elementType.byteCount {
        return a.elementType.byteCount > b.elementType.byteCount
      }
      return names.stored[one].utf8.lexicographicallyPrecedes(names.stored[two].utf8)
    }
    let items = order.map { contents.items[$0] }
    var metadata = contents.metadata(names)
    if order != Array(contents.items.indices) { metadata.order = contents.items.map(\.name) }
    var header = Array("{".utf8)
    let texts = try self.texts(contents, metadata)
    if !texts.isEmpty { header += try Array("\"__metadata__\":".utf8) + json(texts) }
    var offsets: [Int] = []
    var end = 0
    for (place, item) in items.enumerated() {
      if header.count > 1 { header.append(0x2C) }
      header += try json(names.stored[order[place]])
      let next = end + item.byteCount
      let shape = item.shape.map(String.init).joined(separator: ",")
      header += Array(
        ":{\"dtype\":\"\(item.elementType.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(end),\(next)]}"
          .utf8)
      offsets.append(end)
      end = next
    }
    header.append(0x7D)
    header += Array(repeating: 0x20, count: (8 - header.count % 8) % 8)
    guard header.count <= maximalHeaderByteCount else {
      throw Diagnostic(
        .cannotWrite, "its header would have \(header.count) bytes, and readers take 100 million",
        remedy: "write .h5")
    }
    var start: [UInt8] = []
    append(UInt64(header.count), to: &start)
    start += header
    try start.withUnsafeBytes { try writeFully($0, to: descriptor, at: 0) }
    try transfer.write(items, to: descriptor, at: offsets.map { $0 + start.count })
  }

  /// The metadata: the root's texts under their own names, all else under ours.
  private static func texts(
    _ contents: ModelContents, _ metadata: ContentsMetadata
  ) throws -> [String: String] {
    var metadata = metadata
    var texts: [String: String] = [:]
    for (name, value) in metadata.attributes?[""] ?? [:] where name != ContentsMetadata.key {
      guard let text = value.string else { continue }
      texts[name] = text
      metadata.attributes?[""]?[name] = nil
    }
    if metadata.attributes?[""]?.isEmpty == true { metadata.attributes?[""] = nil }
    if metadata.attributes?.isEmpty == true { metadata.attributes = nil }
    if !metadata.isEmpty {
      texts[ContentsMetadata.key] = String(decoding: try metadata.encoded(), as: UTF8.self)
    }
    return texts
  }

  private static func json(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(value)) } catch {
      throw Diagnostic(.failed, "a name cannot be written as JSON")
    }
  }
}

extension ModelContents {
  /// Everything beside the tensors, for a container that has a place only for these.
  func metadata(_ names: StoredNames) -> ContentsMetadata {
    var metadata = ContentsMetadata()
    metadata.names = names.renamed.isEmpty ? nil : names.renamed
    metadata.groups = groups.isEmpty ? nil : groups
    metadata.aliases = aliases.isEmpty ? nil : aliases
    metadata.attributes =
      attributes.isEmpty
      ? nil : attributes.mapValues { $0.mapValues(ContentsMetadata.Value.init) }
    metadata.documents = documents.isEmpty ? nil : documents.mapValues { Data($0) }
    return metadata
  }
}
