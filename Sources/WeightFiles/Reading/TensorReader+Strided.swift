import Archives
import Catalogs
import CDeflate
import Formats
import Support
import Tensors

extension TensorReader {
  /// Gathers strided elements into row-major order.
  func readStrided(
    into buffer: UnsafeMutableRawBufferPointer, offset: Int, strides: [Int], jobs: Int?
  ) throws {
    let geometry = try StridedGeometry(
      shape: entry.shape, strides: strides, elementByteCount: entry.elementType.byteCount)
    let run = try StridedRun(file, offset: offset, geometry: geometry)
    guard buffer.count == geometry.byteCount else {
      throw Diagnostic(.failed, "the buffer does not have the size of the tensor")
    }
    if geometry.isContiguous { return try readRun(into: buffer, at: offset, jobs: jobs) }
    if geometry.extentByteCount / StridedRun.wastedRatio <= buffer.count {
      try MachineMemory.check(geometry.extentByteCount)
      let extent = UnsafeMutableRawBufferPointer.allocate(
        byteCount: geometry.extentByteCount, alignment: 64)
      defer { extent.deallocate() }
      try readRun(into: extent, at: offset, jobs: jobs)
      return geometry.gather(from: UnsafeRawBufferPointer(extent), to: buffer)
    }
    // Ranges, so that what lies between the elements is never held as a whole.
    let pieceByteCount = geometry.pieceByteCount
    let count = (buffer.count + pieceByteCount - 1) / pieceByteCount
    // Each thread writes ranges of its own.
    let sink = ElementSink(target: buffer, widenedType: nil, isBigEndian: false)
    try Parallel.forEach(count: count, jobs: jobs) { piece in
      let target = sink.target
      let range = (piece * pieceByteCount)..<min(target.count, (piece + 1) * pieceByteCount)
      try run.read(range, into: UnsafeMutableRawBufferPointer(rebasing: target[range]))
    }
  }

  /// Decompresses a run as a whole, checks it, and takes the elements out of it.
  func readDeflated(
    _ run: TensorEntry.DeflatedRun, _ layout: TensorEntry.Layout,
    into buffer: UnsafeMutableRawBufferPointer
  ) throws {
    try entry.check(partByteCount: file.byteCount)
    let bytes = try file.inflated(run)
    try bytes.withUnsafeBytes { bytes in
      switch layout {
      case .contiguous(let offset):
        buffer.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + buffer.count)]))
      case .strided(let offset, let strides):
        let geometry = try StridedGeometry(
          shape: entry.shape, strides: strides, elementByteCount: entry.elementType.byteCount)
        let end = offset + geometry.extentByteCount
        geometry.gather(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<end]), to: buffer)
      case .chunked, .inline, .unallocated, .quantised, .deflated, .negated:
        throw Diagnostic(.badData, "it is compressed twice")
      }
    }
  }
}

extension OpenFile {
  /// The bytes that a run decompresses to, checked against its checksum.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  func inflated(_ run: TensorEntry.DeflatedRun) throws -> [UInt8] {
    try MachineMemory.check(run.storedByteCount.addingReportingOverflow(run.byteCount).partialValue)
    let stored = try bytes(at: run.offset, count: run.storedByteCount)
    guard let inflater = libdeflate_alloc_decompressor() else {
      throw Diagnostic(.failed, "no memory for a decompressor")
    }
    defer { libdeflate_free_decompressor(inflater) }
    let result = try [UInt8](unsafeUninitializedCapacity: run.byteCount) { buffer, initialized in
      var written = 0
      let status = libdeflate_deflate_decompress(
        inflater, stored, stored.count, buffer.baseAddress, run.byteCount, &written)
      guard status == LIBDEFLATE_SUCCESS, written == run.byteCount else {
        throw Diagnostic(
          .badData, "its compressed data are damaged", remedy: "copy the file again")
      }
      initialized = written
    }
    guard libdeflate_crc32(0, result, result.count) == run.checksum else {
      throw TensorEntry.CheckedRun.damaged
    }
    return result
  }
}
