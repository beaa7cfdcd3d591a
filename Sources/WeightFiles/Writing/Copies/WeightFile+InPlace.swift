import Archives
import Catalogs
import Formats
import Support
import Tensors

extension WeightFile {
  /// Puts changes into a copy of a file whose tensors are runs of plain bytes. Checksums of a zip
  /// archive follow.
  func applyInPlace(_ changes: [Change], to copy: Int32) throws {
    try checkInPlace()
    try checkSharing(Set(changes.map(\.entry.name)))
    try copyRange(of: file, from: 0, count: file.byteCount, to: copy, at: 0)
    try updateChecksums(of: try overwrite(changes, in: copy), in: copy)
  }

  /// Refuses a file of which a copy cannot be changed in place.
  func checkInPlace() throws {
    guard parts.count == 1 else {
      throw Diagnostic(
        .badData, "the model is spread over \(parts.count) files, and the copy would be one",
        at: [catalog.file],
        remedy:
          "join it first: \(action: .convert, of: catalog.file, with: .output, "ONE.safetensors")")
    }
    guard parts[0] === file else {
      throw Diagnostic(
        .badData, "the file is compressed as a whole", at: [catalog.file],
        remedy: "decompress it first")
    }
  }

  /// Puts changes where the tensors were.
  ///
  /// - Returns: the bytes that were written.
  func overwrite(_ changes: [Change], in copy: Int32) throws -> [Range<Int>] {
    let written = try OpenFile(owning: duplicate(copy), path: file.path)
    var touched: [Range<Int>] = []
    for change in changes where !change.stored.isEmpty {
      do {
        guard let extent = try change.entry.extent() else {
          throw Diagnostic(
            .badData, "it is stored compressed, and cannot be replaced in place",
            remedy: "write the file without compression: \(action: .convert)")
        }
        try write(change, over: extent, in: written)
        touched.append(extent)
      } catch let error as Diagnostic {
        throw error.inside(change.entry.name).inside(catalog.file)
      }
    }
    // A tensor may share bytes with another one: what was asked for must stand there now.
    for change in changes {
      var entry = change.entry
      entry.isBigEndian = false  // as stored
      entry.checkedRun = nil  // of the old bytes
      let reader = WeightFile(catalog: catalog, file: written, parts: [written], source: .plain)
      guard try reader.readBytes(entry) == change.stored else { throw conflict(entry.name) }
    }
    return touched
  }

  /// Corrects a zip archive's checksums for bytes that were written.
  func updateChecksums(of touched: [Range<Int>], in copy: Int32) throws {
    guard try FileSignature.of(file) == .zip else { return }
    let written = try OpenFile(owning: duplicate(copy), path: file.path)
    try ZipArchive(file).updateChecksums(of: touched, in: written)
  }

  private func write(_ change: Change, over extent: Range<Int>, in written: OpenFile) throws {
    guard case .strided(_, let strides) = change.entry.layout else {
      return try change.stored.withUnsafeBytes {
        try writeFully($0, to: written.descriptor, at: extent.lowerBound)
      }
    }
    let geometry = try StridedGeometry(
      shape: change.entry.shape, strides: strides,
      elementByteCount: change.entry.elementType.byteCount)
    var bytes = try written.bytes(at: extent.lowerBound, count: extent.count)
    bytes.withUnsafeMutableBytes { bytes in
      change.stored.withUnsafeBytes { geometry.scatter(from: $0, to: bytes) }
    }
    try bytes.withUnsafeBytes {
      try writeFully($0, to: written.descriptor, at: extent.lowerBound)
    }
  }
}
