import Catalogs
import Support

/// What a file says beside its tensors, as the bytes of a cell: attributes, groups, and what is not
/// offered. With it a scan knows the network of an HDF5 file without opening the file's container.
///
/// Long texts, such as the description of a Keras model, are the same in many models of a zoo. They are
/// counted here and stand in a table of their own.
struct HeadCode: Sendable {
  private static let version: UInt8 = 1
  /// Texts of so many bytes and more stand in the table.
  private static let longByteCount = 96

  /// The bytes of the cell.
  var bytes: [UInt8]
  /// The long texts, in the order in which the bytes count them.
  var texts: [String]

  /// What a catalogue says. Nil where more is needed than is kept: tensors that are not read, further
  /// names of groups and tensors, documents.
  init?(_ catalog: Catalog) {
    guard catalog.format == .hdf5, catalog.isAddressable, catalog.parts.count == 1,
      catalog.documents.isEmpty, catalog.aliases.isEmpty, catalog.linkedTensors.isEmpty,
      catalog.attachment == nil, catalog.skipped.allSatisfy({ $0.tensorCount == 0 })
    else { return nil }
    var writer = CodeWriter()
    writer.bytes = [HeadCode.version]
    var texts: [String] = []
    func put(_ text: String) {
      let utf8 = Array(text.utf8)
      guard utf8.count >= HeadCode.longByteCount else {
        writer.put(0)
        return writer.put(utf8)
      }
      writer.put(1)
      writer.put(texts.count)
      texts.append(text)
    }
    writer.put(catalog.groups.count)
    for group in catalog.groups { put(group) }
    writer.put(catalog.skipped.count)
    for object in catalog.skipped {
      put(object.name)
      put(object.reason)
      writer.put(object.isDamage ? 1 : 0)
    }
    writer.put(catalog.attributes.count)
    for (object, attributes) in catalog.attributes.sorted(by: { $0.key < $1.key }) {
      put(object)
      writer.put(attributes.count)
      for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
        put(name)
        switch value {
        case .string(let text):
          writer.put(0)
          put(text)
        case .strings(let list):
          writer.put(1)
          writer.put(list.count)
          for text in list { put(text) }
        case .numbers(let numbers):
          writer.put(2)
          writer.put(numbers.flatMap { littleEndianBytes(of: $0.bitPattern) })
        }
      }
    }
    bytes = writer.bytes
    self.texts = texts
  }

  /// Puts what was kept into a catalogue.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the bytes make no sense.
  static func read(_ bytes: [UInt8], texts: [String], into catalog: inout Catalog) throws {
    var reader = CodeReader(bytes)
    guard try reader.take() == Int(version) else { throw CodeReader.damaged }
    func text() throws -> String {
      guard try reader.take() == 1 else {
        return String(decoding: try reader.takeBytes(), as: UTF8.self)
      }
      let place = try reader.take()
      guard texts.indices.contains(place) else { throw CodeReader.damaged }
      return texts[place]
    }
    catalog.groups = try (0..<reader.takeCount()).map { _ in try text() }
    catalog.skipped = try (0..<reader.takeCount()).map { _ in
      let (name, reason) = (try text(), try text())
      return Catalog.Skipped(name: name, reason: reason, isDamage: try reader.take() == 1)
    }
    for _ in 0..<(try reader.takeCount()) {
      let object = try text()
      var attributes: [String: Catalog.Attribute] = [:]
      for _ in 0..<(try reader.takeCount()) {
        let name = try text()
        switch try reader.take() {
        case 0: attributes[name] = .string(try text())
        case 1: attributes[name] = .strings(try (0..<reader.takeCount()).map { _ in try text() })
        case 2:
          let packed = try reader.takeBytes()
          guard packed.count % 8 == 0 else { throw CodeReader.damaged }
          attributes[name] = .numbers(
            stride(from: 0, to: packed.count, by: 8).map { start in
              Double(
                bitPattern: (0..<8).reduce(0) { $0 | UInt64(packed[start + $1]) << (8 * $1) })
            })
        default: throw CodeReader.damaged
        }
      }
      catalog.attributes[object] = attributes
    }
    guard reader.isAtEnd else { throw CodeReader.damaged }
  }
}

private func littleEndianBytes(of bits: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
}
