import CatalogWire
import CHDF5

extension CatalogWalk {
  /// What is told of a data set: itself, or why it is not read, and what is known of it then.
  func record(
    of dataset: borrowing Identifier, named name: String,
    attributes: [String: CatalogRecord.AttributeValue]
  ) -> CatalogRecord {
    do {
      let type = try Identifier(H5Dget_type(dataset.raw))
      let space = try Identifier(H5Dget_space(dataset.raw))
      do {
        let element = try ElementDescription(type, attributes: attributes)
        guard let shape = try shape(of: space) else { throw WorkerError(message: "") }
        return .dataset(try describe(dataset, named: name, type, element, shape))
      } catch let refusal as WorkerError {
        return .unread(unread(dataset, named: name, type, space, refusal))
      }
    } catch {
      let reason = (error as? WorkerError)?.message ?? "it cannot be described"
      return .unread(UnreadRecord(name: name, reason: reason))
    }
  }

  /// Describes a data set.
  ///
  /// - Throws: `WorkerError` with the reason why it cannot be offered.
  private func describe(
    _ dataset: borrowing Identifier, named name: String, _ type: borrowing Identifier,
    _ element: ElementDescription, _ shape: [UInt64]
  ) throws -> DatasetRecord {
    // Only a data set in one run, in this file, has an address; it has no filters, and its fill value
    // does not matter. That saves most data sets the properties, which are slow to get.
    let address = H5Dget_offset(dataset.raw)
    if address != chdf5_undefined_address(), address != 0 {
      return DatasetRecord(
        name: name, shape: shape, kind: element.kind, elementByteCount: element.byteCount,
        isBigEndian: element.isBigEndian,
        storage: .contiguous(
          address: UInt64(address), byteCount: H5Dget_storage_size(dataset.raw)))
    }
    H5Eclear2(0)
    let properties = try Identifier(H5Dget_create_plist(dataset.raw))
    let storage = try storage(of: dataset, type, shape, properties, Int(element.byteCount))
    return DatasetRecord(
      name: name, shape: shape, kind: element.kind, elementByteCount: element.byteCount,
      isBigEndian: element.isBigEndian, storage: storage, filters: try filters(of: properties),
      fillValue: try fillValue(of: properties, type))
  }

  /// The lengths of the axes; nil where there are no elements at all.
  func shape(of space: borrowing Identifier) throws -> [UInt64]? {
    switch H5Sget_simple_extent_type(space.raw) {
    case H5S_SCALAR: return []
    case H5S_SIMPLE:
      let rank = H5Sget_simple_extent_ndims(space.raw)
      guard rank >= 0, rank <= 32 else { throw WorkerError.library() }
      var lengths = [hsize_t](repeating: 0, count: Int(rank))
      guard H5Sget_simple_extent_dims(space.raw, &lengths, nil) >= 0 else {
        throw WorkerError.library()
      }
      return lengths
    default: return nil
    }
  }

  func storage(
    of dataset: borrowing Identifier, _ type: borrowing Identifier, _ shape: [UInt64],
    _ properties: borrowing Identifier, _ elementByteCount: Int
  ) throws -> DatasetRecord.Storage {
    let stored = H5Dget_storage_size(dataset.raw)
    switch H5Pget_layout(properties.raw) {
    case H5D_CONTIGUOUS:
      guard H5Pget_external_count(properties.raw) == 0 else {
        throw WorkerError(message: "its data are in other files, which are never opened")
      }
      return .unallocated
    case H5D_COMPACT:
      var bytes = [UInt8](repeating: 0, count: Int(min(stored, 1 << 16)))
      let (count, overflow) = product(shape).multipliedReportingOverflow(
        by: UInt64(elementByteCount))
      guard !overflow, count == stored, stored <= 1 << 16 else {
        throw WorkerError(message: "its header does not hold the elements that its shape claims")
      }
      if stored > 0 { try check(H5Dread(dataset.raw, type.raw, 0, 0, 0, &bytes)) }
      return .compact(bytes)
    case H5D_CHUNKED:
      return try chunks(of: dataset, shape, properties, stored: stored)
    case H5D_VIRTUAL:
      throw WorkerError(message: "a virtual data set: its data are elsewhere, and never followed")
    default: throw WorkerError(message: "a storage layout of an unknown kind")
    }
  }

