extension CatalogRecord {
  /// Decodes a whole answer.
  ///
  /// The sender is not trusted: an answer that is not exactly a preamble, whole records, and one
  /// closing record is refused. What the records say is for the caller to check.
  ///
  /// - Throws: `WireError`.
  public static func decode(answer: ArraySlice<UInt8>) throws -> [CatalogRecord] {
    guard answer.starts(with: preamble) else { throw WireError("the answer has no preamble") }
    var reader = WireReader(answer.dropFirst(preamble.count))
    var records: [CatalogRecord] = []
    while reader.remaining > 0 {
      let tag = try reader.take(UInt8.self)
      var payload = WireReader(try reader.takeBlock())
      let record = try CatalogRecord(tag: tag, from: &payload)
      try payload.finish()
      switch record {
      case .end, .failure:
        try reader.finish()
        records.append(record)
        return records
      default: records.append(record)
      }
    }
    throw WireError("the answer stops before its end")
  }

  private init(tag: UInt8, from reader: inout WireReader) throws {
    switch tag {
    case 1: self = .group(name: try reader.takeText())
    case 2: self = .dataset(try DatasetRecord(from: &reader))
    case 3:
      self = .attribute(
        object: try reader.takeText(), name: try reader.takeText(),
        value: try AttributeValue(from: &reader))
    case 4: self = .alias(name: try reader.takeText(), target: try reader.takeText())
    case 5: self = .skipped(name: try reader.takeText(), reason: try reader.takeText())
    case 6: self = .failure(message: try reader.takeText())
    case 7: self = .end
    case 8: self = .link(name: try reader.takeText())
    case 9: self = .unread(try UnreadRecord(from: &reader))
    default: throw WireError("the answer holds a record of an unknown kind")
    }
  }
}

extension CatalogRecord.AttributeValue {
  fileprivate init(from reader: inout WireReader) throws {
    switch try reader.take(UInt8.self) {
    case 0: self = .string(try reader.takeText())
    case 1:
      let count = try reader.takeCount(of: 8)
      self = .strings(try (0..<count).map { _ in try reader.takeText() })
    case 2: self = .numbers(try reader.takeLengths().map(Double.init(bitPattern:)))
    default: throw WireError("the answer holds an attribute of an unknown kind")
    }
  }
}

extension UnreadRecord {
  fileprivate init(from reader: inout WireReader) throws {
    self.init(name: try reader.takeText(), reason: try reader.takeText())
    type = try reader.takeText()
    mayBeWeight = try reader.take(UInt8.self) != 0
    if try reader.take(UInt8.self) != 0 { shape = try reader.takeLengths() }
    if try reader.take(UInt8.self) != 0 { bytes = try DatasetRecord(from: &reader) }
  }
}

extension DatasetRecord {
  fileprivate init(from reader: inout WireReader) throws {
    name = try reader.takeText()
    shape = try reader.takeLengths()
    guard let kind = Kind(rawValue: try reader.take(UInt8.self)) else {
      throw WireError("the answer holds elements of an unknown kind")
    }
    self.kind = kind
    elementByteCount = try reader.take(UInt8.self)
    isBigEndian = try reader.take(UInt8.self) != 0
    switch try reader.take(UInt8.self) {
    case 0: storage = .unallocated
    case 1:
      storage = .contiguous(
        address: try reader.take(UInt64.self), byteCount: try reader.take(UInt64.self))
    case 2: storage = .compact(Array(try reader.takeBlock()))
    case 3:
      let chunkShape = try reader.takeLengths()
      let count = try reader.takeCount(of: 28)
      var chunks: [StoredChunk] = []
      chunks.reserveCapacity(count)
      for _ in 0..<count {
        chunks.append(
          StoredChunk(
            gridIndex: try reader.take(UInt64.self), address: try reader.take(UInt64.self),
            byteCount: try reader.take(UInt64.self), filterMask: try reader.take(UInt32.self)))
      }
      storage = .chunked(chunkShape: chunkShape, chunks: chunks)
    default: throw WireError("the answer holds an unknown layout")
    }
    filters = try (0..<(try reader.takeCount(of: 20))).map { _ in
      StoredFilter(
        id: try reader.take(Int32.self), name: try reader.takeText(),
        parameters: try (0..<(try reader.takeCount(of: 4))).map { _ in
          try reader.take(UInt32.self)
        })
    }
    fillValue = Array(try reader.takeBlock())
  }
}
