import Archives
import Catalogs
import Support
import Tensors

/// The elements of one tensor, little-endian and row-major, read range by range.
struct TensorSource: Sendable {
  /// Where the elements are.
  enum Storage: Sendable {
    /// One run of a file, from that offset on.
    case file(OpenFile, offset: Int, isBigEndian: Bool)
    /// Elements of a file that lie apart.
    case strided(StridedRun, isBigEndian: Bool)
    /// Elements that come in their order: ranges are asked for without gaps, each once.
    case sequential(SequentialElements, isBigEndian: Bool)
    /// One element, as stored, that all are; nothing for zeros.
    case filled([UInt8], isBigEndian: Bool)
    /// All of them in memory.
    case memory([UInt8])
    /// Made when they are asked for.
    case computed(ComputedElements)
  }

  /// Buffers that one thread reuses from range to range.
  struct Space: ~Copyable {
    fileprivate var read = ByteBuffer()
    fileprivate var narrowed = ByteBuffer()
  }

  /// Where the elements are.
  var storage: Storage
  /// The type of the elements there.
  var elementType: ElementType
  /// The narrower type as which Float32 elements are handed out.
  var narrowing: ElementType?
  /// What looks at Float32 elements on the way.
  var observer: NarrowingObserver?

  /// Calls `body` with the bytes of a range. The range counts in bytes as handed out and begins and
  /// ends between elements.
  ///
  /// - Throws: `Diagnostic`, without a location, when the file ends before.
  func withBytes<Result>(
    _ range: Range<Int>, _ space: inout Space,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    guard let narrowing else {
      return try withStored(range, &space.read, body)
    }
    let ratio = elementType.byteCount / narrowing.byteCount
    let output = space.narrowed.room(for: range.count)
    try withStored((range.lowerBound * ratio)..<(range.upperBound * ratio), &space.read) { stored in
      narrowing.narrowExactly(stored, to: output)
    }
    return try body(UnsafeRawBufferPointer(output))
  }

  /// Reads a range into memory of the caller's; a run of a file without a copy in between.
  ///
  /// - Throws: `Diagnostic`, without a location, when the file ends before.
  func read(
    _ range: Range<Int>, into target: UnsafeMutableRawBufferPointer, _ space: inout Space
  ) throws {
    guard narrowing == nil, case .file(let file, let offset, let isBigEndian) = storage else {
      return try withBytes(range, &space) { target.copyMemory(from: $0) }
    }
    if !target.isEmpty { try file.read(into: target, at: offset + range.lowerBound) }
    if isBigEndian { reverseElementBytes(target, elementByteCount: elementType.byteCount) }
    observer?.look(at: UnsafeRawBufferPointer(target))
  }

  private func withStored<Result>(
    _ range: Range<Int>, _ buffer: inout ByteBuffer,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    switch storage {
    case .memory(let bytes):
      return try bytes.withUnsafeBytes { all in
        let part = UnsafeRawBufferPointer(rebasing: all[range])
        observer?.look(at: part)
        return try body(part)
      }
    case .file(let file, let offset, let isBigEndian):
      let part = buffer.room(for: range.count)
      if !part.isEmpty { try file.read(into: part, at: offset + range.lowerBound) }
      if isBigEndian { reverseElementBytes(part, elementByteCount: elementType.byteCount) }
      observer?.look(at: UnsafeRawBufferPointer(part))
      return try body(UnsafeRawBufferPointer(part))
    case .strided(_, let isBigEndian), .sequential(_, let isBigEndian),
      .filled(_, let isBigEndian):
      let part = buffer.room(for: range.count)
      try readStored(range, into: part)
      if isBigEndian { reverseElementBytes(part, elementByteCount: elementType.byteCount) }
      observer?.look(at: UnsafeRawBufferPointer(part))
      return try body(UnsafeRawBufferPointer(part))
    case .computed(let elements):
      let part = buffer.room(for: range.count)
      let size = elementType.byteCount
      try elements.fill((range.lowerBound / size)..<(range.upperBound / size), part)
      observer?.look(at: UnsafeRawBufferPointer(part))
      return try body(UnsafeRawBufferPointer(part))
    }
  }
}

extension TensorSource {
  /// Reads what does not lie in one run, as it is stored.
  private func readStored(
    _ range: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws {
    switch storage {
    case .strided(let run, _): try run.read(range, into: target)
    case .sequential(let elements, _): try elements.read(range, into: target)
    case .filled(let value, _): TensorSource.fill(target, with: value)
    case .file, .memory, .computed: break
    }
  }

  private static func fill(_ target: UnsafeMutableRawBufferPointer, with value: [UInt8]) {
    guard !value.isEmpty else {
      target.initializeMemory(as: UInt8.self, repeating: 0)
      return
    }
    for start in stride(from: 0, to: target.count, by: value.count) {
      UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + value.count)])
        .copyBytes(from: value)
    }
  }

  /// How much is best read at once.
  var pieceByteCount: Int {
    guard case .strided(let run, _) = storage else { return TensorTransfer.pieceByteCount }
    let count = run.geometry.pieceByteCount
    return narrowing.map { count / elementType.byteCount * $0.byteCount } ?? count
  }

  /// Tells threads that wait for ranges before their own that those will not be read.
  func fail(_ error: any Error) {
    if case .sequential(let elements, _) = storage { elements.fail(error) }
  }
}

extension WeightFile {
  /// A tensor's elements in the file itself, where they are one run, or one run of quantised blocks.
  func directSource(of entry: TensorEntry) throws -> TensorSource? {
    if let run = parts.indices.contains(entry.part)
      ? QuantisedRun(entry, in: parts[entry.part]) : nil
    {
      do { try entry.check(partByteCount: run.file.byteCount) } catch let error as Diagnostic {
        throw error.inside(entry.name).inside(catalog.file)
      }
      let elements = ComputedElements { try run.read($0, into: $1) }
      return TensorSource(storage: .computed(elements), elementType: .float32)
    }
    guard case .contiguous(let offset) = entry.layout, parts.indices.contains(entry.part) else {
      return nil
    }
    let content = parts[entry.part]
    let count = try entry.checkedByteCount()
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard offset >= 0, !overflow, end <= content.byteCount else {
      throw Diagnostic(
        .badData, "its data lie beyond the end of the file", at: [catalog.file, entry.name])
    }
    return TensorSource(
      storage: .file(content, offset: offset, isBigEndian: entry.isBigEndian),
      elementType: entry.elementType)
  }
}
