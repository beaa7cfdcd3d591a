import WorkbenchCore

extension PyTorchFile {
  /// The longest pickle that is read.
  static let pickleLimit = 256 << 20

  /// The pickle of an archive; nil where it is no file of PyTorch.
  static func pickle(of archive: ZipArchive) -> ZipEntry? {
    archive.entries.first { entry in
      let words = entry.text.split(separator: "/", omittingEmptySubsequences: false)
      return words.last == "data.pkl" && words.count <= 2
    }
  }

  /// Reads the zip container of PyTorch 1.6 and later, and TorchScript archives.
  ///
  /// Specification: `torch/serialization.py`; `caffe2/serialize/inline_container.h`.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  static func open(_ archive: ZipArchive, pickle: ZipEntry, in file: OpenFile) throws -> ParsedFile
  {
    let root = String(pickle.text.dropLast("data.pkl".count))
    guard archive.entries.count(where: { $0.text.hasSuffix("data.pkl") }) == 1 else {
      throw ZipArchive.damaged("it has several pickles")
    }
    var isBigEndian = false
    if let order = archive.entry(named: root + "byteorder") {
      let bytes = try archive.contents(of: order, in: file, limit: 64)
      switch String(decoding: bytes, as: UTF8.self) {
      case "little": break
      case "big": isBigEndian = true
      case let other: throw ZipArchive.damaged("its byte order is \"\(other.prefix(20))\"")
      }
    }
    var storages: [String: Run] = [:]
    for entry in archive.entries where entry.text.hasPrefix(root + "data/") {
      guard entry.flags & 1 == 0 else { throw ZipArchive.damaged("\(entry.text) is encrypted") }
      let key = String(entry.text.dropFirst(root.count + "data/".count))
      switch ZipEntry.Method(rawValue: entry.method) {
      case .stored:
        guard entry.byteCount == entry.storedByteCount else {
          throw ZipArchive.damaged("the sizes of \(entry.text) contradict each other")
        }
        storages[key] = Run(offset: entry.dataOffset, byteCount: entry.byteCount)
      case .deflated:
        storages[key] = Run(
          offset: entry.dataOffset, byteCount: entry.byteCount,
          deflated: TensorEntry.DeflatedRun(
            offset: entry.dataOffset, storedByteCount: entry.storedByteCount,
            byteCount: entry.byteCount, checksum: entry.checksum))
      case nil:
        throw ZipArchive.damaged("\(entry.text) is compressed in a way that is not read")
      }
    }
    let isScript = archive.entries.contains { $0.text.hasPrefix(root + "code/") }
    var machine = PickleMachine()
    machine.isScript = isScript
    var input = PickleInput(try archive.contents(of: pickle, in: file, limit: pickleLimit))
    let value = try machine.read(&input)
    return try parsed(
      machine, root: value, storages: storages, file: file, isBigEndian: isBigEndian,
      container: isScript ? "TorchScript" : "zip")
  }
}
