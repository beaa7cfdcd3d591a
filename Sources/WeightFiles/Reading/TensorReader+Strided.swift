import CDeflate
import WorkbenchCore

extension TensorReader {
  /// An extent that is at most so many times as large as its elements is read as a whole.
  private static let wastedRatio = 4

  /// Gathers strided elements into row-major order.
  func readStrided(
    into buffer: UnsafeMutableRawBufferPointer, offset: Int, strides: [Int], jobs: Int?
  ) throws {
    let geometry = try StridedGeometry(
      shape: entry.shape, strides: strides, elementByteCount: entry.elementType.byteCount)
    let (end, overflow) = offset.addingReportingOverflow(geometry.extentByteCount)
    guard offset >= 0, !overflow, end <= file.byteCount else {
      throw Diagnostic(.badData, "its data lie beyond the end of the file")
    }
    guard buffer.count == geometry.byteCount else {
      throw Diagnostic(.failed, "the buffer does not have the size of the tensor")
    }
    if geometry.isContiguous { return try readRun(into: buffer, at: offset, jobs: jobs) }
    try gather(geometry, at: offset, into: buffer, jobs: jobs)
  }

  /// Reads the whole extent where most of it is wanted; otherwise cuts the axis of the largest
  /// stride into its indices, each of which has a smaller extent.
  private func gather(
    _ geometry: StridedGeometry, at offset: Int, into buffer: UnsafeMutableRawBufferPointer,
    jobs: Int?
  ) throws {
    let isDense =
      geometry.extentByteCount / TensorReader.wastedRatio <= max(geometry.byteCount, 16 << 10)
    let widest = geometry.shape.indices.filter { geometry.shape[$0] > 1 }
      .max { geometry.strides[$0] < geometry.strides[$1] }
    guard !isDense, let axis = widest else {
      let extent = UnsafeMutableRawBufferPointer.allocate(
        byteCount: geometry.extentByteCount, alignment: 64)
      defer { extent.deallocate() }
      try readRun(into: extent, at: offset, jobs: jobs)
      return geometry.gather(from: UnsafeRawBufferPointer(extent), to: buffer)
    }
    var shape = geometry.shape
    shape[axis] = 1
    let slice = try StridedGeometry(
      shape: shape, strides: geometry.strides, elementByteCount: geometry.elementByteCount)
    let part = UnsafeMutableRawBufferPointer.allocate(byteCount: slice.byteCount, alignment: 64)
    defer { part.deallocate() }
    // A slice is spread over the tensor in runs: what lies behind the axis.
    let size = geometry.elementByteCount
    let run = geometry.shape[(axis + 1)...].reduce(size, *)
    let step = run * geometry.shape[axis]
    for index in 0..<geometry.shape[axis] {
      try gather(
        slice, at: offset + index * geometry.strides[axis] * size, into: part, jobs: jobs)
      for position in 0..<(slice.byteCount / run) {
        let start = position * step + index * run
        UnsafeMutableRawBufferPointer(rebasing: buffer[start..<(start + run)]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: part[(position * run)..<((position + 1) * run)]))
      }
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
