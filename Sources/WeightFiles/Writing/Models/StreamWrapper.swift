import Archives
import Support
import Synchronization
import Tensors

/// Wraps a finished file as `.zst` or `.gz`: pieces of it are compressed side by side, each into a
/// frame or a member of its own, which every reader of these formats takes as one stream.
///
/// The frames of zstd are followed by a table of their sizes, so that a reader which knows it reads
/// at random. Specification: contrib/seekable_format/zstd_seekable_compression_format.md in zstd.
enum StreamWrapper {
  private static let pieceByteCount = 4 << 20

  /// Compresses a file into another, empty one.
  static func wrap(
    _ file: OpenFile, as compression: CompressionOption, to descriptor: Int32, jobs: Int?
  ) throws {
    let count = max(1, (file.byteCount + pieceByteCount - 1) / pieceByteCount)
    let output = OrderedOutput()
    let written = WrittenFrames()
    try forEachIndex(
      count: count, jobs: jobs,
      workspace: { Space(packer: try BlockPacker(compression)) }
    ) { space, index in
      let start = index * pieceByteCount
      let part = space.buffer.room(for: min(pieceByteCount, file.byteCount - start))
      if !part.isEmpty { try file.read(into: part, at: start) }
      try space.packer.pack(
        UnsafeRawBufferPointer(part), filledTo: 0, elementByteCount: 1, as: .file
      ) { packed in
        try output.hand(over: packed, at: index) { place, bytes in
          try writeFully(bytes, to: descriptor, at: written.end)
          let original =
            place == count - 1 ? file.byteCount - (count - 1) * pieceByteCount : pieceByteCount
          written.add(bytes.count, original)
        }
      }
    }
    guard case .zstd = compression else { return }
    let table = written.seekTable
    try table.withUnsafeBytes { try writeFully($0, to: descriptor, at: written.end) }
  }

  private struct Space: ~Copyable {
    var packer: BlockPacker
    var buffer = ByteBuffer()
  }
}

/// The frames written so far.
private final class WrittenFrames: Sendable {
  private let state = Mutex((end: 0, sizes: [(stored: UInt32, original: UInt32)]()))

  /// Where the next one goes.
  var end: Int { state.withLock { $0.end } }

  func add(_ stored: Int, _ original: Int) {
    state.withLock {
      $0.end += stored
      $0.sizes.append((UInt32(stored), UInt32(original)))
    }
  }

  /// The skippable frame with the sizes, and its footer.
  var seekTable: [UInt8] {
    let sizes = state.withLock { $0.sizes }
    var table: [UInt8] = []
    append(UInt32(0x184D_2A5E), to: &table)
    append(UInt32(sizes.count * 8 + 9), to: &table)
    for size in sizes {
      append(size.stored, to: &table)
      append(size.original, to: &table)
    }
    append(UInt32(sizes.count), to: &table)
    table.append(0)
    append(UInt32(0x8F92_EAB1), to: &table)
    return table
  }
}
