import WorkbenchCore

extension WeightFile {
  /// Writes a copy of the container in which only the given tensors changed: same layout, same
  /// filters, same names and attributes. Through a temporary file in the target's folder, flushed
  /// to disk and renamed; nothing is left where it fails.
  ///
  /// - Parameters:
  ///   - path: where to write. Never the file itself.
  ///   - replacements: for some tensors, by name, all elements, little-endian, of the stored type.
  ///   - overwrites: whether a file that is already there may be replaced.
  public func writeCopy(
    to path: String, replacing replacements: [String: [UInt8]], overwrites: Bool
  ) async throws {
    throw Diagnostic(.failed, "not built", at: [path])
  }
}
