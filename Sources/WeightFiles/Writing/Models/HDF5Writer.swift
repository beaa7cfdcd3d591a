import CHDF5
import Formats
import Support
import Synchronization
import Tensors

/// Writes a model as HDF5. libhdf5 lays out the file; the elements go around it: runs are written
/// straight to their place, blocks are compressed by all threads and handed over in their order.
struct HDF5Writer {
  /// How elements are stored.
  let compression: CompressionOption
  /// Whether the bytes of compressed blocks are shuffled first.
  var shuffles = true
  /// Whether the root tells what HDF5 has no place for: the order of tensors, names that had to be
  /// changed, documents.
  var notesWhatHasNoPlace = true
  /// How tensors are read.
  let transfer: TensorTransfer

  /// Tensors below this size are never divided into blocks.
  private static let blockedByteCount = 4096

  /// Writes a model into an empty file.
  func write(_ contents: ModelContents, to descriptor: Int32) throws {
    try libraryLock.withLock { _ in try fill(descriptor, contents) }
  }

  private func fill(_ descriptor: Int32, _ contents: ModelContents) throws {
    chdf5_silence()
    _ = chdf5_take_write_error()
    let names = StoredNames(contents.items.map(\.name), in: .hdf5)
    let creation = try HDF5Handle(H5Pcreate(chdf5_file_create_class()))
    try HDF5Handle.check(H5Pset_obj_track_times(creation.raw, false))
    let file = try HDF5Handle(chdf5_create_window(descriptor, creation.raw))
    let links = try HDF5Handle(H5Pcreate(chdf5_link_create_class()))
    try HDF5Handle.check(H5Pset_create_intermediate_group(links.raw, 1))
    try HDF5Handle.check(H5Pset_char_encoding(links.raw, H5T_CSET_UTF8))
    try transfer.forEachGroup(contents.items) { range, sources in
      var runs: [(source: TensorSource, item: ModelContents.Item, offset: Int)] = []
      for index in range {
        let item = contents.items[index]
        let source = sources[index - range.lowerBound]
        do {
          let offset = try add(item, named: names.stored[index], source, to: file, links: links)
          if let offset { runs.append((source, item, offset)) }
        } catch let error as Diagnostic {
          throw error.inside(item.name)
        }
      }
      try transfer.write(
        runs.map { run in run.item.reading(run.source) }, to: descriptor,
        at: runs.map(\.offset))
    }
    for group in contents.groups where H5Lexists(file.raw, group, 0) <= 0 {
      H5Eclear2(0)
      _ = try HDF5Handle(H5Gcreate2(file.raw, group, links.raw, 0, 0))
    }
    for (alias, target) in contents.aliases.sorted(by: { $0.key < $1.key }) {
      let target = target.isEmpty ? "/" : target
      try HDF5Handle.check(H5Lcreate_hard(file.raw, target, file.raw, alias, links.raw, 0))
    }
    try writeAttributes(of: contents, names: names, in: file)
    try HDF5Handle.check(H5Fflush(file.raw, H5F_SCOPE_GLOBAL))
    try file.close()
  }

