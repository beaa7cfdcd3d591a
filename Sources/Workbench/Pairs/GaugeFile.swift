import Catalogs
public import Matching
import Support
import Tensors
public import WeightFiles

/// Files whose weights are changed by symmetries of any kind.
public enum GaugeFile {
  /// Writes a copy of a file with its weights changed. They are read as Float32, changed in Float64 and
  /// rounded once to what the file stores.
  ///
  /// - Parameter transform: the change, in the file's names and axes.
  /// - Throws: `Diagnostic(.badData)` where it does not fit the file.
  public static func write(
    _ file: WeightFile, _ transform: GaugeTransform, to path: String, overwrites: Bool,
    jobs: Int? = nil
  ) async throws {
    let weights = try file.read(transform.involvedTensors.sorted())
    let changed: Weights
    do {
      changed = try transform.applied(to: weights, jobs: jobs)
    } catch let error as Diagnostic {
      throw error.inside(file.catalog.file)
    }
    try await file.writeCopy(
      to: path,
      replacing: try file.replacements(changed.filter { transform.tensors.contains($0.key) }),
      overwrites: overwrites)
  }
}
