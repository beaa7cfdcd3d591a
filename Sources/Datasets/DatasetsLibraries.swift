import CImages

/// The libraries that this module stands on, for reports about an installation.
public enum DatasetsLibraries {
  /// The version of libpng.
  public static var pngVersion: String { String(cString: images_png_version()) }

  /// The version of libturbojpeg.
  public static var jpegVersion: String { String(cString: images_jpeg_version()) }
}
