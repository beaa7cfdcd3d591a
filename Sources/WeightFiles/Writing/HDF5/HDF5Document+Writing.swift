import CHDF5
import Synchronization
import WorkbenchCore

extension HDF5Document {
  /// Writes the document as a new file, through a temporary one that is flushed to disk and renamed.
  ///
  /// - Parameters:
  ///   - path: where.
  ///   - compression: how elements are stored.
  ///   - overwrites: whether a file that is already there may be replaced.
  ///   - jobs: how many threads compress; the bytes do not depend on it.
  /// - Throws: `Diagnostic` of code `cannotWrite`, or `usage` where the document contradicts itself.
  public func write(
    to path: String, compression: Compression = .gzip(level: 4), overwrites: Bool = false,
    jobs: Int? = nil
  ) throws {
    do {
      for dataset in datasets { try check(dataset) }
      let file = try TemporaryFile(for: path, overwrites: overwrites)
      try libraryLock.withLock { _ in
        try fill(file.descriptor, compression: compression, jobs: jobs)
      }
      try file.commit(overwrites: overwrites)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  private func check(_ dataset: Dataset) throws {
    guard let count = checkedProduct(dataset.shape + [dataset.elementType.byteCount]),
      count == dataset.bytes.count
    else {
      throw Diagnostic(
        .usage, "its \(dataset.bytes.count) bytes do not fill its shape \(dataset.shape)",
        at: [dataset.name])
    }
    let parts = dataset.name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && !$0.utf8.contains(0) }) else {
      throw Diagnostic(.usage, "this is not the path of a data set", at: [dataset.name])
    }
  }

  private func fill(_ descriptor: Int32, compression: Compression, jobs: Int?) throws {
    chdf5_silence()
    _ = chdf5_take_write_error()
    let creation = try HDF5Handle(H5Pcreate(chdf5_file_create_class()))
    try HDF5Handle.check(H5Pset_obj_track_times(creation.raw, false))
    let file = try HDF5Handle(chdf5_create_window(descriptor, creation.raw))
    let links = try HDF5Handle(H5Pcreate(chdf5_link_create_class()))
    try HDF5Handle.check(H5Pset_create_intermediate_group(links.raw, 1))
    try HDF5Handle.check(H5Pset_char_encoding(links.raw, H5T_CSET_UTF8))
    for dataset in datasets {
      do {
        try write(dataset, in: file, links: links, compression: compression, jobs: jobs)
      } catch let error as Diagnostic {
        throw error.inside(dataset.name)
      }
    }
    for group in groups where H5Lexists(file.raw, group, 0) <= 0 {
      H5Eclear2(0)
      _ = try HDF5Handle(H5Gcreate2(file.raw, group, links.raw, 0, 0))
    }
    var attributes = attributes
    for dataset in datasets where dataset.elementType == .bfloat16 {
      // What Keras writes beside such an array.
      attributes[dataset.name, default: [:]]["dtype"] = .string("bfloat16")
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
    try HDF5Handle.check(H5Fflush(file.raw, H5F_SCOPE_GLOBAL))
  }

  private func write(
    _ dataset: Dataset, in file: borrowing HDF5Handle, links: borrowing HDF5Handle,
    compression: Compression, jobs: Int?
  ) throws {
    let type = try dataset.elementType.fileType()
    let lengths = dataset.shape.map { hsize_t($0) }
    let space = try HDF5Handle(
      lengths.isEmpty
        ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(lengths.count), lengths, nil))
    let properties = try HDF5Handle(H5Pcreate(chdf5_dataset_create_class()))
    try HDF5Handle.check(H5Pset_obj_track_times(properties.raw, false))
    let chunkShape = HDF5Document.chunkShape(of: dataset, compression)
    if let chunkShape, case .gzip(let level, let shuffles) = compression {
      let chunk = chunkShape.map { hsize_t($0) }
      try HDF5Handle.check(H5Pset_chunk(properties.raw, Int32(chunk.count), chunk))
      if shuffles, dataset.elementType.byteCount > 1 {
        try HDF5Handle.check(H5Pset_shuffle(properties.raw))
      }
      try HDF5Handle.check(H5Pset_deflate(properties.raw, UInt32(min(max(level, 0), 9))))
    }
    let target = try HDF5Handle(
      H5Dcreate2(file.raw, dataset.name, type.raw, space.raw, links.raw, properties.raw, 0))
    guard let chunkShape, case .gzip(let level, let shuffles) = compression else {
      if !dataset.bytes.isEmpty {
        try HDF5Handle.check(H5Dwrite(target.raw, type.raw, 0, 0, 0, dataset.bytes))
      }
      return
    }
    let size = dataset.elementType.byteCount
    let pipeline = FilterPipeline(
      steps: (size > 1 && shuffles ? [.shuffle(elementByteCount: size)] : []) + [
        .deflate(level: level)
      ])
    let geometry = try ChunkGeometry(
      shape: dataset.shape, chunkShape: chunkShape, elementByteCount: size)
    try encodeChunks(of: dataset.bytes, geometry: geometry, pipeline: pipeline, jobs: jobs) {
      origin, mask, block in
      let origin = origin.map { hsize_t($0) }
      try HDF5Handle.check(H5Dwrite_chunk(target.raw, 0, mask, origin, block.count, block))
    }
  }

  /// Slabs along the first axes, of about a MiB: what is read together lies together. Nil where one
  /// run of bytes is better.
  static func chunkShape(of dataset: Dataset, _ compression: Compression) -> [Int]? {
    guard case .gzip = compression, dataset.bytes.count >= 4096 else { return nil }
    var shape = dataset.shape
    var byteCount = dataset.bytes.count
    for axis in shape.indices where byteCount > 1 << 20 {
      let rest = byteCount / shape[axis]
      shape[axis] = max(1, min(shape[axis], (1 << 20) / max(1, rest)))
      byteCount = rest * shape[axis]
    }
    return shape
  }
}
