import Archives
import Support
import Tensors

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
      var contents = ModelContents()
      for dataset in datasets {
        contents.add(dataset.name, shape: dataset.shape, as: dataset.elementType) { dataset.bytes }
      }
      contents.groups = groups
      contents.attributes = attributes
      let (option, shuffles) = compression.option
      let writer = HDF5Writer(
        compression: option, shuffles: shuffles, notesWhatHasNoPlace: false,
        transfer: TensorTransfer(jobs: jobs, budget: .max))
      let file = try TemporaryFile(for: path, overwrites: overwrites)
      try writer.write(contents, to: file.descriptor)
      try file.commit()
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
}

extension HDF5Document.Compression {
  /// What the writer is told.
  fileprivate var option: (CompressionOption, shuffles: Bool) {
    switch self {
    case .none: (.none, true)
    case .gzip(let level, let shuffles): (.gzip(level: min(max(level, 0), 9)), shuffles)
    }
  }
}
