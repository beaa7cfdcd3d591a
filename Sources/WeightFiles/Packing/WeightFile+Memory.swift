public import Archives
import Formats
import Support

extension WeightFile {
  /// Opens a file whose bytes are in memory, as if it were on disk.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - place: the archive that it is from, and its name there.
  /// - Throws: `Diagnostic` of code `badData` where it is damaged.
  public static func open(bytes: [UInt8], from place: MemberPath) async throws -> WeightFile {
    try await open(member: try ModelArchive.scratch(bytes, place), limits: WorkerLimits())
  }
}
