import CBLAS
import CLAPACK

/// The libraries that this module stands on, for reports about an installation.
public enum LinearAlgebraLibraries {
  /// The version of OpenBLAS and the kernels that it chose for this processor.
  public static var openBLASVersion: String {
    guard let configuration = openblas_get_config(), let core = openblas_get_corename() else {
      return "unknown"
    }
    // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …": the second word is the version.
    let words = String(cString: configuration).split(separator: " ")
    let version = words.count > 1 ? String(words[1]) : "unknown"
    return "\(version), kernels for \(String(cString: core))"
  }

  /// The version of LAPACK that is there.
  public static var lapackVersion: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    LAPACKE_ilaver(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }
}
