import Archives
import CDeflate
import Support

/// Writes `.npy` (one array) and `.npz` (a zip archive of them).
struct NumPyWriter {
  /// Writes the model's only tensor.
  ///
  /// - Throws: `Diagnostic` of code `usage` where there are none, or several.
  static func writeArray(
    _ contents: ModelContents, to descriptor: Int32, through transfer: TensorTransfer
  ) throws {
    guard contents.items.count == 1 else {
      throw Diagnostic(
        .usage, "an .npy file holds one array, and the model has \(contents.items.count) tensors",
        remedy: "end the name in .npz")
    }
    let header = NumPyPreamble.bytes(
      shape: contents.items[0].shape, elementType: contents.items[0].elementType)
    try header.withUnsafeBytes { try writeFully($0, to: descriptor, at: 0) }
    try transfer.write(contents.items, to: descriptor, at: [header.count])
  }

  /// Writes an archive: a member `NAME.npy` for each tensor, in the model's order, and
  /// `__wsl__.json` where there is more to keep.
  static func writeArchive(
    _ contents: ModelContents, to descriptor: Int32, compression: CompressionOption,
    through transfer: TensorTransfer
  ) throws {
    let names = StoredNames(contents.items.map(\.name), in: .npz)
    var entries: [ZipEntry] = []
    var end = 0
    try transfer.forEachGroup(contents.items) { range, sources in
      let items = range.map { contents.items[$0] }
      let base = end
      if case .gzip(let level) = compression {
        // The place of a member is known when all before it are compressed.
        let small = items.indices.filter { items[$0].byteCount <= MemberDeflater.wholeByteCount }
        let members = try Parallel.map(count: small.count, jobs: transfer.jobs) { [items] in
          try deflated(
            items[small[$0]], sources[small[$0]], name: names.stored[range.lowerBound + small[$0]],
            level)
        }
        var whole = Dictionary(uniqueKeysWithValues: zip(small, members))
        for index in items.indices {
          if let (entry, bytes) = whole.removeValue(forKey: index) {
            entries.append(try write(entry, bytes, to: descriptor, at: &end))
          } else {
            entries.append(
              try streamed(
                items[index], sources[index], named: names.stored[range.lowerBound + index], level,
                to: descriptor, at: &end, jobs: transfer.jobs))
          }
        }
        return
      }
      let prepared = items.enumerated().map { index, item in
        let header = NumPyPreamble.bytes(shape: item.shape, elementType: item.elementType)
        var entry = ZipEntry(
          named: names.stored[range.lowerBound + index] + ".npy",
          byteCount: header.count + item.byteCount)
        entry.headerOffset = end
        entry.dataOffset = end + entry.localHeader().count
        end = entry.dataEnd
        return (entry, header)
      }
      precondition(base <= end)
      entries += try Parallel.map(count: items.count, jobs: transfer.jobs) { [items] index in
        do {
          return try stored(prepared[index], items[index], sources[index], in: descriptor)
        } catch let error as Diagnostic {
          throw error.inside(items[index].name)
        }
      }
    }
    let metadata = contents.metadata(names)
    if !metadata.isEmpty {
      let text = try metadata.encoded()
      var entry = ZipEntry(named: ContentsMetadata.member, byteCount: text.count)
      entry.checksum = libdeflate_crc32(0, text, text.count)
      entries.append(try write(entry, text, to: descriptor, at: &end))
    }
    let directory = entries.flatMap { $0.centralRecord() }
    let tail = ZipArchive.end(
      count: entries.count, directoryOffset: end, directoryByteCount: directory.count, comment: [])
    try (directory + tail).withUnsafeBytes { try writeFully($0, to: descriptor, at: end) }
  }

