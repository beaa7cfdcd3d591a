import COneDNN

/// The libraries that this module stands on, for reports about an installation.
public enum NetworksLibraries {
  /// The version of oneDNN.
  public static var oneDNNVersion: String {
    let version = onednn_version()
    return "\(version / 10_000).\(version / 100 % 100).\(version % 100)"
  }
}
