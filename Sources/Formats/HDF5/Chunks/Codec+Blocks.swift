import Archives
import CHDF5
import CLZ4
import Support
import Tensors

extension Codec {
  /// Undoes one block of LZ4 without a frame.
  private func decompressLZ4Block(
    _ block: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) throws {
    guard let input = Int32(exactly: block.count), let room = Int32(exactly: output.count) else {
      throw DecompressionError.damaged
    }
    let count = LZ4_decompress_safe(block.baseAddress, output.baseAddress, input, room)
    guard count == room else { throw DecompressionError.damaged }
  }

  /// Undoes filter 32004: the size in 8 bytes, the size of a block in 4, then the blocks, each after
  /// its stored size in 4; most significant byte first. A block that does not get smaller is stored.
  func decompressLZ4(
    _ block: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) throws {
    var cursor = BigEndianCursor(block)
    let total = try cursor.take(UInt64.self)
    guard total == UInt64(output.count) else {
      throw DecompressionError.wrongSize(Int(clamping: total), output.count)
    }
    let size = Int(try cursor.take(UInt32.self))
    guard size > 0 || output.isEmpty else { throw DecompressionError.damaged }
    var done = 0
    while done < output.count {
      let count = min(size, output.count - done)
      let target = UnsafeMutableRawBufferPointer(rebasing: output[done..<(done + count)])
      let stored = try cursor.bytes(Int(cursor.take(UInt32.self)))
      if stored.count == count {
        target.copyMemory(from: stored)
      } else {
        try decompressLZ4Block(stored, to: target)
      }
      done += count
    }
  }

  /// Undoes filter 32008. Packed, it begins with the size in 8 bytes and the size of a block in 4;
  /// each block but for the last elements, fewer than 8, which are as they were, comes after its
  /// stored size in 4.
  mutating func undoBitshuffle(
    _ block: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer,
    elementByteCount: Int, blockElementCount: Int, packing: FilterPipeline.Packing
  ) throws {
    var cursor = BigEndianCursor(block)
    var blockCount = blockElementCount
    if packing != .none {
      let total = try cursor.take(UInt64.self)
      guard total == UInt64(output.count) else {
        throw DecompressionError.wrongSize(Int(clamping: total), output.count)
      }
      let size = Int(try cursor.take(UInt32.self))
      blockCount = size / elementByteCount
      guard blockCount > 0, blockCount % 8 == 0, size % elementByteCount == 0 else {
        throw DecompressionError.damaged
      }
    }
    let elements = output.count / elementByteCount
    let most = min(blockCount, elements) * elementByteCount
    // Rows of bits, and the planes between them and the elements.
    let space = scratch.room(for: 2 * most)
    var done = 0
    while elements - done >= 8 {
      let count = min(blockCount, (elements - done) / 8 * 8)
      let byteCount = count * elementByteCount
      let place = (done * elementByteCount)..<(done * elementByteCount + byteCount)
      var rows = UnsafeRawBufferPointer(rebasing: space[0..<byteCount])
      let target = UnsafeMutableRawBufferPointer(rebasing: space[0..<byteCount])
      switch packing {
      case .none: rows = try cursor.bytes(byteCount)
      case .lz4: try decompressLZ4Block(cursor.bytes(Int(cursor.take(UInt32.self))), to: target)
      case .zstd: try decompressZstd(cursor.bytes(Int(cursor.take(UInt32.self))), to: target)
      }
      if let from = rows.baseAddress, let to = output[place].baseAddress(in: output),
        let planes = space.baseAddress
      {
        chdf5_bitunshuffle(
          from.assumingMemoryBound(to: UInt8.self), to,
          (planes + most).assumingMemoryBound(to: UInt8.self), count, elementByteCount)
      }
      done += count
    }
    let rest = UnsafeMutableRawBufferPointer(rebasing: output[(done * elementByteCount)...])
    rest.copyMemory(from: try cursor.bytes(rest.count))
  }
}

extension Slice<UnsafeMutableRawBufferPointer> {
  fileprivate func baseAddress(
    in whole: UnsafeMutableRawBufferPointer
  ) -> UnsafeMutablePointer<UInt8>? {
    whole.baseAddress.map { ($0 + startIndex).assumingMemoryBound(to: UInt8.self) }
  }
}
