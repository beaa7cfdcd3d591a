import Archives
import CHDF5
import Support
import Synchronization

/// A small HDF5 file: lists of bytes in blocks compressed with zstd (filter 32015), and texts at the
/// root. In the newest layout that libhdf5 1.10 has, which takes some hundred bytes beside the data.
///
/// The same contents make the same bytes.
public struct CompactHDF5: Sendable {
  /// A list of bytes.
  public struct Dataset: Sendable {
    /// Its name.
    public var name: String
    /// The number of bytes.
    public var byteCount: Int
    /// The number of bytes in every block.
    public var blockByteCount: Int
    /// The frames; each decompresses to a whole block, the last one too.
    public var blocks: [[UInt8]]

    /// Makes a list.
    public init(name: String, byteCount: Int, blockByteCount: Int, blocks: [[UInt8]]) {
      self.name = name
      self.byteCount = byteCount
      self.blockByteCount = blockByteCount
      self.blocks = blocks
    }
  }

  /// The lists.
  public var datasets: [Dataset]
  /// Texts at the root, by name; written in the order of their names, with a fixed length.
  public var texts: [String: String]

  /// Makes contents.
  public init(datasets: [Dataset], texts: [String: String] = [:]) {
    self.datasets = datasets
    self.texts = texts
  }

  /// Writes the file, through a temporary one that is flushed to disk and renamed.
  ///
  /// - Throws: `Diagnostic` of code `cannotWrite`.
  public func write(to path: String, overwrites: Bool, inputs: [WeightFile] = []) throws {
    do {
      let file = try TemporaryFile(
        for: path, overwrites: overwrites, inputs: inputs.flatMap { [$0.file] + $0.parts })
      try libraryLock.withLock { _ in try fill(file.descriptor) }
      try file.commit()
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  private func fill(_ descriptor: Int32) throws {
    chdf5_silence()
    _ = chdf5_take_write_error()
    let creation = try HDF5Handle(H5Pcreate(chdf5_file_create_class()))
    try HDF5Handle.check(H5Pset_obj_track_times(creation.raw, false))
    let file = try HDF5Handle(chdf5_create_compact_window(descriptor, creation.raw))
    for dataset in datasets { try add(dataset, to: file) }
    let root = try HDF5Handle(H5Oopen(file.raw, "/", 0))
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      let type = try HDF5Handle(H5Tcopy(chdf5_c_string()))
      let bytes = Array(text.utf8)
      try HDF5Handle.check(H5Tset_size(type.raw, max(1, bytes.count)))
      try HDF5Handle.check(H5Tset_strpad(type.raw, H5T_STR_NULLPAD))
      try HDF5Handle.check(H5Tset_cset(type.raw, H5T_CSET_UTF8))
      let space = try HDF5Handle(H5Screate(H5S_SCALAR))
      let attribute = try HDF5Handle(H5Acreate2(root.raw, name, type.raw, space.raw, 0, 0))
      try HDF5Handle.check(H5Awrite(attribute.raw, type.raw, bytes.isEmpty ? [0] : bytes))
    }
    try HDF5Handle.check(H5Fflush(file.raw, H5F_SCOPE_GLOBAL))
    try file.close()
  }

  private func add(_ dataset: Dataset, to file: borrowing HDF5Handle) throws {
    let properties = try HDF5Handle(H5Pcreate(chdf5_dataset_create_class()))
    try HDF5Handle.check(H5Pset_obj_track_times(properties.raw, false))
    try HDF5Handle.check(H5Pset_dset_no_attrs_hint(properties.raw, true))
    var length = hsize_t(dataset.byteCount)
    let space = try HDF5Handle(H5Screate_simple(1, &length, nil))
    if dataset.byteCount > 0 {
      var block = hsize_t(dataset.blockByteCount)
      try HDF5Handle.check(H5Pset_chunk(properties.raw, 1, &block))
      try HDF5Handle.check(chdf5_never_fill(properties.raw))
      try HDF5Handle.check(chdf5_add_zstd(properties.raw, 19))
    }
    let target = try HDF5Handle(
      H5Dcreate2(file.raw, dataset.name, chdf5_uint8(), space.raw, 0, properties.raw, 0))
    for (index, block) in dataset.blocks.enumerated() {
      let origin = [hsize_t(index * dataset.blockByteCount)]
      try HDF5Handle.check(H5Dwrite_chunk(target.raw, 0, 0, origin, block.count, block))
    }
  }
}
