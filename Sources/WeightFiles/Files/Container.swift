import WorkbenchCore

/// What a file is, and where in it the HDF5 file lies.
struct Container {
  /// The kind of container.
  var format: Catalog.Format
  /// The file that holds the HDF5 file.
  var content: OpenFile
  /// Where it lies in it.
  var window: FileWindow
  /// Documents beside it.
  var documents: [String: [UInt8]] = [:]

  /// Finds out what a file is.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, where it is nothing that is read.
  static func open(_ file: OpenFile) throws -> Container {
    guard file.byteCount > 0 else {
      throw Diagnostic(.badData, "the file is empty", remedy: "copy or download it again")
    }
    switch try FileSignature.of(file) {
    case .hdf5(let offset):
      let window = FileWindow(offset: offset, byteCount: file.byteCount - offset)
      try Superblock.check(file, window: window)
      return Container(format: .hdf5, content: file, window: window)
    case .zip: return try KerasArchive.open(file)
    case .known(let name):
      throw Diagnostic(.badData, "this is \(name), which is not read yet")
    case .unknown:
      let appearance = FileSignature.appearance(of: try file.bytes(at: 0, count: 24))
      throw Diagnostic(
        .badData, "this is not an HDF5 file: \(appearance)",
        remedy: "give a weight file (.h5, .weights.h5, .keras)")
    }
  }
}