  private static func write(
    _ entry: ZipEntry, _ bytes: [UInt8], to descriptor: Int32, at end: inout Int
  ) throws -> ZipEntry {
    var entry = entry
    entry.headerOffset = end
    let header = entry.localHeader()
    entry.dataOffset = end + header.count
    try (header + bytes).withUnsafeBytes { try writeFully($0, to: descriptor, at: end) }
    end = entry.dataEnd
    return entry
  }

  /// Writes a member as it is; its checksum is found on the way, and its header comes last.
  private static func stored(
    _ prepared: (entry: ZipEntry, header: [UInt8]), _ item: ModelContents.Item,
    _ source: TensorSource, in descriptor: Int32
  ) throws -> ZipEntry {
    var entry = prepared.entry
    let header = prepared.header
    var sum = libdeflate_crc32(0, header, header.count)
    var space = TensorSource.Space()
    var start = 0
    while start < item.byteCount {
      let end = min(item.byteCount, start + TensorTransfer.pieceByteCount)
      try source.withBytes(start..<end, &space) { bytes in
        sum = libdeflate_crc32(sum, bytes.baseAddress, bytes.count)
        try writeFully(bytes, to: descriptor, at: entry.dataOffset + header.count + start)
      }
      start = end
    }
    entry.checksum = sum
    try (entry.localHeader() + header).withUnsafeBytes {
      try writeFully($0, to: descriptor, at: entry.headerOffset)
    }
    return entry
  }

  /// Writes a large member, compressed in pieces.
  private static func streamed(
    _ item: ModelContents.Item, _ source: TensorSource, named name: String, _ level: Int,
    to descriptor: Int32, at end: inout Int, jobs: Int?
  ) throws -> ZipEntry {
    let header = NumPyPreamble.bytes(shape: item.shape, elementType: item.elementType)
    var entry = ZipEntry(named: name + ".npy", byteCount: header.count + item.byteCount)
    entry.headerOffset = end
    entry.dataOffset = end + entry.localHeader().count
    entry.method = ZipEntry.Method.deflated.rawValue
    do {
      let packed = try MemberDeflater(level: level, jobs: jobs).write(
        header, source, byteCount: item.byteCount, to: descriptor, at: entry.dataOffset)
      (entry.storedByteCount, entry.checksum) = (packed.byteCount, packed.checksum)
    } catch let error as Diagnostic {
      throw error.location.contains(item.name) ? error : error.inside(item.name)
    }
    guard entry.dataOffset == end + entry.localHeader().count else {
      // The sizes need a longer header, which changes by whether they are beyond 4 GiB.
      throw Diagnostic(
        .cannotWrite, "it is larger than a compressed member can be", at: [item.name],
        remedy: "write .npz without compression, or .npz.zst")
    }
    try entry.localHeader().withUnsafeBytes {
      try writeFully($0, to: descriptor, at: entry.headerOffset)
    }
    end = entry.dataEnd
    return entry
  }

  private static func deflated(
    _ item: ModelContents.Item, _ source: TensorSource, name: String, _ level: Int
  ) throws -> (ZipEntry, [UInt8]) {
    let header = NumPyPreamble.bytes(shape: item.shape, elementType: item.elementType)
    var space = TensorSource.Space()
    let plain = try source.withBytes(0..<item.byteCount, &space) { header + $0 }
    guard let compressor = libdeflate_alloc_compressor(Int32(level)) else {
      throw Diagnostic(.failed, "no memory for a compressor")
    }
    defer { libdeflate_free_compressor(compressor) }
    let bound = libdeflate_deflate_compress_bound(compressor, plain.count)
    let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, initialized in
      initialized = libdeflate_deflate_compress(
        compressor, plain, plain.count, buffer.baseAddress, bound)
    }
    var entry = ZipEntry(named: name + ".npy", byteCount: plain.count)
    entry.checksum = libdeflate_crc32(0, plain, plain.count)
    entry.storedByteCount = packed.count
    entry.method = ZipEntry.Method.deflated.rawValue
    return (entry, packed)
  }
}
