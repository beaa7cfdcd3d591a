import Archives
import Catalogs
import Formats
import Support
import Tensors

/// How a tensor is opened for reads of its ranges.
struct Opening: Sendable {
  /// How many threads decode it, where it has to be decoded; nil means one a processor.
  var jobs: Int?
  /// How many bytes may be held. What needs more is read in its order, window by window.
  var budget = Int.max
  /// Whether what cannot be read so is refused; otherwise it is held alone.
  var isStrict = false

  /// Refuses what has to be held and is larger than the budget.
  ///
  /// - Throws: `Diagnostic` of code `failed`, without a location, with both sizes.
  func check(_ byteCount: Int) throws {
    guard !isStrict || byteCount <= budget else {
      throw MachineMemory.refusal(byteCount, allowed: budget)
    }
  }
}

extension WeightFile {
  /// How many bytes of a tensor are held while ranges of it are read, where memory allows it; 0 where
  /// it is read where it lies.
  ///
  /// - Throws: `Diagnostic` of code `badData` where its shape overflows.
  func heldByteCount(of entry: TensorEntry) throws -> Int {
    let count = try entry.checkedByteCount()
    switch entry.layout {
    case .contiguous, .unallocated, .inline, .quantised: return 0
    case .strided:
      // Of elements that are repeated, what is stored is less than what they would take.
      guard let extent = try entry.extent(), extent.count >= count else { return 0 }
      return count + (extent.count / StridedRun.wastedRatio <= count ? extent.count : 0)
    case .deflated(let run, _):
      return count.addingReportingOverflow(run.byteCount).partialValue
        .addingReportingOverflow(run.storedByteCount).partialValue
    default: return count
    }
  }

  private func isRepeated(_ entry: TensorEntry) throws -> Bool {
    guard case .strided = entry.layout, let extent = try entry.extent() else { return false }
    return try extent.count < entry.checkedByteCount()
  }

  /// Opens a tensor for reads of its ranges, with what is verified of it as a whole.
  ///
  /// - Throws: `Diagnostic`: `badData` where it is damaged; `failed` where it cannot be read within the
  ///   budget, before memory for it is taken.
  func source(of entry: TensorEntry, _ opening: Opening) throws -> TensorSource {
    do {
      return TensorSource(
        storage: try storage(of: entry, opening), elementType: entry.elementType)
    } catch let error as Diagnostic {
      throw error.location.first == catalog.file
        ? error : error.inside(entry.name).inside(catalog.file)
    }
  }

  private func storage(
    of entry: TensorEntry, _ opening: Opening
  ) throws -> TensorSource.Storage {
    if let direct = try directSource(of: entry) {
      if parts.indices.contains(entry.part) { try entry.checkedRun?.verify(parts[entry.part]) }
      return direct.storage
    }
    let count = try entry.checkedByteCount()
    if case .unallocated = entry.layout {
      return .filled(entry.fillValue, isBigEndian: entry.isBigEndian)
    }
    if count == 0 { return .memory([]) }
    let held = try heldByteCount(of: entry)
    if try held > opening.budget || isRepeated(entry),
      let stream = try streamed(entry, opening, count)
    {
      return stream
    }
    try opening.check(held)
    return .memory(try readBytes(entry, jobs: opening.jobs))
  }

  /// What is read range by range; nil where the tensor has to be decoded as a whole.
  private func streamed(
    _ entry: TensorEntry, _ opening: Opening, _ count: Int
  ) throws -> TensorSource.Storage? {
    guard parts.indices.contains(entry.part) else { return nil }
    let file = parts[entry.part]
    let reader = TensorReader(file: file, entry: entry)
    switch entry.layout {
    case .strided(let offset, let strides):
      let geometry = try StridedGeometry(
        shape: entry.shape, strides: strides, elementByteCount: entry.elementType.byteCount)
      try entry.checkedRun?.verify(file)
      return .strided(
        try StridedRun(file, offset: offset, geometry: geometry), isBigEndian: entry.isBigEndian)
    case .deflated(let run, .contiguous(let offset)):
      try entry.check(partByteCount: file.byteCount)
      let stream = try DeflateStream(file, run, offset..<(offset + count))
      return .sequential(SequentialElements(stream), isBigEndian: entry.isBigEndian)
    case .chunked where reader.isDecodable:
      do {
        let stream = try ChunkStream(file, entry, jobs: opening.jobs, budget: opening.budget)
        return .sequential(SequentialElements(stream), isBigEndian: entry.isBigEndian)
      } catch let error as Diagnostic where error.code == .failed && !opening.isStrict {
        // Not even one block fits: it is held alone.
        return nil
      }
    default: return nil
    }
  }
}
