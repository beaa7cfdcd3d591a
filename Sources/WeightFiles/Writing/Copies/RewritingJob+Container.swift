import Archives
import Catalogs
import Support

extension RewritingJob: ContainerChanges {
  /// Whether the attachment has a place in the file; otherwise it goes beside it.
  private var keepsAttachment: Bool {
    file.catalog.format == .safetensors && file.parts.count == 1 && file.parts[0] === file.file
  }

  func writePlain(
    to copy: TemporaryFile, another: () throws -> TemporaryFile
  ) throws -> TemporaryFile {
    if keepsAttachment { return try writeSafetensors(to: copy, another: another) }
    // The patched tensors are in memory at once: each is looked at again when all are written.
    try MachineMemory.check(entries.reduce(0) { $0 + $1.byteCount })
    try file.applyInPlace(
      try changedInMemory(Array(entries.indices)), to: copy.descriptor)
    return copy
  }

  func commit(_ copy: TemporaryFile) throws {
    guard case .plain = file.source, !keepsAttachment else { return try copy.commit() }
    try Sidecar.commit(copy, try rewriting.attachment().map(joined), isAlone: isAlone)
  }
}
