import Catalogs
import CHDF5
import Support
import Tensors

extension HDF5Writer {
  /// Writes the attributes of all objects, and at the root what HDF5 has no place for.
  func writeAttributes(
    of contents: ModelContents, names: StoredNames, in file: borrowing HDF5Handle
  ) throws {
    let stored = Dictionary(
      names.renamed.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    var attributes = Dictionary(
      contents.attributes.map { (stored[$0.key] ?? $0.key, $0.value) },
      uniquingKeysWith: { first, _ in first })
    for (index, item) in contents.items.enumerated() where item.elementType == .bfloat16 {
      // What Keras writes beside such an array.
      attributes[names.stored[index], default: [:]]["dtype"] = .string("bfloat16")
    }
    if notesWhatHasNoPlace {
      try moveWhatHasNoPlace(of: contents, names, into: &attributes, file)
    }
    for (object, values) in attributes.sorted(by: { $0.key < $1.key }) {
      let place = try HDF5Handle(H5Oopen(file.raw, object.isEmpty ? "/" : object, 0))
      for (name, value) in values.sorted(by: { $0.key < $1.key }) {
        do { try HDF5AttributeWriter.write(value, named: name, to: place) } catch let error
          as Diagnostic
        {
          throw error.inside("\(object)@\(name)")
        }
      }
    }
  }

  /// Makes one attribute of the root of what HDF5 has no place for.
  private func moveWhatHasNoPlace(
    of contents: ModelContents, _ names: StoredNames,
    into attributes: inout [String: [String: Catalog.Attribute]], _ file: borrowing HDF5Handle
  ) throws {
    var metadata = ContentsMetadata()
    metadata.names = names.renamed.isEmpty ? nil : names.renamed
    metadata.documents = contents.metadata(names).documents
    if !HDF5Writer.isListingOrder(names.stored) { metadata.order = contents.items.map(\.name) }
    // Attributes of what is no object of the file.
    for object in attributes.keys where !object.isEmpty && H5Lexists(file.raw, object, 0) <= 0 {
      H5Eclear2(0)
      let values = attributes.removeValue(forKey: object) ?? [:]
      metadata.attributes = metadata.attributes ?? [:]
      metadata.attributes?[object] = values.mapValues(ContentsMetadata.Value.init)
    }
    if !metadata.isEmpty {
      attributes["", default: [:]][ContentsMetadata.key] = .string(
        String(decoding: try metadata.encoded(), as: UTF8.self))
    }
  }

  /// Whether a reader lists the names in this order: group by group, in each by name.
  private static func isListingOrder(_ names: [String]) -> Bool {
    let paths = names.map { $0.split(separator: "/").map { Array($0.utf8) } }
    return zip(paths, paths.dropFirst()).allSatisfy { first, second in
      first.lexicographicallyPrecedes(second) { $0.lexicographicallyPrecedes($1) }
    }
  }
}
