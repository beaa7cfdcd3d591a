import CatalogWire
import WorkbenchCore

extension WeightFile {
  /// Writes a copy of the container in which only the given tensors changed: same layout, same
  /// filters, same names and attributes. Through a temporary file in the target's folder, flushed
  /// to disk and renamed; nothing is left where it fails.
  ///
  /// Runs of bytes are written in place; blocks are filtered here, in parallel, and put into the copy
  /// by a worker, whose result is read back and compared.
  ///
  /// - Parameters:
  ///   - path: where to write. Never the file itself.
  ///   - replacements: for some tensors, by name, all elements, little-endian, of the stored type.
  ///   - overwrites: whether a file that is already there may be replaced.
  /// - Throws: `Diagnostic`: `cannotWrite` where the target cannot be written, `usage` where a
  ///   replacement does not fit its tensor, `badData` where a tensor's filters cannot be applied.
  public func writeCopy(
    to path: String, replacing replacements: [String: [UInt8]], overwrites: Bool
  ) async throws {
    let changes = try changes(replacements)
    guard try !CompressedFile.isCompressed(file) else {
      throw Diagnostic(
        .usage, "the file is compressed as a whole, and no copy of it is written",
        at: [catalog.file], remedy: "decompress it first")
    }
    do {
      let copy = try TemporaryFile(for: path, overwrites: overwrites, inputs: [file] + parts)
      switch source {
      case .plain: try applyInPlace(changes, to: copy.descriptor)
      case .hdf5(let window, let worker) where catalog.format == .keras:
        let weights = try TemporaryFile(for: path, overwrites: overwrites)
        try copyRange(
          of: parts[0], from: window.offset, count: window.byteCount, to: weights.descriptor, at: 0
        )
        try await apply(
          changes, to: weights.descriptor, shift: window.offset, window: window, worker: worker)
        try KerasArchive.rewrite(file, weights: weights.descriptor, to: copy.descriptor)
      case .hdf5(let window, let worker):
        try copyRange(of: file, from: 0, count: file.byteCount, to: copy.descriptor, at: 0)
        try await apply(changes, to: copy.descriptor, shift: 0, window: window, worker: worker)
      }
      try Task.checkCancellation()
      try copy.commit(overwrites: overwrites)
    } catch let error as Diagnostic {
      throw error.inside(path)
    } catch is CancellationError {
      throw Diagnostic(.interrupted, "interrupted; nothing was written", at: [path])
    }
  }

  /// A tensor and what replaces its elements.
  struct Change {
    var entry: TensorEntry
    /// The elements as the file stores them, in its byte order.
    var stored: [UInt8]
  }

  func changes(_ replacements: [String: [UInt8]]) throws -> [Change] {
    try replacements.sorted { $0.key < $1.key }.map { name, bytes in
      let entry = try entry(named: name)
      let place = [catalog.file, name]
      guard bytes.count == entry.byteCount else {
        throw Diagnostic(
          .usage, "its replacement has \(bytes.count) bytes, and it has \(entry.byteCount)",
          at: place)
      }
      if let filter = FilterPipeline.unwritableFilter(of: entry) {
        throw Diagnostic(
          .badData, "its chunks go through the filter \(filter), which is not written here",
          at: place, remedy: "write the file again with gzip, or without a filter")
      }
      var stored = bytes
      if entry.isBigEndian {
        stored.withUnsafeMutableBytes {
          reverseElementBytes($0, elementByteCount: entry.elementType.byteCount)
        }
      }
      return Change(entry: entry, stored: stored)
    }
  }

  /// Puts changes into a copy of the HDF5 file, in which offsets are smaller by `shift`.
  func apply(
    _ changes: [Change], to copy: Int32, shift: Int, window: FileWindow, worker: CatalogWorker
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
    for change in rest { try add(change, to: patch) }
    try await worker.patch(copy, with: try patch.finish())
    try await verify(rest, in: copy, worker: worker)
  }

  func add(_ change: Change, to patch: PatchStream) throws {
    let entry = change.entry
    guard case .chunked(let chunkShape, let chunks) = entry.layout else {
      return try patch.append(dataset: entry.name, place: .whole, change.stored)
    }
    let geometry = try ChunkGeometry(
      shape: entry.shape, chunkShape: chunkShape, elementByteCount: entry.elementType.byteCount)
    // Each block keeps its mask: libhdf5 1.10 keeps it, too, where the size stays the same.
    let masks = Dictionary(
      chunks.map { (geometry.cell(ofOrigin: $0.origin), $0.filterMask) }, uniquingKeysWith: { $1 })
    try encodeChunks(
      of: change.stored, geometry: geometry, pipeline: FilterPipeline(entry), masks: masks
    ) { origin, mask, block in
      let place = PatchRecord.Place.chunk(
        origin: origin.map(UInt64.init), filterMask: mask)
      try patch.append(dataset: entry.name, place: place, block)
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
    guard result.catalog.tensors.map(\.name).filter(isOwn) == catalog.tensors.map(\.name) else {
      throw Diagnostic(.failed, "the worker damaged the copy")
    }
    for change in changes {
      var entry = try result.entry(named: change.entry.name)
      entry.isBigEndian = false  // as stored
      guard try result.readBytes(entry) == change.stored else {
        throw Diagnostic(.failed, "the worker wrote something else", at: [change.entry.name])
      }
    }
  }
}
