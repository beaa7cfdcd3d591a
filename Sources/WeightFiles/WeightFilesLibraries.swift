import CDeflate
import CHDF5

/// The libraries that this module stands on, for reports about an installation.
public enum WeightFilesLibraries {
  /// The version of libhdf5.
  public static var hdf5Version: String {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    guard H5get_libversion(&major, &minor, &release) >= 0 else { return "unknown" }
    return "\(major).\(minor).\(release)"
  }

  /// The version of libdeflate.
  public static var deflateVersion: String { LIBDEFLATE_VERSION_STRING }

  /// Where the worker is that opens HDF5 files.
  ///
  /// - Throws: `Diagnostic` where it is missing.
  public static func workerPath() throws -> String { try CatalogWorker.findExecutable() }
}
