import Support

/// Writes whole files at once: another process sees the old file, or none, or all of the new one.
public enum AtomicFile {
  /// Writes a file through a temporary one in the same folder, which is flushed to disk and renamed.
  ///
  /// - Parameters:
  ///   - bytes: what the file will hold.
  ///   - path: where.
  ///   - overwrites: whether a file that is already there may be replaced.
  /// - Throws: `Diagnostic` of code `cannotWrite`; nothing is left then.
  public static func write(_ bytes: [UInt8], to path: String, overwrites: Bool) throws {
    let file = try TemporaryFile(for: path, overwrites: overwrites)
    do { try bytes.withUnsafeBytes { try writeFully($0, to: file.descriptor, at: 0) } } catch let
      error as Diagnostic
    {
      throw error.inside(path)
    }
    try file.commit()
  }
}