  private func chunks(
    of dataset: borrowing Identifier, _ shape: [UInt64], _ properties: borrowing Identifier,
    stored: UInt64
  ) throws -> DatasetRecord.Storage {
    var chunkShape = [hsize_t](repeating: 0, count: shape.count)
    guard H5Pget_chunk(properties.raw, Int32(shape.count), &chunkShape) == Int32(shape.count),
      chunkShape.allSatisfy({ $0 > 0 })
    else { throw WorkerError(message: "its chunk shape does not fit its shape") }
    if stored == 0 { return .chunked(chunkShape: chunkShape, chunks: []) }
    let grid = zip(shape, chunkShape).map { ($0 + $1 - 1) / $1 }
    let cells = product(grid)
    guard cells <= Bound.gridCells else {
      throw WorkerError(message: "its grid has \(cells) chunks, more than can be listed")
    }
    var chunks: [DatasetRecord.StoredChunk] = []
    var cell = [UInt64](repeating: 0, count: grid.count)
    var origin = [hsize_t](repeating: 0, count: grid.count)
    var found: UInt64 = 0
    // What is stored in all is known, so that a sparse grid is left as soon as all of it is found.
    for index in 0..<cells where found < stored {
      for axis in grid.indices { origin[axis] = cell[axis] * chunkShape[axis] }
      var chunk = DatasetRecord.StoredChunk(
        gridIndex: index, address: 0, byteCount: 0, filterMask: 0)
      let outcome = chdf5_locate_chunk(
        dataset.raw, origin, &chunk.address, &chunk.byteCount, &chunk.filterMask)
      guard outcome >= 0 else { throw WorkerError.library() }
      if outcome == 1 {
        chunks.append(chunk)
        found = found.addingReportingOverflow(chunk.byteCount).partialValue
      }
      var axis = grid.count - 1
      while axis >= 0 {
        cell[axis] += 1
        if cell[axis] < grid[axis] { break }
        cell[axis] = 0
        axis -= 1
      }
    }
    return .chunked(chunkShape: chunkShape, chunks: chunks)
  }

  func filters(
    of properties: borrowing Identifier
  ) throws -> [DatasetRecord.StoredFilter] {
    let count = H5Pget_nfilters(properties.raw)
    guard count >= 0 else { throw WorkerError.library() }
    return try (0..<UInt32(count)).map { index in
      var flags: UInt32 = 0
      var parameterCount = Bound.parameters
      var parameters = [UInt32](repeating: 0, count: parameterCount)
      var name = [CChar](repeating: 0, count: 128)
      let id = H5Pget_filter2(
        properties.raw, index, &flags, &parameterCount, &parameters, name.count, &name, nil)
      guard id >= 0 else { throw WorkerError.library() }
      let text = name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
      return DatasetRecord.StoredFilter(
        id: id, name: String(decoding: text, as: UTF8.self),
        parameters: Array(parameters.prefix(parameterCount)))
    }
  }

  func fillValue(
    of properties: borrowing Identifier, _ type: borrowing Identifier
  ) throws -> [UInt8] {
    var state = H5D_FILL_VALUE_UNDEFINED
    try check(H5Pfill_value_defined(properties.raw, &state))
    guard state == H5D_FILL_VALUE_USER_DEFINED else { return [] }
    var bytes = [UInt8](repeating: 0, count: H5Tget_size(type.raw))
    try check(H5Pget_fill_value(properties.raw, type.raw, &bytes))
    return bytes.allSatisfy { $0 == 0 } ? [] : bytes
  }
}

/// The product of some lengths, or the largest number where that overflows.
func product(_ lengths: [UInt64]) -> UInt64 {
  if lengths.contains(0) { return 0 }
  var result: UInt64 = 1
  for length in lengths {
    let (next, overflow) = result.multipliedReportingOverflow(by: length)
    if overflow { return .max }
    result = next
  }
  return result
}
