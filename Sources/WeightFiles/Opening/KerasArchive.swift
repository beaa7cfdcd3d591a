import Archives
import Catalogs
import Formats
import Glibc
import Support

/// A `.keras` file: a zip archive of a configuration, metadata and an HDF5 file of weights.
enum KerasArchive {
  /// The member that holds the weights.
  static let weights = "model.weights.h5"

  private static let documentLimit = 256 << 20
  private static let inflatedLimit = 4 << 30

  /// Finds the weights in an archive. Stored, as Keras writes them, they are read in place;
  /// compressed, they are inflated into memory.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, also for other archives.
  static func open(_ archive: ZipArchive, _ file: OpenFile) throws -> Container.HDF5Place {
    guard let weights = archive.entry(named: weights) else {
      throw Diagnostic(.badData, "this zip archive has no \(weights)")
    }
    var documents: [String: [UInt8]] = [:]
    for name in ["config.json", "metadata.json"] {
      guard let entry = archive.entry(named: name) else { continue }
      documents[name] = try archive.contents(of: entry, in: file, limit: documentLimit)
    }
    let (content, window) = try place(weights, of: archive, in: file)
    let start = try content.bytes(at: window.offset, count: 8)
    guard start == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A] else {
      throw Diagnostic(
        .badData, "its \(Self.weights) is not an HDF5 file: \(FileSignature.appearance(of: start))")
    }
    try Superblock.check(content, window: window)
    return Container.HDF5Place(
      format: .keras, content: content, window: window, documents: documents)
  }

  private static func place(
    _ weights: ZipEntry, of archive: ZipArchive, in file: OpenFile
  ) throws -> (OpenFile, FileWindow) {
    if ZipEntry.Method(rawValue: weights.method) == .stored, weights.flags & 1 == 0 {
      guard weights.byteCount == weights.storedByteCount else {
        throw ZipArchive.damaged("the sizes of \(Self.weights) contradict each other")
      }
      return (file, FileWindow(offset: weights.dataOffset, byteCount: weights.byteCount))
    }
    let content = try archive.unpacked(weights, of: file, limit: inflatedLimit, as: file.path)
    return (content, FileWindow(offset: 0, byteCount: content.byteCount))
  }

  /// What an archive seems to be, for the error about it; nothing where it is any archive.
  static func name(of archive: ZipArchive) -> String {
    let names = archive.entries.map(\.text)
    if names.contains("model.weights.npz") { return "a Keras archive with weights in .npz" }
    if names.contains(where: { $0.hasSuffix("data.pkl") }) { return "a PyTorch file" }
    return ""
  }
}
