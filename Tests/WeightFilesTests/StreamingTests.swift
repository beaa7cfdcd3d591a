import Foundation
import Support
import Testing

@testable import Archives
@testable import Catalogs
@testable import Formats
@testable import Tensors
@testable import WeightFiles

/// Tensors read piece by piece are those that are read as a whole, however little memory there is; what
/// cannot be read so is refused before memory for it is taken.
@Suite struct StreamingTests {
  /// Floats whose bytes are all different enough.
  static func numbers(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { index in
      withUnsafeBytes(of: Float(index &* 7919 % 104_729)) { Array($0) }
    }
  }

  /// All pieces joined, and the largest one.
  static func streamed(
    _ file: WeightFile, _ entry: TensorEntry, budget: Int
  ) throws -> (bytes: [UInt8], largest: Int) {
    var (bytes, largest) = ([UInt8](), 0)
    try file.forEachPiece(of: entry, jobs: 2, budget: budget) { piece in
      bytes += piece
      largest = max(largest, piece.count)
    }
    return (bytes, largest)
  }

  // Tried by hand beside these with `convert`, on 24 views of PyTorch 1.13 in both of its formats: a repeated
  // middle axis, a scalar expanded to a square and to nothing, a column of a column, overlapping windows
  // (strides [1, 1]), steps, diagonals, turned and permuted axes: all are PyTorch's, bit for bit.
  @Test(arguments: StridedTests.cases.indices)
  func rangesOfStridedElements(index: Int) async throws {
    let (shape, strides, offset) = StridedTests.cases[index]
    let places = StridedTests.places(shape, strides)
    let words = (0..<((places.max() ?? 0) + 1 + offset / 4)).map { UInt32($0) }
    try await Fixtures.withFolder { folder in
      try Fixtures.write(words.withUnsafeBytes { Array($0) }, to: folder + "x")
      let geometry = try StridedGeometry(shape: shape, strides: strides, elementByteCount: 4)
      let run = try StridedRun(
        try OpenFile(reading: folder + "x"), offset: offset, geometry: geometry)
      let wanted = places.map { words[$0 + offset / 4] }
      for step in [1, 3, 7, 64, 1000, max(1, wanted.count)] where step < wanted.count || step > 500
      {
        var found: [UInt32] = []
        for start in stride(from: 0, to: wanted.count, by: step) {
          let end = min(wanted.count, start + step)
          var part = [UInt32](repeating: 0, count: end - start)
          try part.withUnsafeMutableBytes { try run.read((start * 4)..<(end * 4), into: $0) }
          found += part
          // The whole of a long tensor in single elements says no more.
          if step == 1, end >= 500 { break }
        }
        #expect(found == Array(wanted.prefix(found.count)), "\(step)")
      }
    }
  }

