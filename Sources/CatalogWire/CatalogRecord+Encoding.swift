extension CatalogRecord {
  /// The first bytes of every answer: a name and the protocol's version.
  public static let preamble: [UInt8] = Array("WSLCAT2\n".utf8)

  /// The size of what comes before a record's payload: its tag and its length.
  public static let headerByteCount = 9

  /// The record's bytes: tag, length of the payload, payload.
  public func encoded() -> [UInt8] {
    var payload = WireWriter()
    switch self {
    case .group(let name), .link(let name): payload.append(text: name)
    case .dataset(let dataset): dataset.encode(to: &payload)
    case .attribute(let object, let name, let value):
      payload.append(text: object)
      payload.append(text: name)
      value.encode(to: &payload)
    case .alias(let name, let other), .skipped(let name, let other):
      payload.append(text: name)
      payload.append(text: other)
    case .unread(let unread): unread.encode(to: &payload)
    case .failure(let message): payload.append(text: message)
    case .end: break
    }
    var record = WireWriter()
    record.append(tag)
    record.append(block: payload.bytes)
    return record.bytes
  }

  fileprivate var tag: UInt8 {
    switch self {
    case .group: 1
    case .dataset: 2
    case .attribute: 3
    case .alias: 4
    case .skipped: 5
    case .failure: 6
    case .end: 7
    case .link: 8
    case .unread: 9
    }
  }
}

extension CatalogRecord.AttributeValue {
  fileprivate func encode(to writer: inout WireWriter) {
    switch self {
    case .string(let text):
      writer.append(UInt8(0))
      writer.append(text: text)
    case .strings(let list):
      writer.append(UInt8(1))
      writer.append(count: list.count)
      for text in list { writer.append(text: text) }
    case .numbers(let numbers):
      writer.append(UInt8(2))
      writer.append(lengths: numbers.map(\.bitPattern))
    }
  }
}

extension UnreadRecord {
  fileprivate func encode(to writer: inout WireWriter) {
    writer.append(text: name)
    writer.append(text: reason)
    writer.append(text: type)
    writer.append(UInt8(mayBeWeight ? 1 : 0))
    writer.append(UInt8(shape == nil ? 0 : 1))
    if let shape { writer.append(lengths: shape) }
    writer.append(UInt8(bytes == nil ? 0 : 1))
    bytes?.encode(to: &writer)
  }
}

extension DatasetRecord {
  fileprivate func encode(to writer: inout WireWriter) {
    writer.append(text: name)
    writer.append(lengths: shape)
    writer.append(kind.rawValue)
    writer.append(elementByteCount)
    writer.append(UInt8(isBigEndian ? 1 : 0))
    switch storage {
    case .unallocated: writer.append(UInt8(0))
    case .contiguous(let address, let byteCount):
      writer.append(UInt8(1))
      writer.append(address)
      writer.append(byteCount)
    case .compact(let bytes):
      writer.append(UInt8(2))
      writer.append(block: bytes)
    case .chunked(let chunkShape, let chunks):
      writer.append(UInt8(3))
      writer.append(lengths: chunkShape)
      writer.append(count: chunks.count)
      for chunk in chunks {
        writer.append(chunk.gridIndex)
        writer.append(chunk.address)
        writer.append(chunk.byteCount)
        writer.append(chunk.filterMask)
      }
    }
    writer.append(count: filters.count)
    for filter in filters {
      writer.append(filter.id)
      writer.append(text: filter.name)
      writer.append(count: filter.parameters.count)
      for parameter in filter.parameters { writer.append(parameter) }
    }
    writer.append(block: fillValue)
  }
}
