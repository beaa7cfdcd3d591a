import Archives
import Catalogs
import CatalogWire
import Formats
import Support
import Tensors

extension WeightFile {
  /// A tensor and what replaces its elements.
  struct Change {
    /// The tensor as it is stored.
    let entry: TensorEntry
    /// The elements as the file stores them: in its byte order, and negated where it keeps negatives.
    let stored: [UInt8]

    /// A change to elements that are little-endian.
    init(of entry: TensorEntry, to bytes: [UInt8]) {
      var stored = bytes
      if entry.isBigEndian {
        stored.withUnsafeMutableBytes {
          reverseElementBytes($0, elementByteCount: entry.elementType.byteCount)
        }
      }
      if entry.isNegated {
        stored.withUnsafeMutableBytes {
          negateElements($0, entry.elementType, isBigEndian: entry.isBigEndian)
        }
      }
      self.entry = entry.asStored
      self.stored = stored
    }
  }

  /// A change of a tensor to elements that are little-endian.
  func change(of name: String, to bytes: [UInt8]) throws -> Change {
    Change(of: try entry(named: name), to: bytes)
  }

  /// Refuses a tensor whose blocks cannot be made again here.
  func checkFilters(of entry: TensorEntry) throws {
    if let type = entry.quantisedType {
      throw Diagnostic(
        .badData, "it is quantised (\(type.rawValue)), and quantised numbers are not written",
        at: [catalog.file, entry.name],
        remedy: "convert it to .safetensors or .h5 first, where it becomes Float32")
    }
    guard let filter = FilterPipeline.unwritableFilter(of: entry) else { return }
    throw Diagnostic(
      .badData, "its chunks go through the filter \(filter), which is not written here",
      at: [catalog.file, entry.name],
      remedy: "write the file again with gzip, or without a filter")
  }

  /// Puts changes into a copy of the HDF5 file, in which offsets are smaller by `shift`.
  ///
  /// - Parameter keepsPlaces: whether blocks are made to fit into the places of the old ones. Their bytes
  ///   then depend on the sizes of those.
  func apply(
    _ changes: [Change], to copy: Int32, shift: Int, window: FileWindow, worker: CatalogWorker,
    keepsPlaces: Bool = false
  ) async throws {
    var rest: [Change] = []
    for change in changes where !change.stored.isEmpty {
      guard case .contiguous(let offset) = change.entry.layout else {
        rest.append(change)
        continue
      }
      try change.stored.withUnsafeBytes { try writeFully($0, to: copy, at: offset - shift) }
    }
    if rest.isEmpty { return }
    let patch = try PatchStream()
    for change in rest { try add(change, to: patch, keepsPlaces: keepsPlaces) }
    try await worker.patch(copy, with: try patch.finish())
    try await verify(rest, in: copy, worker: worker)
  }

  func add(_ change: Change, to patch: PatchStream, keepsPlaces: Bool) throws {
    let entry = change.entry
    guard case .chunked(let chunkShape, let chunks) = entry.layout else {
      return try patch.append(
        dataset: storedPrefix + entry.name, place: .whole, change.stored)
    }
    let geometry = try ChunkGeometry(
      shape: entry.shape, chunkShape: chunkShape, elementByteCount: entry.elementType.byteCount)
    // Each block keeps its mask: libhdf5 1.10 keeps it, too, where the size stays the same.
    let masks = Dictionary(
      chunks.map { (geometry.cell(ofOrigin: $0.origin), $0.filterMask) }, uniquingKeysWith: { $1 })
    // A block that is no larger than the old one takes its place; another goes to the end of the file,
    // and the place is lost.
    let sizes = Dictionary(
      chunks.map { (geometry.cell(ofOrigin: $0.origin), $0.byteCount) }, uniquingKeysWith: { $1 })
    try encodeChunks(
      of: change.stored, geometry: geometry, pipeline: FilterPipeline(entry), masks: masks,
      limits: keepsPlaces ? sizes : [:]
    ) { origin, mask, block in
      let place = PatchRecord.Place.chunk(
        origin: origin.map(UInt64.init), filterMask: mask)
      try patch.append(dataset: storedPrefix + entry.name, place: place, block)
    }
  }

  /// Reads what the worker wrote, and compares.
  func verify(
    _ changes: [Change], in copy: Int32, worker: CatalogWorker
  ) async throws {
    let written = try OpenFile(owning: duplicate(copy), path: file.path)
    let start = try FileSignature.of(written)
    guard case .hdf5(let offset) = start else {
      throw Diagnostic(.failed, "the worker damaged the copy")
    }
    let window = FileWindow(offset: offset, byteCount: written.byteCount - offset)
    let records = try await worker.catalog(of: written, window: window)
    let result = WeightFile(
      catalog: CatalogBuilder.build(
        records, path: catalog.file, fileByteCount: written.byteCount, window: window,
        format: .hdf5), file: written, parts: [written], source: .hdf5(window, worker))
    let isOwn = { (name: String) in !name.hasPrefix(Catalog.Attachment.group) }
    let names = result.catalog.tensors.map(\.name).filter(isOwn)
    guard
      names.filter({ $0.hasPrefix(storedPrefix) })
        == catalog.tensors.map({ storedPrefix + $0.name })
    else {
      throw Diagnostic(.failed, "the worker damaged the copy")
    }
    for change in changes {
      var entry = try result.entry(named: storedPrefix + change.entry.name)
      entry.isBigEndian = false  // as stored
      guard try result.readBytes(entry) == change.stored else {
        throw Diagnostic(.failed, "the worker wrote something else", at: [change.entry.name])
      }
    }
  }
}
