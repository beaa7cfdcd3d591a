import CBlosc
import CDeflate
import CHDF5
import CLZ4
import CXXHash
import CZlib
import CZstd
import Formats

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

  /// The version of zlib.
  public static var zlibVersion: String { String(cString: CZlib.zlibVersion()) }

  /// The version of Zstandard.
  public static var zstdVersion: String { String(cString: ZSTD_versionString()) }

  /// The version of LZ4.
  public static var lz4Version: String { String(cString: LZ4_versionString()) }

  /// The version of Blosc.
  public static var bloscVersion: String { BLOSC_VERSION_STRING }

  /// The version of xxHash.
  public static var xxHashVersion: String {
    let version = XXH_versionNumber()
    return "\(version / 10_000).\(version / 100 % 100).\(version % 100)"
  }

  /// Where the worker is that opens HDF5 files.
  ///
  /// - Throws: `Diagnostic` where it is missing.
  public static func workerPath() throws -> String { try CatalogWorker.findExecutable() }
}
