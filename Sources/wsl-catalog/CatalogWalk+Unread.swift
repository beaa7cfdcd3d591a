import CatalogWire
import CHDF5

extension CatalogWalk {
  /// What is known of a data set that is not read.
  func unread(
    _ dataset: borrowing Identifier, named name: String, _ type: borrowing Identifier,
    _ space: borrowing Identifier, _ refusal: WorkerError
  ) -> UnreadRecord {
    var result = UnreadRecord(name: name, reason: refusal.message)
    let words = TypeDescription(type)
    (result.type, result.mayBeWeight) = (words.text, words.mayBeWeight)
    do {
      result.shape = try shape(of: space)
      guard result.shape != nil else {
        result.reason = "an empty data space: it has no elements at all"
        result.mayBeWeight = false
        result.bytes = bytes(of: result, [])
        return result
      }
      result.bytes = try bytes(of: dataset, result, type, space, isFixed: words.isFixed)
    } catch {
      H5Eclear2(0)  // The reason is known already.
    }
    return result
  }

  /// The bytes of a data set of which the type is not read; nil where they are not in this file, or
  /// are no more than places of something else.
  private func bytes(
    of dataset: borrowing Identifier, _ unread: UnreadRecord, _ type: borrowing Identifier,
    _ space: borrowing Identifier, isFixed: Bool
  ) throws -> DatasetRecord? {
    guard isFixed else {
      return shortTexts(of: dataset, type, space).flatMap { bytes(of: unread, $0) }
    }
    let size = H5Tget_size(type.raw)
    guard size > 0, size <= 1 << 20, let shape = unread.shape, shape.count < 32 else { return nil }
    let address = H5Dget_offset(dataset.raw)
    var record = DatasetRecord(
      name: unread.name, shape: shape + [UInt64(size)], kind: .unsigned, elementByteCount: 1,
      isBigEndian: false, storage: .unallocated)
    if address != chdf5_undefined_address(), address != 0 {
      record.storage = .contiguous(
        address: UInt64(address), byteCount: H5Dget_storage_size(dataset.raw))
      return record
    }
    H5Eclear2(0)
    let properties = try Identifier(H5Dget_create_plist(dataset.raw))
    record.storage = try storage(of: dataset, type, shape, properties, size)
    if case .chunked(let chunkShape, let chunks) = record.storage {
      record.storage = .chunked(chunkShape: chunkShape + [UInt64(size)], chunks: chunks)
    }
    record.filters = try filters(of: properties)
    record.fillValue = try fillValue(of: properties, type)
    return record
  }

  /// Bytes that are told themselves.
  private func bytes(of unread: UnreadRecord, _ bytes: [UInt8]) -> DatasetRecord? {
    DatasetRecord(
      name: unread.name, shape: [UInt64(bytes.count)], kind: .unsigned, elementByteCount: 1,
      isBigEndian: false, storage: .compact(bytes))
  }

  /// Texts of varying length, each with its length before it; nil where there are many, or the
  /// elements are something else.
  private func shortTexts(
    of dataset: borrowing Identifier, _ type: borrowing Identifier, _ space: borrowing Identifier
  ) -> [UInt8]? {
    let count = Int(H5Sget_simple_extent_npoints(space.raw))
    guard H5Tget_class(type.raw) == H5T_STRING, (0...Bound.texts).contains(count) else {
      return nil
    }
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    guard count == 0 || H5Dread(dataset.raw, type.raw, 0, 0, 0, &pointers) >= 0 else {
      H5Eclear2(0)
      return nil
    }
    defer { H5Dvlen_reclaim(type.raw, space.raw, 0, &pointers) }
    var writer = WireWriter()
    for pointer in pointers {
      writer.append(block: pointer.map { Array(String(cString: $0).utf8) } ?? [])
      if writer.bytes.count > Bound.textByteCount { return nil }
    }
    return writer.bytes
  }
}
