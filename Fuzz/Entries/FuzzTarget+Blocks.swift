import CHDF5
import Support

@testable import Catalogs
@testable import Formats
@testable import Tensors
@testable import WeightFiles

extension FuzzTarget {
  /// The pipelines that the first byte of an input of `chunk` chooses from, by filters' numbers.
  private static let pipelines: [[(id: Int, parameters: [UInt32])]] = [
    [(1, [6])], [(2, []), (1, [6])], [(2, []), (1, [6]), (3, [])], [(3, [])], [(32015, [3])],
    [(2, []), (32015, [3])], [(32000, [])], [(32004, [])], [(32008, [0, 2, 4, 0, 0])],
    [(32008, [0, 2, 4, 0, 2])], [(32008, [0, 2, 4, 64, 3])], [(32001, [2, 2, 4, 0, 5, 1, 0])],
    [(2, [3])], [(2, [255]), (3, [])], [(32008, [0, 2, 2, 8, 2]), (3, [])], [(2, [4])],
  ]

  /// Decodes one block. The input is: pipeline, type and geometry, filter mask, number of elements
  /// (two bytes), then what is stored.
  func decodeChunk(_ bytes: [UInt8]) throws {
    guard bytes.count > 5 else { return }
    let types: [ElementType] = [.float32, .float64, .float16, .uint8]
    let count = max(1, Int(bytes[3]) | Int(bytes[4]) << 8)
    // A block at the edge, or one in the middle of the rows of a table.
    let isPartial = bytes[1] & 4 != 0
    let isTable = bytes[1] & 8 != 0
    let shape = isTable ? [3, max(1, count - 1)] : [isPartial ? max(1, count - 1) : count]
    let entry = TensorEntry(
      name: "x", shape: shape, elementType: types[Int(bytes[1] & 3)],
      layout: .chunked(
        chunkShape: isTable ? [1, count] : [count],
        chunks: [
          TensorEntry.Chunk(
            origin: isTable ? [1, 0] : [0], offset: 5, byteCount: bytes.count - 5,
            filterMask: UInt32(bytes[2]))
        ]),
      filters: Self.pipelines[Int(bytes[0]) % Self.pipelines.count].map {
        TensorEntry.Filter(id: $0.id, name: "", parameters: $0.parameters)
      })
    guard entry.byteCount <= Self.elementByteLimit else { return }
    let file = try scratch(bytes, "x.h5")
    let reader = TensorReader(file: file, entry: entry)
    guard reader.isDecodable else { return }
    let target = UnsafeMutableRawBufferPointer.allocate(byteCount: entry.byteCount, alignment: 1)
    defer { target.deallocate() }
    try reader.read(into: target, jobs: 1)
    var numbers = [Float](repeating: 0, count: entry.elementCount)
    try numbers.withUnsafeMutableBytes { try reader.read(into: $0, widens: true, jobs: 1) }
  }

  /// Inflates two blocks in one loop: where it claims to be done, libdeflate says the same. The
  /// input is: the sizes of both results and of the first block (two bytes each), then the blocks.
  func inflateBlocks(_ bytes: [UInt8]) throws {
    guard bytes.count > 6 else { return }
    func number(_ index: Int) -> Int { Int(bytes[index]) | Int(bytes[index + 1]) << 8 }
    let split = 6 + min(number(4), bytes.count - 6)
    let inputs = [Array(bytes[6..<split]), Array(bytes[split...])]
    let sizes = [number(0), number(2)]
    var codec = try Codec()
    // Each in memory of exactly its size, so that a byte beyond it is found.
    let padded = inputs.map { input in
      let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: input.count + Codec.inflatePadding, alignment: 1)
      room.initializeMemory(as: UInt8.self, repeating: 0)
      room.copyBytes(from: input)
      return room
    }
    let results = sizes.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: 1) }
    defer { for room in padded + results { room.deallocate() } }
    func pair(_ index: Int) -> (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) {
      (UnsafeRawBufferPointer(rebasing: padded[index][..<inputs[index].count]), results[index])
    }
    let done = codec.inflatePair(pair(0), pair(1))
    for (index, isDone) in [done.0, done.1].enumerated() {
      var expected = [UInt8](repeating: 0, count: sizes[index])
      let judged: Bool
      do {
        try expected.withUnsafeMutableBytes { try codec.inflate(pair(index).0, to: $0) }
        judged = true
      } catch is Diagnostic { judged = false }
      precondition(!isDone || judged, "it took what libdeflate refuses")
      precondition(!isDone || expected.elementsEqual(results[index]), "it decoded other bytes")
    }
    // The start of a deflate stream without a wrapper, as the header of a member is read.
    let start = UnsafeMutableRawBufferPointer.allocate(byteCount: sizes[0], alignment: 1)
    defer { start.deallocate() }
    let written = chdf5_inflate_prefix(
      inputs[0], inputs[0].count, start.baseAddress?.assumingMemoryBound(to: UInt8.self),
      start.count)
    precondition(written <= start.count, "it wrote beyond the end")
  }

  /// Reads quantised blocks as a whole and in ranges, which must be the same numbers. The input is: the
  /// type and the order of bytes, where two ranges are cut (two bytes each), then blocks.
  func dequantise(_ bytes: [UInt8]) throws {
    guard bytes.count > 5 else { return }
    let type = QuantisedType.allCases[Int(bytes[0] & 15) % QuantisedType.allCases.count]
    let count = (bytes.count - 5) / type.blockByteCount * type.blockLength
    guard count > 0 else { return }
    let entry = TensorEntry(
      name: "x", shape: [count], elementType: .float32, isBigEndian: bytes[0] & 128 != 0,
      layout: .quantised(type, offset: 5))
    let file = try scratch(bytes, "x.gguf")
    guard let run = QuantisedRun(entry, in: file) else { return }
    func numbers(_ range: Range<Int>) throws -> [UInt8] {
      // Memory of exactly the size, so that a byte beyond it is found.
      let target = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * range.count, alignment: 4)
      defer { target.deallocate() }
      try run.read(range, into: target)
      return Array(target)
    }
    let whole = try numbers(0..<count)
    let cuts = [1, 3].map { (Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8) % (count + 1) }.sorted()
    for range in [0..<cuts[0], cuts[0]..<cuts[1], cuts[1]..<count] {
      let part = try numbers(range)
      precondition(
        part == Array(whole[(4 * range.lowerBound)..<(4 * range.upperBound)]),
        "a range is another part of the tensor")
    }
  }
}
