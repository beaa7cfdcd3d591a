import Support
import Testing

@testable import Archives
@testable import Catalogs
@testable import Formats
@testable import Tensors

/// Conversions against the language's own types, and the byte filters against plain loops.
@Suite struct ElementTests {
  private func widened(_ type: ElementType, _ bytes: [UInt8]) -> [Float] {
    [Float](unsafeUninitializedCapacity: bytes.count / type.byteCount) { values, count in
      bytes.withUnsafeBytes {
        type.widen(
          $0, to: UnsafeMutableBufferPointer(rebasing: values[..<(bytes.count / type.byteCount)]))
      }
      count = bytes.count / type.byteCount
    }
  }

  /// All 65 536 halves, exactly.
  @Test func everyHalfWidensAndNarrows() {
    let bytes = (0..<65536).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let values = widened(.float16, bytes)
    for bits in 0..<65536 {
      let expected = Float(Float16(bitPattern: UInt16(bits)))
      #expect(
        values[bits].bitPattern == expected.bitPattern || values[bits].isNaN && expected.isNaN)
    }
    let back = ElementType.float16.bytes(of: values)
    for bits in 0..<65536 where !values[bits].isNaN {
      #expect(Int(back[2 * bits]) | Int(back[2 * bits + 1]) << 8 == bits)
    }
  }

  /// Rounding to nearest, ties to even, at and around every boundary between halves.
  @Test func narrowingToHalfRoundsAsTheLanguageDoes() {
    var values: [Float] = [.infinity, -.infinity, 65519.996, 65520, 1e-8, 2.98e-8, 0, -0.0]
    for bits in UInt16(0)..<0x7BFF {
      let low = Float(Float16(bitPattern: bits))
      let middle = (low + Float(Float16(bitPattern: bits + 1))) / 2
      values += [middle, middle.nextUp, -middle.nextDown]
    }
    let bytes = ElementType.float16.bytes(of: values)
    for (index, value) in values.enumerated() {
      let bits = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8
      #expect(bits == Float16(value).bitPattern, "\(value)")
    }
  }

  @Test func brainFloatsRoundToNearestEven() {
    let cases: [(Float, UInt16)] = [
      (1, 0x3F80), (Float(bitPattern: 0x3F80_8000), 0x3F80),
      (Float(bitPattern: 0x3F81_8000), 0x3F82),
      (Float(bitPattern: 0x3F80_8001), 0x3F81), (.infinity, 0x7F80), (-.infinity, 0xFF80),
      (.greatestFiniteMagnitude, 0x7F80), (-0.0, 0x8000),
    ]
    for (value, bits) in cases {
      let bytes = ElementType.bfloat16.bytes(of: [value])
      #expect(UInt16(bytes[0]) | UInt16(bytes[1]) << 8 == bits, "\(value)")
    }
    #expect(widened(.bfloat16, ElementType.bfloat16.bytes(of: [.nan]))[0].isNaN)
  }

  @Test(arguments: ElementType.allCases)
  func wholeNumbersSurvive(type: ElementType) {
    // Floats of 8 bits have two or three bits after the first.
    let values: [Float] =
      type == .bool ? [0, 1, 1, 0] : type.isSmallFloat ? [0, 1, 2, 12, 96] : [0, 1, 2, 100, 127]
    #expect(widened(type, type.bytes(of: values)) == values)
  }

  @Test func integersAreClamped() {
    #expect(ElementType.int8.bytes(of: [1000, -1000, .nan, 2.5, 3.5]) == [127, 0x80, 0, 2, 4])
    #expect(ElementType.uint8.bytes(of: [-1, 256, 255.4]) == [0, 255, 255])
    #expect(ElementType.int64.bytes(of: [.infinity]) == [255, 255, 255, 255, 255, 255, 255, 127])
  }

  /// One block of odd shapes through every chain of filters, and back.
  @Test(arguments: [1, 2, 3, 4, 8, 16], [0, 1, 15, 16, 17, 100, 1000])
  func filtersAreUndone(elementByteCount: Int, count: Int) throws {
    let bytes = (0..<(count * elementByteCount)).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    // Plane k holds byte k of every element.
    var planes: [UInt8] = []
    for k in 0..<elementByteCount {
      for index in 0..<count { planes.append(bytes[index * elementByteCount + k]) }
    }
    let geometry = try ChunkGeometry(
      shape: [max(1, count)], chunkShape: [max(1, count)], elementByteCount: elementByteCount)
    guard count > 0 else { return }
    let shuffle = FilterPipeline.Step.shuffle(elementByteCount: elementByteCount)
    var encoder = ChunkEncoder()
    func encode(_ steps: [FilterPipeline.Step]) throws -> [UInt8] {
      try bytes.withUnsafeBytes {
        try encoder.encode(
          origin: [0], of: geometry, through: FilterPipeline(steps: steps), from: $0)
      }
    }
    #expect(try encode([shuffle]) == planes)
    let chains: [[FilterPipeline.Step]] = [
      [shuffle], [.fletcher32], [.deflate(level: 4)], [shuffle, .deflate(level: 1)],
      [shuffle, .deflate(level: 9), .fletcher32], [.fletcher32, shuffle, .deflate(level: 4)],
      [.deflate(level: 0), shuffle],
    ]
    for steps in chains {
      let stored = try encode(steps)
      let file = try ScratchFile.make("block")
      try stored.withUnsafeBytes { try writeFully($0, to: file.descriptor, at: 0) }
      var result = [UInt8](repeating: 0, count: bytes.count)
      var decoder = try ChunkDecoder()
      let chunk = TensorEntry.Chunk(
        origin: [0], offset: 0, byteCount: stored.count, filterMask: 0)
      let pipeline = FilterPipeline(steps: steps)
      if steps.last == shuffle, steps.count == 2 {
        // The size before the shuffle is that of the compression, which only the block knows.
        continue
      }
      try result.withUnsafeMutableBytes {
        try decoder.decode(
          chunk, of: geometry, through: pipeline, from: file,
          into: ElementSink(target: $0, widenedType: nil, isBigEndian: false))
      }
      #expect(result == bytes)
    }
  }

  @Test(arguments: [2, 4, 8])
  func bytesAreReversed(size: Int) {
    var bytes = (0..<UInt8(size * 5)).map { $0 }
    let expected = (0..<5).flatMap { bytes[($0 * size)..<(($0 + 1) * size)].reversed() }
    bytes.withUnsafeMutableBytes { reverseElementBytes($0, elementByteCount: size) }
    #expect(bytes == expected)
  }
}
