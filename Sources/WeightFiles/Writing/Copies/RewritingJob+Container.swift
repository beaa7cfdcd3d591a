import Glibc
import WorkbenchCore

extension RewritingJob: ContainerChanges {
  /// Whether the attachment has a place in the file; otherwise it goes beside it.
  private var keepsAttachment: Bool {
    file.catalog.format == .safetensors && file.parts.count == 1 && file.parts[0] === file.file
  }

  func writePlain(
    to copy: TemporaryFile, another: () throws -> TemporaryFile
  ) throws -> TemporaryFile {
    if keepsAttachment { return try writeSafetensors(to: copy, another: another) }
    try file.applyInPlace(
      try changedInMemory(Array(entries.indices)), to: copy.descriptor)
    return copy
  }

  func commit(_ copy: TemporaryFile, overwrites: Bool) throws {
    guard case .plain = file.source, !keepsAttachment else {
      return try copy.commit(overwrites: overwrites)
    }
    let path = WeightFile.sidecarPath(of: copy.target)
    guard let attachment = try rewriting.attachment().map(joined) else {
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
