import Catalogs
import Support
import WeightFiles

/// The arrays of a file that weights are read from as well: HDF5, `.npz`, `.npy`, safetensors.
struct NamedArrays {
  /// The one array of a `.npy` file has this name.
  static let loneName = "array"

  private let file: WeightFile

  /// Opens a file.
  ///
  /// - Throws: `Diagnostic` where it is damaged.
  init(_ path: String) async throws { file = try await WeightFile.open(path) }

  /// The names of all arrays, those that are no numbers among them.
  var names: Set<String> {
    Set(file.catalog.tensors.map(\.name)).union(file.catalog.unreadTensors.map(\.name))
  }

  /// Reads an array.
  ///
  /// - Throws: `Diagnostic` where there is none of that name, it is no numbers, or it is damaged.
  func array(_ name: String) throws -> NumericArray {
    do {
      let entry = try file.entry(named: name)
      return NumericArray(
        shape: entry.shape, elementType: entry.elementType, bytes: try file.readBytes(entry))
    } catch var error as Diagnostic {
      // The data set is named by who asked for it.
      error.location.removeAll { $0 == file.catalog.file }
      throw error
    }
  }
}
