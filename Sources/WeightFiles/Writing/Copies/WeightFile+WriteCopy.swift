import Archives
import Catalogs
import Formats
import Foundation
import Support

/// What changes in a copy of a container, for `WeightFile.write(_:to:)`.
protocol ContainerChanges: Sendable {
  /// Fills the copy of a file that is no HDF5.
  ///
  /// - Parameters:
  ///   - copy: empty.
  ///   - another: makes another empty file, for whoever finds that it needs one.
  /// - Returns: the file that is whole: the copy, or the other one.
  func writePlain(
    to copy: TemporaryFile, another: () throws -> TemporaryFile
  ) throws -> TemporaryFile

  /// Fills the copy of an HDF5 file.
  ///
  /// - Parameters:
  ///   - copy: a descriptor of an empty file.
  ///   - range: the bytes of the file that the copy holds; offsets are smaller there by its start.
  ///   - window: where the HDF5 file lies in the file.
  ///   - worker: what changes blocks.
  func writeHDF5(
    to copy: Int32, holding range: FileWindow, window: FileWindow, worker: CatalogWorker
  ) async throws

  /// Gives the whole file its name.
  func commit(_ copy: TemporaryFile) throws
}

extension ContainerChanges {
  func commit(_ copy: TemporaryFile) throws { try copy.commit() }
}

extension WeightFile {
  /// Writes a copy of the container in which tensors are replaced by what is computed while it is
  /// written: same layout, same filters, same names and attributes, through a temporary file that is
  /// flushed to disk and renamed. The same replacements make the same bytes.
  ///
  /// Tensors that are one run of bytes are written range by range and never held; those in blocks are
  /// held as many at once as fit into the budget of the options; those that share their bytes with
  /// others, until all are written.
  ///
  /// The copy of a model that is a folder is a folder, too, where the path names one: see `FolderCopy`.
  ///
  /// - Parameters:
  ///   - path: where to write. None of the inputs.
  ///   - replacements: for some tensors, by name, what stands in their place.
  ///   - options: how; the container's own compression stays.
  ///   - inputs: files of which none may be the output.
  /// - Returns: what a person should know.
  /// - Throws: `Diagnostic`: `cannotWrite` where the target cannot be written, `badData` where a
  ///   tensor cannot be replaced in this container, whatever computing throws.
  @discardableResult
  public func writeCopy(
    to path: String, computing replacements: [String: TensorReplacement],
    _ options: WritingOptions = WritingOptions(), inputs: [WeightFile] = []
  ) async throws -> [String] {
    if FolderCopy.isFolder(path), let folder = FolderCopy(of: self) {
      return try await folder.write(to: path, computing: replacements, options, inputs: inputs)
    }
    try await writeAlone(to: path, computing: replacements, options, inputs: inputs)
    return []
  }

  /// The same, of one file.
  func writeAlone(
    to path: String, computing replacements: [String: TensorReplacement],
    _ options: WritingOptions = WritingOptions(), inputs: [WeightFile] = []
  ) async throws {
    try await write(
      try ComputedCopy(self, replacements, options), to: path,
      TemporaryFile.Existing(overwrites: options.overwrites), inputs: inputs)
  }

  /// Writes a copy of the container in which some tensors have other elements, the same way.
  ///
  /// - Parameter replacements: for some tensors, by name, all elements, little-endian, of the stored
  ///   type.
  /// - Throws: also `Diagnostic` of code `usage` where a replacement does not fit its tensor.
  public func writeCopy(
    to path: String, replacing replacements: [String: [UInt8]], overwrites: Bool
  ) async throws {
    let names = replacements.keys.sorted()
    for (name, entry) in zip(names, try entries(named: names)) {
      let count = replacements[name]?.count ?? 0
      guard count == entry.byteCount else {
        throw Diagnostic(
          .usage, "its replacement has \(count) bytes, and it has \(entry.byteCount)",
          at: [catalog.file, name])
      }
    }
    try await writeCopy(
      to: path,
      computing: replacements.mapValues { bytes in
        TensorReplacement(heldByteCount: 0) { _ in ComputedElements(bytes: bytes) }
      }, WritingOptions(overwrites: overwrites))
  }

