import Archives
import Support

/// Small files beside models: tables, parameters, results.
public enum DocumentFile {
  /// The contents of a file, inflated where it is compressed as a whole.
  ///
  /// - Parameter limit: the most bytes that are taken.
  /// - Throws: `Diagnostic`, without a location: `noInput` where it is not there, `badData` where it
  ///   is longer than the limit or damaged.
  public static func contents(of path: String, limit: Int) throws -> [UInt8] {
    do {
      let file = try OpenFile.opened(path)
      var limits = CompressedFile.Limits()
      limits.byteCount = limit
      let content = try CompressedFile.inflated(file, limits: limits) ?? file
      guard content.byteCount <= limit else {
        throw Diagnostic(.badData, "a document of \(content.byteCount) bytes is absurd")
      }
      return try content.bytes(at: 0, count: content.byteCount)
    } catch var error as Diagnostic {
      error.location.removeAll { $0 == path }
      throw error
    }
  }
}
