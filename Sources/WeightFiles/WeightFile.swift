import WorkbenchCore

/// A weight file, opened: its catalogue, and reads of its tensors.
public struct WeightFile: Sendable {
  /// What the file holds.
  public let catalog: Catalog

  /// Opens a file: finds out its format and reads its catalogue, through the isolated worker where
  /// the format is HDF5. No tensor data is read.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is no such file, `badData` where it is damaged,
  ///   hostile or of no known format.
  public static func open(_ path: String) async throws -> WeightFile {
    throw Diagnostic(.failed, "not built", at: [path])
  }

  /// Reads and decodes one tensor, to little-endian elements of its own type.
  public func readBytes(_ entry: TensorEntry) throws -> [UInt8] {
    throw Diagnostic(.failed, "not built", at: [catalog.file, entry.name])
  }

  /// Reads and decodes one tensor, to Float32.
  public func read(_ entry: TensorEntry) throws -> Tensor {
    throw Diagnostic(.failed, "not built", at: [catalog.file, entry.name])
  }

  /// Reads several tensors in parallel.
  public func read(_ names: [String], jobs: Int? = nil) throws -> Weights {
    throw Diagnostic(.failed, "not built", at: [catalog.file])
  }

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
