import CXXHash
import Foundation
import Support
import Synchronization

/// The contents of a zstd file in seekable format, in a file in memory that is filled frame by frame
/// as it is read: to list a model takes its header, and to read a tensor takes its frames.
///
/// Shared by threads. Of two that want the same frame one waits: while zstd decompresses, what is not
/// yet written of the contents is its scratch memory.
final class SeekableFrames: ContentFilling {
  /// The table.
  let table: SeekTable

  private let source: OpenFile
  private let onDisk: Bool
  private let isFilled: Mutex<[Bool]>
  /// One a frame, held while it is decompressed.
  private let locks: [NSLock]

  /// Takes the frames of a file whose contents go to memory, or to disk.
  init(_ source: OpenFile, _ table: SeekTable, onDisk: Bool) {
    (self.source, self.onDisk) = (source, onDisk)
    self.table = table
    isFilled = Mutex(Array(repeating: false, count: table.frames.count))
    locks = table.frames.map { _ in NSLock() }
  }

  /// How many frames have been decompressed.
  var filledCount: Int { isFilled.withLock { $0.count { $0 } } }

  /// Makes a range of the contents available.
  ///
  /// - Parameters:
  ///   - range: the bytes; nil for all of them, which several threads then decompress.
  ///   - target: the file in memory, of the contents' size.
  /// - Throws: `Diagnostic` of code `badData` that names the frame, where it is damaged.
  func fill(_ range: Range<Int>?, of target: Int32) throws {
    let indices = range.map(table.indices(of:)) ?? 0..<table.frames.count
    let missing = isFilled.withLock { isFilled in indices.filter { !isFilled[$0] } }
    guard !missing.isEmpty else { return }
    try forEachIndex(
      count: missing.count, jobs: range == nil ? nil : 1, workspace: { try ZstandardDecompressor() }
    ) { decompressor, item in
      let index = missing[item]
      self.locks[index].lock()
      defer { self.locks[index].unlock() }
      guard !self.isFilled.withLock({ $0[index] }) else { return }
      do { try self.fill(index, of: target, &decompressor) } catch let error as Diagnostic {
        throw error.inside("frame \(index)")
      }
      self.isFilled.withLock { $0[index] = true }
    }
  }

  private func fill(
    _ index: Int, of target: Int32, _ decompressor: inout ZstandardDecompressor
  ) throws {
    let frame = table.frames[index]
    let stored = try source.bytes(at: frame.stored.lowerBound, count: frame.stored.count)
    guard stored.count == frame.stored.count else { throw CompressedFile.truncated }
    // Straight into the file.
    let count = frame.contents.count
    try CompressedFile.mapped(
      target, from: frame.contents.lowerBound, count: count, onDisk: onDisk
    ) { room in
      try stored.withUnsafeBytes {
        try decompressor.decompress(
          $0, to: UnsafeMutableRawBufferPointer(start: room, count: count))
      }
      if let checksum = frame.checksum,
        UInt32(truncatingIfNeeded: XXH64(room, count, 0)) != checksum
      {
        throw CompressedFile.damaged("zstd", "a checksum does not fit")
      }
    }
  }
}
