import Archives
import CatalogWire
import Glibc
import Support

/// Collects changes for the worker in a file in memory.
final class PatchStream {
  private let file: OpenFile
  private var buffer: [UInt8] = []
  private var written = 0

  /// Makes an empty stream.
  init() throws { file = try ScratchFile.make("changes") }

  /// Adds a change.
  func append(dataset: String, place: PatchRecord.Place, _ bytes: [UInt8]) throws {
    buffer += PatchRecord(dataset: dataset, place: place, byteCount: UInt64(bytes.count)).encoded()
    buffer += bytes
    if buffer.count > 4 << 20 { try flush() }
  }

  /// The descriptor of the whole stream, valid as long as this lives.
  func finish() throws -> Int32 {
    try flush()
    return file.descriptor
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { try writeFully($0, to: file.descriptor, at: written) }
    written += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }
}