  /// Makes a data set; where it is one run that has yet to be written, its offset.
  private func add(
    _ item: ModelContents.Item, named name: String, _ source: TensorSource,
    to file: borrowing HDF5Handle, links: borrowing HDF5Handle
  ) throws -> Int? {
    let type = try item.elementType.fileType()
    let lengths = item.shape.map { hsize_t($0) }
    let space = try HDF5Handle(
      lengths.isEmpty
        ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(lengths.count), lengths, nil))
    let properties = try HDF5Handle(H5Pcreate(chdf5_dataset_create_class()))
    try HDF5Handle.check(H5Pset_obj_track_times(properties.raw, false))
    let chunkShape = chunkShape(of: item)
    if let chunkShape {
      try setFilters(of: item.elementType, chunkShape, in: properties)
    } else if item.byteCount > 0 {
      try HDF5Handle.check(chdf5_place_early(properties.raw))
    }
    let target = try HDF5Handle(
      H5Dcreate2(file.raw, name, type.raw, space.raw, links.raw, properties.raw, 0))
    if item.byteCount == 0 { return nil }
    guard let chunkShape else {
      let offset = H5Dget_offset(target.raw)
      guard offset != chdf5_undefined_address() else { throw HDF5Handle.failure() }
      return Int(offset)
    }
    let geometry = try ChunkGeometry(
      shape: item.shape, chunkShape: chunkShape, elementByteCount: item.elementType.byteCount)
    try writeBlocks(of: source, geometry, to: target)
    return nil
  }

  private func setFilters(
    of type: ElementType, _ chunkShape: [Int], in properties: borrowing HDF5Handle
  ) throws {
    let chunk = chunkShape.map { hsize_t($0) }
    try HDF5Handle.check(H5Pset_chunk(properties.raw, Int32(chunk.count), chunk))
    try HDF5Handle.check(chdf5_never_fill(properties.raw))
    if shuffles, type.byteCount > 1 { try HDF5Handle.check(H5Pset_shuffle(properties.raw)) }
    switch compression {
    case .none: break
    case .gzip(let level): try HDF5Handle.check(H5Pset_deflate(properties.raw, UInt32(level)))
    case .zstd(let level): try HDF5Handle.check(chdf5_add_zstd(properties.raw, UInt32(level)))
    }
  }

  private func writeBlocks(
    of source: TensorSource, _ geometry: ChunkGeometry, to target: borrowing HDF5Handle
  ) throws {
    guard let cells = geometry.cellCount else {
      throw Diagnostic(.badData, "its grid overflows")
    }
    let size = shuffles ? geometry.elementByteCount : 1
    let output = OrderedOutput()
    let dataset = target.raw
    try forEachIndex(
      count: cells, jobs: transfer.jobs, workspace: { Space(packer: try BlockPacker(compression)) }
    ) { space, cell in
      do {
        try Task.checkCancellation()
        let range = geometry.slab(at: geometry.origin(ofCell: cell))
        try source.withBytes(range, &space.reading) { bytes in
          try space.packer.pack(
            bytes, filledTo: geometry.chunkByteCount, elementByteCount: size
          ) { packed in
            try output.hand(over: packed, at: cell) { place, block in
              let origin = geometry.origin(ofCell: place).map { hsize_t($0) }
              let status = H5Dwrite_chunk(dataset, 0, 0, origin, block.count, block.baseAddress)
              try HDF5Handle.check(status)
            }
          }
        }
      } catch {
        source.fail(error)
        throw error
      }
    }
  }

  private struct Space: ~Copyable {
    var packer: BlockPacker
    var reading = TensorSource.Space()
  }

  /// Slabs along the first axes, of about a MiB: what is read together lies together, and every block
  /// is one run of the tensor. Nil where one run of bytes is better.
  func chunkShape(of item: ModelContents.Item) -> [Int]? {
    guard compression != .none, item.byteCount >= HDF5Writer.blockedByteCount else { return nil }
    var shape = item.shape
    var byteCount = item.byteCount
    for axis in shape.indices where byteCount > 1 << 20 {
      let rest = byteCount / shape[axis]
      shape[axis] = max(1, min(shape[axis], (1 << 20) / max(1, rest)))
      byteCount = rest * shape[axis]
    }
    return shape
  }
}

extension ChunkGeometry {
  /// The bytes of the tensor that a block holds, where blocks are slabs: whole in all axes after the
  /// one that is divided, and of length 1 in all before it.
  func slab(at origin: [Int]) -> Range<Int> {
    var start = 0
    var count = elementByteCount
    for axis in shape.indices {
      start = start * shape[axis] + origin[axis]
      count *= min(chunkShape[axis], shape[axis] - origin[axis])
    }
    start *= elementByteCount
    return start..<(start + count)
  }
}

extension ModelContents.Item {
  /// The same tensor, of which it is known where its elements are.
  func reading(_ source: TensorSource) -> ModelContents.Item {
    var copy = self
    copy.open = { _ in source }
    copy.heldByteCount = 0
    return copy
  }
}
