import CLinux
import Datasets
import LinearAlgebra
import Networks
import Support
import WeightFiles
import ZooIndex

/// What the program was made of.
enum ToolVersion {
  /// The versions of the libraries, asked of each.
  static var libraries: [String: String] {
    [
      "Blosc": WeightFilesLibraries.bloscVersion, "HDF5": WeightFilesLibraries.hdf5Version,
      "LAPACK": LinearAlgebraLibraries.lapackVersion, "LZ4": WeightFilesLibraries.lz4Version,
      "libdeflate": WeightFilesLibraries.deflateVersion,
      "libpng": DatasetsLibraries.pngVersion, "libturbojpeg": DatasetsLibraries.jpegVersion,
      "OpenBLAS": LinearAlgebraLibraries.openBLASVersion,
      "oneDNN": NetworksLibraries.oneDNNVersion, "SQLite": ZooLibraries.sqliteVersion,
      "OpenSSL": SHA256.libraryVersion, "zlib": WeightFilesLibraries.zlibVersion,
      "xxHash": WeightFilesLibraries.xxHashVersion, "zstd": WeightFilesLibraries.zstdVersion,
    ]
  }

  /// The commit that was built: 12 hexadecimal digits, with a `+` where files were changed; nil where
  /// the build did not say.
  static var commit: String? {
    let text = unsafe String(cString: clinux_commit())
    return text.isEmpty ? nil : text
  }

  /// The version, the commit, and the libraries, a line each.
  static var text: String {
    let head = "wsl \(Workbench.version)" + (commit.map { " (\($0))" } ?? "")
    return head + "\n"
      + libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
        separator: ", ")
  }
}
