import Tensors

/// Elements of any type as Float64, in memory that one thread reuses.
struct DoubleBuffer: ~Copyable {
  private var space = TensorSource.Space()
  private var values = ByteBuffer()

  /// Reads a range of elements. Every type but the 64-bit integers is exact.
  mutating func doubles(
    _ elements: Range<Int>, of source: TensorSource
  ) throws -> UnsafeBufferPointer<Double> {
    let size = source.elementType.byteCount
    let room = values.room(for: elements.count * 8).bindMemory(to: Double.self)
    try source.withBytes((elements.lowerBound * size)..<(elements.upperBound * size), &space) {
      source.elementType.widen($0, to: room)
    }
    return UnsafeBufferPointer(room)
  }
}

extension ElementType {
  /// Converts little-endian elements to Float64. Wide integers are rounded to nearest; all else is
  /// exact.
  ///
  /// - Complexity: O(elements).
  func widen(_ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Double>) {
    switch self {
    case .float64: convert(bytes, values) { (bits: UInt64) in Double(bitPattern: bits) }
    case .float32:
      convert(bytes, values) { (bits: UInt32) in Double(Float(bitPattern: bits)) }
    case .float16: convert(bytes, values) { (bits: UInt16) in Double(widenedHalf(bits)) }
    case .bfloat16:
      convert(bytes, values) { (bits: UInt16) in Double(Float(bitPattern: UInt32(bits) << 16)) }
    case .int64: convert(bytes, values) { (value: Int64) in Double(value) }
    case .int32: convert(bytes, values) { (value: Int32) in Double(value) }
    case .int16: convert(bytes, values) { (value: Int16) in Double(value) }
    case .int8: convert(bytes, values) { (value: Int8) in Double(value) }
    case .uint64: convert(bytes, values) { (value: UInt64) in Double(value) }
    case .uint32: convert(bytes, values) { (value: UInt32) in Double(value) }
    case .uint16: convert(bytes, values) { (value: UInt16) in Double(value) }
    case .uint8: convert(bytes, values) { (value: UInt8) in Double(value) }
    case .bool: convert(bytes, values) { (value: UInt8) in value == 0 ? 0 : 1 }
    case .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ:
      widenSmall(bytes, to: values)
    }
  }
}

@inline(__always)
private func convert<Stored: FixedWidthInteger & BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, _ values: UnsafeMutableBufferPointer<Double>,
  _ widen: (Stored) -> Double
) {
  let size = MemoryLayout<Stored>.size
  for index in 0..<min(values.count, bytes.count / size) {
    let stored = bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.self)
    values[index] = widen(Stored(littleEndian: stored))
  }
}

extension TensorSource {
  /// Up to this size a tensor is turned in memory.
  private static let heldTransposition = 64 << 20

  /// The tensor with its axes in another order, in memory: axis k is axis `axes[k]` of this.
  ///
  /// Elements that lie in one run of a file are read where they lie, in the other order.
  ///
  /// - Throws: `Diagnostic`, without a location: `failed` where it has to be held and is too large.
  func transposed(
    _ shape: [Int], _ axes: [Int], _ opening: Opening
  ) throws -> TensorSource {
    let size = elementType.byteCount
    if case .file(let file, let offset, let isBigEndian) = storage,
      checkedProduct(shape + [size]) ?? .max > TensorSource.heldTransposition
    {
      let steps = StridedGeometry.rowMajor(shape)
      let geometry = try StridedGeometry(
        shape: axes.map { shape[$0] }, strides: axes.map { steps[$0] }, elementByteCount: size)
      var source = self
      source.storage = .strided(
        try StridedRun(file, offset: offset, geometry: geometry), isBigEndian: isBigEndian)
      return source
    }
    try opening.check(2 * shape.reduce(size, *))
    var strides = [Int](repeating: size, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let count = shape.reduce(size, *)
    let (lengths, steps) = (axes.map { shape[$0] }, axes.map { strides[$0] })
    var space = Space()
    let result = try withBytes(0..<count, &space) { bytes in
      [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        let target = UnsafeMutableRawBufferPointer(buffer)
        var index = [Int](repeating: 0, count: lengths.count)
        var from = 0
        for to in stride(from: 0, to: count, by: size) {
          for byte in 0..<size { target[to + byte] = bytes[from + byte] }
          for axis in lengths.indices.reversed() {
            index[axis] += 1
            from += steps[axis]
            if index[axis] < lengths[axis] { break }
            from -= steps[axis] * lengths[axis]
            index[axis] = 0
          }
        }
        initialized = count
      }
    }
    return TensorSource(storage: .memory(result), elementType: elementType)
  }
}
