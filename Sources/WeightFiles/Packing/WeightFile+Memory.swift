import WorkbenchCore

extension WeightFile {
  /// Opens a file whose bytes are in memory, as if it were on disk.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - name: what the catalogue and errors call it.
  /// - Throws: `Diagnostic` of code `badData` where it is damaged.
  public static func open(bytes: [UInt8], name: String) async throws -> WeightFile {
    let scratch = try ScratchFile.make("member")
    try bytes.withUnsafeBytes { try writeFully($0, to: scratch.descriptor, at: 0) }
    let file: WeightFile
    do {
      file = try await open("/proc/self/fd/\(scratch.descriptor)")
    } catch var error as Diagnostic {
      error.location = [name] + error.location.dropFirst()
      throw error
    }
    withExtendedLifetime(scratch) {}
    var catalog = file.catalog
    catalog.file = name
    catalog.parts[0] = name
    // It cannot be opened again by that name.
    catalog.isAddressable = false
    return WeightFile(
      catalog: catalog, file: file.file, parts: file.parts, source: file.source)
  }
}
