import Catalogs
import Support
import Tensors

/// Where a tensor's bytes are, as the bytes of a cell: chunk tables are long, and numbers of varying
/// length keep them short.
enum StorageCode {
  private static let version: UInt8 = 1

  /// The part of an entry that is no column.
  static func encode(_ entry: TensorEntry) -> [UInt8] {
    var writer = CodeWriter()
    writer.bytes = [version]
    writer.put(entry.isBigEndian ? 1 : 0)
    writer.put(entry.part)
    writer.put(entry.fillValue)
    writer.put(entry.filters.count)
    for filter in entry.filters {
      writer.put(filter.id)
      writer.put(Array(filter.name.utf8))
      writer.put(filter.parameters.count)
      for parameter in filter.parameters { writer.put(Int(parameter)) }
    }
    encode(entry.layout, into: &writer)
    if let run = entry.checkedRun {
      writer.put([run.range.lowerBound, run.range.upperBound, Int(run.checksum)])
    }
    return writer.bytes
  }

  private static func encode(_ layout: TensorEntry.Layout, into writer: inout CodeWriter) {
    switch layout {
    case .contiguous(let offset):
      writer.put(0)
      writer.put(offset)
    case .strided(let offset, let strides):
      writer.put(1)
      writer.put(offset)
      writer.put(strides)
    case .chunked(let shape, let chunks):
      writer.put(2)
      writer.put(shape)
      writer.put(chunks.count)
      for chunk in chunks {
        for length in chunk.origin { writer.put(length) }
        writer.put(chunk.offset)
        writer.put(chunk.byteCount)
        writer.put(Int(chunk.filterMask))
      }
    case .inline(let bytes):
      writer.put(3)
      writer.put(bytes)
    case .unallocated: writer.put(4)
    case .deflated(let run, let inner):
      writer.put(5)
      writer.put(run.offset)
      writer.put(run.storedByteCount)
      writer.put(run.byteCount)
      writer.put(Int(run.checksum))
      encode(inner, into: &writer)
    case .quantised(let type, let offset):
      writer.put(7)
      writer.put(Array(type.rawValue.utf8))
      writer.put(offset)
    case .negated(let inner):
      writer.put(6)
      encode(inner, into: &writer)
    }
  }

  /// An entry from its columns and the rest. Its claims are checked when it is read, as those of a
  /// file are.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the bytes make no sense.
  static func decode(
    _ bytes: [UInt8], name: String, shape: [Int], elementType: ElementType
  ) throws -> TensorEntry {
    var reader = CodeReader(bytes)
    guard try reader.take() == Int(version) else { throw CodeReader.damaged }
    let isBigEndian = try reader.take() == 1
    let part = try reader.take()
    let fillValue = try reader.takeBytes()
    let filters = try (0..<reader.takeCount()).map { _ in
      TensorEntry.Filter(
        id: try reader.take(), name: String(decoding: try reader.takeBytes(), as: UTF8.self),
        parameters: try (0..<reader.takeCount()).map { _ in
          UInt32(truncatingIfNeeded: try reader.take())
        })
    }
    let layout = try layout(&reader, depth: 0)
    var entry = TensorEntry(
      name: name, shape: shape, elementType: elementType, isBigEndian: isBigEndian,
      layout: layout, filters: filters, fillValue: fillValue, part: part)
    if !reader.isAtEnd {
      let run = try reader.takeList()
      guard run.count == 3, run[0] <= run[1] else { throw CodeReader.damaged }
      entry.checkedRun = TensorEntry.CheckedRun(
        range: run[0]..<run[1], checksum: UInt32(truncatingIfNeeded: run[2]))
    }
    return entry
  }

  private static func layout(
    _ reader: inout CodeReader, depth: Int
  ) throws -> TensorEntry.Layout {
    switch try reader.take() {
    case 0: return .contiguous(offset: try reader.take())
    case 1: return .strided(offset: try reader.take(), strides: try reader.takeList())
    case 2:
      let shape = try reader.takeList()
      let chunks = try (0..<reader.takeCount()).map { _ in
        TensorEntry.Chunk(
          origin: try shape.map { _ in try reader.take() }, offset: try reader.take(),
          byteCount: try reader.take(), filterMask: UInt32(truncatingIfNeeded: try reader.take()))
      }
      return .chunked(chunkShape: shape, chunks: chunks)
    case 3: return .inline(try reader.takeBytes())
    case 4: return .unallocated
    case 5 where depth < 2:
      let run = TensorEntry.DeflatedRun(
        offset: try reader.take(), storedByteCount: try reader.take(),
        byteCount: try reader.take(), checksum: UInt32(truncatingIfNeeded: try reader.take()))
      return .deflated(run, try layout(&reader, depth: 2))
    case 7:
      let name = String(decoding: try reader.takeBytes(), as: UTF8.self)
      guard let type = QuantisedType(rawValue: name) else { throw CodeReader.damaged }
      return .quantised(type, offset: try reader.take())
    case 6 where depth == 0: return .negated(try layout(&reader, depth: 1))
    default: throw CodeReader.damaged
    }
  }
}
