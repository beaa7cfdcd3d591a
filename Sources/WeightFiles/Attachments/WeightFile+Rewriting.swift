import Foundation
import WorkbenchCore

extension WeightFile {
  /// Writes a copy of the container in which some tensors and the attachment changed. All or nothing.
  ///
  /// Runs of bytes are changed piece by piece, several tensors at once: what is held does not grow
  /// with the file. Tensors in compressed blocks are held whole.
  ///
  /// - Parameters:
  ///   - path: where to write. Never the file itself.
  ///   - rewriting: what changes.
  ///   - overwrites: whether a file that is already there may be replaced.
  ///   - jobs: how many threads work; the bytes do not depend on it.
  /// - Throws: `Diagnostic`: `cannotWrite` where the target cannot be written, `badData` where a
  ///   tensor cannot be read or its filters cannot be applied, and whatever the changes throw.
  public func writeCopy(
    to path: String, rewriting: TensorRewriting, overwrites: Bool, jobs: Int? = nil
  ) async throws {
    let entries = try rewriting.names.map(entry(named:))
    for entry in entries {
      if let filter = FilterPipeline.unwritableFilter(of: entry) {
        throw Diagnostic(
          .badData, "its chunks go through the filter \(filter), which is not written here",
          at: [catalog.file, entry.name],
          remedy: "write the file again with gzip, or without a filter")
      }
    }
    guard try !CompressedFile.isCompressed(file) else {
      throw Diagnostic(
        .usage, "the file is compressed as a whole, and no copy of it is written",
        at: [catalog.file], remedy: "decompress it first")
    }
    let job = RewritingJob(file: self, entries: entries, rewriting: rewriting, jobs: jobs)
    do {
      let copy = try TemporaryFile(for: path, overwrites: overwrites, inputs: [file] + parts)
      switch source {
      case .plain where catalog.format == .safetensors && parts.count == 1 && parts[0] === file:
        let whole = try job.writeSafetensors(to: copy) {
          try TemporaryFile(for: path, overwrites: overwrites)
        }
        try whole.commit(overwrites: overwrites)
      case .plain: try commit(job, to: copy, overwrites: overwrites)
      case .hdf5(let window, let worker) where catalog.format == .keras:
        let weights = try TemporaryFile(for: path, overwrites: overwrites)
        try copyRange(
          of: parts[0], from: window.offset, count: window.byteCount, to: weights.descriptor, at: 0
        )
        try await job.writeHDF5(
          to: weights.descriptor, shift: window.offset, window: window, worker: worker)
        try KerasArchive.rewrite(file, weights: weights.descriptor, to: copy.descriptor)
        try copy.commit(overwrites: overwrites)
      case .hdf5(let window, let worker):
        try copyRange(of: file, from: 0, count: file.byteCount, to: copy.descriptor, at: 0)
        try await job.writeHDF5(to: copy.descriptor, shift: 0, window: window, worker: worker)
        try copy.commit(overwrites: overwrites)
      }
    } catch let error as Diagnostic {
      throw error.code == .badData ? error : error.inside(path)
    } catch is CancellationError {
      throw Diagnostic(.interrupted, "interrupted; nothing was written", at: [path])
    }
  }

  /// A model whose attachment goes beside it.
  private func commit(
    _ job: RewritingJob, to copy: TemporaryFile, overwrites: Bool
  ) throws {
    try applyInPlace(try job.changedInMemory(Array(job.entries.indices)), to: copy.descriptor)
    let path = WeightFile.sidecarPath(of: copy.target)
    guard let attachment = try job.rewriting.attachment() else {
      try copy.commit(overwrites: overwrites)
      if overwrites { unlink(path) }  // That of a model which was replaced.
      return
    }
    // The attachment first: without the model it does no harm.
    try AtomicFile.write(attachment, to: path, overwrites: overwrites)
    do { try copy.commit(overwrites: overwrites) } catch {
      unlink(path)
      throw error
    }
  }
}