  @Test func aViewOfOneElementCostsNothing() async throws {
    try await Fixtures.withFolder { folder in
      try Fixtures.write([0, 60, 0, 64], to: folder + "x")  // 1 and 2 as halves
      let file = try OpenFile(reading: folder + "x")
      // Claims of a GiB each: held as a whole, they would be met by the refusals of `MachineMemory`.
      let views: [(shape: [Int], strides: [Int])] = [
        ([1 << 29], [0]), ([1 << 14, 1 << 15], [0, 0]), ([2, 1 << 28], [1, 0]),
        ([1 << 28, 2], [0, 1]),
      ]
      for view in views {
        let entry = TensorEntry(
          name: "w", shape: view.shape, elementType: .float16,
          layout: .strided(offset: 0, strides: view.strides))
        let parsed = try ParsedFile(.pytorch, file, tensors: [entry])
        let model = WeightFile(parsed, file: file)
        #expect(try model.heldByteCount(of: entry) == 0)
        let source = try model.source(of: entry, Opening(budget: 1 << 20, isStrict: true))
        var space = TensorSource.Space()
        let last = (entry.byteCount - 4)..<entry.byteCount
        let tail = try source.withBytes(last, &space) { Array($0) }
        let isPair = view.strides.last == 1
        let isSecond = view.strides.first == 1
        #expect(
          tail == (isPair ? [0, 60, 0, 64] : isSecond ? [0, 64, 0, 64] : [0, 60, 0, 60]),
          "\(view)")
      }
      // A smaller one in full.
      let entry = TensorEntry(
        name: "w", shape: [3, 50_001], elementType: .float16,
        layout: .strided(offset: 0, strides: [0, 0]))
      let model = WeightFile(try ParsedFile(.pytorch, file, tensors: [entry]), file: file)
      let whole = [UInt8](repeating: 0, count: entry.byteCount)
        .enumerated().map { $0.offset % 2 == 1 ? UInt8(60) : 0 }
      #expect(try Self.streamed(model, entry, budget: 4096).bytes == whole)
      #expect(try model.checksum(entry) == whole.withUnsafeBytes { Checksum.xxh3.text(of: $0) })
      #expect(
        try model.checksum(entry, .sha256) == whole.withUnsafeBytes { Checksum.sha256.text(of: $0) }
      )
    }
  }

  /// Blocks in rows, in columns, larger than the tensor, missing ones, and filters.
  static let blocks: [[Int]] = [[7, 40], [64, 3], [5, 5], [70, 50], [1, 40], [64, 40]]

  @Test(arguments: blocks.indices)
  func blocksWindowByWindow(index: Int) async throws {
    try await Fixtures.withFolder { folder in
      let (shape, bytes) = ([64, 40], Self.numbers(64 * 40))
      let geometry = try ChunkGeometry(
        shape: shape, chunkShape: Self.blocks[index], elementByteCount: 4)
      let pipeline = FilterPipeline(steps: [
        .shuffle(elementByteCount: 4), .deflate(level: 4),
      ])
      var (stored, chunks): ([UInt8], [TensorEntry.Chunk]) = ([], [])
      try encodeChunks(of: bytes, geometry: geometry, pipeline: pipeline) { origin, mask, block in
        // One is missing: its elements have the fill value.
        if chunks.isEmpty || origin != [0, 0] {
          chunks.append(
            .init(origin: origin, offset: stored.count, byteCount: block.count, filterMask: mask))
        }
        stored += block
      }
      if chunks.count > 2 { chunks.remove(at: 1) }
      try Fixtures.write(stored + [0], to: folder + "x")
      let file = try OpenFile(reading: folder + "x")
      var entry = TensorEntry(
        name: "w", shape: shape, elementType: .float32,
        layout: .chunked(chunkShape: Self.blocks[index], chunks: chunks),
        filters: [
          .init(id: 2, name: "shuffle", parameters: [4]),
          .init(id: 1, name: "deflate", parameters: [4]),
        ])
      entry.fillValue = [0, 0, 128, 63]
      let model = WeightFile(
        try ParsedFile(.safetensors, file, tensors: [entry]), file: file)
      let whole = try model.readBytes(entry)
      let need = chunks.reduce(0) { max($0, ChunkDecoder.byteCount(of: $1, geometry)) }
      // Windows of one element, of parts of a row of blocks, of several rows.
      for room in [4, 120, 1000, 5000, 20_000] {
        let stream = try ChunkStream(
          file, entry, jobs: 2, budget: need + room, leastWindow: min(room, 64))
        var found = [UInt8](repeating: 0, count: whole.count)
        try found.withUnsafeMutableBytes { all in
          for start in stride(from: 0, to: all.count, by: 372) {
            let part = start..<min(all.count, start + 372)
            try stream.next(into: UnsafeMutableRawBufferPointer(rebasing: all[part]))
          }
        }
        #expect(found == whole, "\(room)")
      }
      let refused = #expect(throws: Diagnostic.self) {
        try ChunkStream(file, entry, jobs: 1, budget: need / 2)
      }
      #expect(refused?.code == .failed && refused?.message.contains("needs") == true)
    }
  }

  @Test func aDeflatedMemberIsStreamedAndChecked() async throws {
    try await Fixtures.withFolder { folder in
      var contents = ModelContents()
      let bytes = Self.numbers(3 << 20)  // 12 MiB: a member that is compressed in pieces
      contents.add("w", shape: [3, 1 << 20], as: .float32) { bytes }
      contents.add("b", shape: [4], as: .float32) { Self.numbers(4) }
      let path = folder + "m.npz"
      try contents.write(to: path, WritingOptions(compression: .gzip(level: 1), jobs: 2))
      let one = folder + "one.npz"
      try contents.write(to: one, WritingOptions(compression: .gzip(level: 1), jobs: 1))
      #expect(FileManager.default.contentsEqual(atPath: path, andPath: one))
      let file = try await WeightFile.open(path)
      let entry = try file.entry(named: "w")
      #expect(try file.readBytes(entry) == bytes)
      let streamed = try Self.streamed(file, entry, budget: 1 << 20)
      #expect(streamed.bytes == bytes && streamed.largest <= 1 << 20)
      // Every format within a budget of a twelfth of the tensor has the bytes that it has without one.
      for name in ["o.safetensors", "o.npz", "o.h5", "o.npy"] {
        for option in name.hasSuffix("h5") ? [CompressionOption.none, .zstd(level: 1)] : [.none] {
          var options = WritingOptions(compression: option, overwrites: true, jobs: 2)
          var model = try ModelContents(file)
          if name.hasSuffix("npy") { model.items.removeAll { $0.name == "b" } }
          try model.write(to: folder + name, options)
          options.budget = 1 << 20
          options.isStrict = true
          try model.write(to: folder + "small." + name, options)
          #expect(
            FileManager.default.contentsEqual(
              atPath: folder + name, andPath: folder + "small." + name), "\(name)")
        }
      }
      let written = try await WeightFile.open(folder + "o.h5")
      let same = try FileComparison(
        file, written, pairs: .namesakes(file, written), jobs: 2, budget: 4 << 20, isStrict: true)
      #expect(same.total.changedCount == 0 && same.total.count == 3 << 20 + 4)
      // Damage in the middle, and at the end where only the checksum tells.
      var damaged = Array(try Data(contentsOf: URL(filePath: path)))
      damaged[damaged.count / 2] ^= 0x10
      try Fixtures.write(damaged, to: path)
      let hurt = try await WeightFile.open(path)
      let error = #expect(throws: Diagnostic.self) {
        try Self.streamed(hurt, try hurt.entry(named: "w"), budget: 1 << 20)
      }
      #expect(error?.code == .badData && error?.location == [path, "w"])
    }
  }

  @Test func whatIsTurnedOrComputedIsRefusedBeforeItIsRead() async throws {
    try await Fixtures.withFolder { folder in
      // Fortran's order, deflated: neither order can be had from the other piece by piece.
      let bytes = Self.numbers(1 << 18)
      let run = try Self.deflated(bytes, folder + "x")
      let file = try OpenFile(reading: folder + "x")
      let entry = TensorEntry(
        name: "w", shape: [512, 512], elementType: .float32,
        layout: .deflated(run, .strided(offset: 0, strides: [1, 512])))
      let model = WeightFile(try ParsedFile(.npz, file, tensors: [entry]), file: file)
      let error = #expect(throws: Diagnostic.self) {
        try model.checksum(entry, budget: 1 << 18)
      }
      #expect(error?.code == .failed)
      #expect(error?.message.hasPrefix("needs 2.") == true, "\(String(describing: error))")
      #expect(
        error?.message.hasSuffix("256 KiB are allowed") == true, "\(String(describing: error))")
      #expect(try model.checksum(entry).hasPrefix("xxh3:"), "without a limit it is held")
    }
  }

  /// Writes bytes as one run of deflate.
  static func deflated(_ bytes: [UInt8], _ path: String) throws -> TensorEntry.DeflatedRun {
    let scratch = try ScratchFile.make("x")
    let source = TensorSource(storage: .memory(bytes), elementType: .uint8)
    let packed = try MemberDeflater(level: 4, jobs: 2).write(
      [], source, byteCount: bytes.count, to: scratch.descriptor, at: 0)
    let file = try OpenFile(owning: duplicate(scratch.descriptor), path: "x")
    try Fixtures.write(try file.bytes(at: 0, count: file.byteCount), to: path)
    return TensorEntry.DeflatedRun(
      offset: 0, storedByteCount: packed.byteCount, byteCount: bytes.count,
      checksum: packed.checksum)
  }

  @Test func threadsThatWaitForAStreamLearnOfItsEnd() throws {
    final class Broken: ElementStream {
      func next(into target: UnsafeMutableRawBufferPointer) throws {
        throw Diagnostic(.badData, "broken")
      }
    }
    let elements = SequentialElements(Broken())
    let errors = try Parallel.map(count: 4, jobs: 4) { index in
      var bytes = [UInt8](repeating: 0, count: 8)
      do {
        try bytes.withUnsafeMutableBytes {
          try elements.read((index * 8)..<(index * 8 + 8), into: $0)
        }
        return ""
      } catch { return "\(error)" }
    }
    #expect(errors == Array(repeating: "broken", count: 4))
  }
}