  /// Writes a copy of the container in which some tensors and the attachment changed. All or nothing.
  ///
  /// The copy of a model that is a folder is a folder, too, where the path names one: see `FolderCopy`.
  ///
  /// Runs of bytes are changed piece by piece, several tensors at once: what is held does not grow
  /// with the file. Tensors in compressed blocks are held whole.
  ///
  /// - Parameters:
  ///   - path: where to write.
  ///   - rewriting: what changes.
  ///   - overwrites: whether a file that is already there may be replaced.
  ///   - inPlace: whether the path may be that of the file itself, which the copy then replaces.
  ///   - jobs: how many threads work; the bytes do not depend on it.
  /// - Throws: `Diagnostic`: `cannotWrite` where the target cannot be written, `badData` where a
  ///   tensor cannot be read or its filters cannot be applied, and whatever the changes throw.
  public func writeCopy(
    to path: String, rewriting: TensorRewriting, overwrites: Bool, inPlace: Bool = false,
    jobs: Int? = nil
  ) async throws {
    let existing = inPlace ? .replaceInput : TemporaryFile.Existing(overwrites: overwrites)
    if FolderCopy.isFolder(path), let folder = FolderCopy(of: self) {
      guard inPlace, folder.isOneFile else {
        return try await folder.write(
          to: path, rewriting: rewriting, overwrites: overwrites, inPlace: inPlace, jobs: jobs)
      }
      // Of one file, nothing else of its folder is touched.
      let model = (catalog.parts[0] as NSString).resolvingSymlinksInPath
      return try await rewriteAlone(to: model, rewriting, existing, jobs: jobs)
    }
    try await rewriteAlone(to: path, rewriting, existing, jobs: jobs)
  }

  /// The same, of one file.
  ///
  /// - Parameter isAlone: whether it is made in a folder that this process holds the lock of.
  func rewriteAlone(
    to path: String, _ rewriting: TensorRewriting, _ existing: TemporaryFile.Existing, jobs: Int?,
    isAlone: Bool = false
  ) async throws {
    let entries = try entries(named: rewriting.names)
    for entry in entries { try checkFilters(of: entry) }
    try await write(
      RewritingJob(
        file: self, entries: entries, rewriting: rewriting, jobs: jobs, isAlone: isAlone),
      to: path, existing)
  }

  /// Writes a copy with changes, whatever the container is. All or nothing.
  private func write(
    _ changes: some ContainerChanges, to path: String, _ existing: TemporaryFile.Existing,
    inputs: [WeightFile] = []
  ) async throws {
    guard try !CompressedFile.isCompressed(file) else {
      throw Diagnostic(
        .usage, "the file is compressed as a whole, and no copy of it is written",
        at: [catalog.file], remedy: "decompress it first, or write another format")
    }
    do {
      var copy = try TemporaryFile(
        for: path, existing, inputs: ([self] + inputs).flatMap { [$0.file] + $0.parts })
      let another = { try TemporaryFile(for: path, existing, isSecond: true) }
      switch source {
      case .plain: copy = try changes.writePlain(to: copy, another: another)
      case .hdf5(let window, let worker) where catalog.format == .keras:
        let weights = try TemporaryFile(beside: path)
        try await changes.writeHDF5(
          to: weights.descriptor, holding: window, window: window, worker: worker)
        try KerasArchive.rewrite(file, weights: weights.descriptor, to: copy.descriptor)
      case .hdf5(let window, let worker):
        try await changes.writeHDF5(
          to: copy.descriptor, holding: FileWindow(offset: 0, byteCount: file.byteCount),
          window: window, worker: worker)
      }
      try Task.checkCancellation()
      try changes.commit(copy)
    } catch let error as Diagnostic {
      throw error.location.isEmpty ? error.inside(path) : error
    } catch is CancellationError {
      throw Diagnostic(.interrupted, "interrupted; nothing was written", at: [path])
    }
  }
}

/// Groups of tensors, in their order, that fit into a budget; one that is larger is a group of its own.
func copyGroups(of byteCounts: [Int], within budget: Int) -> [Range<Int>] {
  var groups: [Range<Int>] = []
  var (start, held) = (0, 0)
  for (index, count) in byteCounts.enumerated() {
    if index > start, count > budget - held {
      groups.append(start..<index)
      (start, held) = (index, 0)
    }
    held += count
  }
  return start < byteCounts.count ? groups + [start..<byteCounts.count] : groups
}
