public import Archives
public import Catalogs
import Support

extension WeightFile {
  /// The checksum of a tensor. Its elements are read piece by piece, and given up again.
  ///
  /// - Parameter budget: how many bytes may be held; nil for a usual size, which what can only be read
  ///   as a whole exceeds.
  /// - Throws: `Diagnostic`: `badData` where the data are damaged; `failed` where the tensor can only be
  ///   read with more memory, before that is taken.
  public func checksum(
    _ entry: TensorEntry, _ kind: Checksum = .xxh3, jobs: Int? = nil,
    budget: Int? = nil
  ) throws -> String {
    switch kind {
    case .xxh3:
      var running = try RunningChecksum()
      try forEachPiece(of: entry, jobs: jobs, budget: budget) { running.update($0) }
      return running.text
    case .sha256:
      var running = SHA256()
      try forEachPiece(of: entry, jobs: jobs, budget: budget) { running.update($0) }
      return kind.rawValue + ":" + running.finalize().hexadecimal
    }
  }
}
