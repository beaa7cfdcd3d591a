import Catalogs
import Support
import Tensors

extension ModelContents {
  /// All of a file: tensors, names, order, attributes, groups and documents. No tensor is read yet.
  ///
  /// What another conversion kept aside is put back where it was.
  ///
  /// - Parameter replacements: for some tensors, by their names in the file, what stands in their
  ///   place.
  /// - Throws: `Diagnostic` of code `badData` where the file holds no tensor that can be read, or one
  ///   lies outside of the file.
  public init(_ file: WeightFile, replacing replacements: [String: TensorReplacement] = [:]) throws
  {
    let catalog = file.catalog
    guard !catalog.tensors.isEmpty else { throw ModelContents.nothing(catalog) }
    groups = catalog.groups
    aliases = catalog.aliases
    attributes = catalog.attributes
    documents = catalog.documents
    for entry in catalog.tensors {
      if entry.elementType == .bfloat16, attributes[entry.name]?["dtype"] == .string("bfloat16") {
        // Keras's mark of the type, which goes with the type.
        attributes[entry.name]?["dtype"] = nil
        if attributes[entry.name]?.isEmpty == true { attributes[entry.name] = nil }
      }
      let replacement = replacements[entry.name]
      items.append(
        try replacement.map { Item(entry, computed: $0) } ?? ModelContents.item(entry, of: file))
    }
    takeOver(ModelContents.metadata(&attributes, &documents))
    notes += ModelContents.losses(catalog)
    quantisedTypes = catalog.tensors.compactMap(\.quantisedType)
    if catalog.attachment != nil {
      notes.append(
        "the stack of patches is not kept: \(Wording("\(action: .patch)")) works on the file itself"
      )
    }
  }

  private static func nothing(_ catalog: Catalog) -> Diagnostic {
    let unread = catalog.unreadObjects
    let reasons = unread.listed { "\($0.name) (\($0.reason))" }
    return Diagnostic(
      .badData,
      unread.isEmpty ? "it holds no tensors" : "it holds no tensors that can be read: \(reasons)",
      at: [catalog.file], remedy: "\(action: .inspect) shows what it holds")
  }

  /// The tensors of a file, exactly as its catalogue lists them.
  init(catalogued file: WeightFile) throws {
    items = try file.catalog.tensors.map { try ModelContents.item($0, of: file) }
  }

  private static func item(_ entry: TensorEntry, of file: WeightFile) throws -> Item {
    // Whether it lies in the file is known before any is written.
    _ = try file.directSource(of: entry)
    return Item(
      name: entry.name, shape: entry.shape, elementType: entry.elementType,
      open: { try file.source(of: entry, $0) }, heldByteCount: try file.heldByteCount(of: entry))
  }

  private static func metadata(
    _ attributes: inout [String: [String: Catalog.Attribute]], _ documents: inout [String: [UInt8]]
  ) -> ContentsMetadata? {
    if let text = documents[ContentsMetadata.member] {
      guard let metadata = ContentsMetadata(parsing: text) else { return nil }
      documents[ContentsMetadata.member] = nil
      return metadata
    }
    guard case .string(let text) = attributes[""]?[ContentsMetadata.key],
      let metadata = ContentsMetadata(parsing: Array(text.utf8))
    else { return nil }
    attributes[""]?[ContentsMetadata.key] = nil
    if attributes[""]?.isEmpty == true { attributes[""] = nil }
    return metadata
  }

  private mutating func takeOver(_ metadata: ContentsMetadata?) {
    guard let metadata else { return }
    if let names = metadata.names {
      for index in items.indices {
        items[index].name = names[items[index].name] ?? items[index].name
      }
      attributes = Dictionary(
        attributes.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
    if let order = metadata.order {
      let places = Dictionary(
        order.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
      let ranked = items.enumerated().sorted {
        (places[$0.element.name] ?? .max, $0.offset) < (places[$1.element.name] ?? .max, $1.offset)
      }
      items = ranked.map(\.element)
    }
    groups = metadata.groups ?? groups
    aliases.merge(metadata.aliases ?? [:]) { $1 }
    for (object, values) in metadata.attributes ?? [:] {
      for (name, value) in values {
        if let attribute = value.attribute { attributes[object, default: [:]][name] = attribute }
      }
    }
    for (name, data) in metadata.documents ?? [:] { documents[name] = Array(data) }
  }

  private static func losses(_ catalog: Catalog) -> [String] {
    var notes: [String] = []
    let unread = catalog.unreadTensors
    if !unread.isEmpty {
      notes.append(
        "\(unread.count) of \(catalog.tensors.count + unread.count) tensors are not read, and left "
          + "out: " + unread.listed { "\($0.name) (\($0.reason))" })
    }
    let others = catalog.skipped.filter { $0.tensor == nil }
    if !others.isEmpty {
      notes.append(
        "no tensors of the model, and left out: " + others.listed { "\($0.name) (\($0.reason))" })
    }
    let blocks = catalog.tensors.count { if case .chunked = $0.layout { true } else { false } }
    if blocks > 0 { notes.append("the division of \(blocks) tensors into chunks is not kept") }
    let readable = Set(catalog.tensors.map(\.name))
    let shared = catalog.sharedStorage().reduce(0) { count, storage in
      count + max(0, storage.names.count(where: readable.contains) - 1)
    }
    if shared > 0 {
      notes.append("\(shared) tensors share their storage with others; each is stored on its own")
    }
    return notes
  }
}
