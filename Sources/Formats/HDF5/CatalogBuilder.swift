package import Catalogs
package import CatalogWire
import Support
import Tensors

/// Turns the worker's records into a catalogue. The worker may have been taken over by the file it
/// read, so each claim is checked against the file's size and against itself; a data set whose claims
/// do not hold is skipped with the reason, and the others stay usable.
package struct CatalogBuilder {
  /// The memory that one block takes, beyond which it must store a thousandth of it, too.
  package static let trustedChunkByteCount = 256 << 20

  /// How the worker begins the reason where libhdf5 fails at an object.
  package static let damagePrefix = "cannot be opened: "

  private let window: FileWindow
  private var names: Set<String> = []
  package var catalog: Catalog
  package var links = LinkedObjects()

  /// The catalogue of the HDF5 file in a window of a file.
  package static func build(
    _ records: [CatalogRecord], path: String, fileByteCount: Int, window: FileWindow,
    format: Catalog.Format
  ) -> Catalog {
    var builder = CatalogBuilder(
      window: window,
      catalog: Catalog(file: path, format: format, byteCount: fileByteCount, tensors: []))
    for record in records { builder.add(record) }
    return builder.links.followed(in: builder.catalog)
  }

  private init(window: FileWindow, catalog: Catalog) {
    self.window = window
    self.catalog = catalog
  }

  private mutating func add(_ record: CatalogRecord) {
    switch record {
    case .group(let name):
      links.list(.group(name))
      catalog.groups.append(name)
    case .dataset(let dataset):
      guard names.insert(dataset.name).inserted else {
        return skip(dataset.name, "the file names it twice", tensor: UnreadTensor())
      }
      do {
        let entry = try entry(dataset)
        links.list(.tensor(catalog.tensors.count))
        catalog.tensors.append(entry)
      } catch {
        let reason = (error as? Diagnostic)?.message ?? "it cannot be described"
        skip(dataset.name, reason, tensor: UnreadTensor(dataset))
      }
    case .attribute(let object, let name, let value):
      catalog.attributes[object, default: [:]][name] =
        switch value {
        case .string(let text): .string(text)
        case .strings(let list): .strings(list)
        case .numbers(let numbers): .numbers(numbers)
        }
    case .link(let name): links.list(.link(name))
    case .alias(let name, let target): links.add(name, target)
    case .skipped(let name, let reason):
      catalog.skipped.append(Catalog.Skipped(name: name, reason: reason))
    case .unread(let unread): add(unread)
    case .failure, .end: break
    }
  }

  /// Checks what is said of a data set.
  ///
  /// - Parameter isUnread: whether the last axis is the bytes of an element.
  package func entry(_ dataset: DatasetRecord, isUnread: Bool = false) throws -> TensorEntry {
    guard dataset.shape.count <= (isUnread ? 33 : 32) else {
      throw refusal("it claims more than 32 axes")
    }
    let type = try elementType(dataset)
    let shape = try dataset.shape.map(length)
    var entry = TensorEntry(
      name: dataset.name, shape: [], elementType: type, isBigEndian: dataset.isBigEndian,
      layout: .unallocated, fillValue: dataset.fillValue)
    let elementByteCount = isUnread ? shape.last ?? 1 : type.byteCount
    guard dataset.fillValue.isEmpty || dataset.fillValue.count == elementByteCount else {
      throw refusal("its fill value does not have the size of an element")
    }
    guard let declared = checkedProduct(shape + [type.byteCount]) else {
      throw refusal("its shape \(dataset.shape) overflows")
    }
    entry.shape = shape
    entry.filters = dataset.filters.map {
      TensorEntry.Filter(
        id: Int($0.id), name: TensorEntry.Filter.usualNames[Int($0.id)] ?? $0.name,
        parameters: $0.parameters)
    }
    let stored: Int
    switch dataset.storage {
    case .unallocated: stored = 0
    case .contiguous(let address, let byteCount):
      guard byteCount == UInt64(declared) else {
        throw refusal("its shape takes \(declared) bytes, and \(byteCount) are stored")
      }
      entry.layout = .contiguous(offset: try offset(address, byteCount))
      stored = declared
    case .compact(let bytes):
      guard bytes.count == declared else {
        throw refusal("its shape takes \(declared) bytes, and \(bytes.count) are stored")
      }
      entry.layout = .inline(bytes)
      stored = declared
    case .chunked(let chunkShape, let chunks):
      (entry.layout, stored) = try layout(chunkShape, chunks, of: entry)
    }
    guard
      declared <= TensorEntry.trustedByteCount
        || declared / TensorEntry.trustedRatio <= stored
    else {
      throw refusal("it claims \(declared) bytes and stores \(stored), which is absurd")
    }
    return entry
  }

  private func layout(
    _ chunkShape: [UInt64], _ chunks: [DatasetRecord.StoredChunk], of entry: TensorEntry
  ) throws -> (TensorEntry.Layout, stored: Int) {
    let lengths = try chunkShape.map(length)
    guard lengths.count == entry.shape.count, lengths.allSatisfy({ $0 > 0 }),
      let chunkByteCount = checkedProduct(lengths + [entry.elementType.byteCount])
    else { throw refusal("its chunk shape does not fit its shape") }
    let grid = zip(entry.shape, lengths).map { $0 == 0 ? 0 : ($0 - 1) / $1 + 1 }
    guard let cells = checkedProduct(grid) else { throw refusal("its grid of chunks overflows") }
    var placed: [TensorEntry.Chunk] = []
    placed.reserveCapacity(chunks.count)
    var largest = 0
    var total = 0
    var next: UInt64 = 0
    for chunk in chunks {
      guard chunk.gridIndex >= next, chunk.gridIndex < UInt64(cells) else {
        throw refusal("its chunks are not in its grid")
      }
      next = chunk.gridIndex + 1
      let offset = try offset(chunk.address, chunk.byteCount)
      let byteCount = try length(chunk.byteCount)
      var rest = Int(chunk.gridIndex)
      var origin = lengths
      for axis in grid.indices.reversed() {
        origin[axis] = rest % grid[axis] * lengths[axis]
        rest /= grid[axis]
      }
      placed.append(
        TensorEntry.Chunk(
          origin: origin, offset: offset, byteCount: byteCount, filterMask: chunk.filterMask))
      largest = max(largest, byteCount)
      total = min(total + byteCount, window.byteCount)
    }
    guard
      chunkByteCount <= CatalogBuilder.trustedChunkByteCount || chunks.isEmpty
        || chunkByteCount / TensorEntry.trustedRatio <= largest
    else {
      throw refusal(
        "its chunks claim \(chunkByteCount) bytes and store \(largest), which is absurd")
    }
    return (.chunked(chunkShape: lengths, chunks: placed), total)
  }

  private func elementType(_ dataset: DatasetRecord) throws -> ElementType {
    switch (dataset.kind, dataset.elementByteCount) {
    case (.float, 8): .float64
    case (.float, 4): .float32
    case (.float, 2): .float16
    case (.brainFloat, 2): .bfloat16
    case (.signed, 8): .int64
    case (.signed, 4): .int32
    case (.signed, 2): .int16
    case (.signed, 1): .int8
    case (.unsigned, 8): .uint64
    case (.unsigned, 4): .uint32
    case (.unsigned, 2): .uint16
    case (.unsigned, 1): .uint8
    case (.truth, 1): .bool
    case (.smallFloat, 1): .float8E5M2
    default: throw refusal("its elements have an impossible size")
    }
  }

  /// A stored range as an offset in the file, once it is known to lie in the window.
  private func offset(_ address: UInt64, _ byteCount: UInt64) throws -> Int {
    let (end, overflow) = address.addingReportingOverflow(byteCount)
    guard !overflow, end <= UInt64(window.byteCount) else {
      throw refusal("its data lie beyond the end of the file")
    }
    return window.offset + Int(address)
  }

  private func length(_ value: UInt64) throws -> Int {
    guard let length = Int(exactly: value) else { throw refusal("its shape overflows") }
    return length
  }

  private func refusal(_ reason: String) -> Diagnostic { Diagnostic(.badData, reason) }
}
