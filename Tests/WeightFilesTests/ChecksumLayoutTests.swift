import Support
import Testing

@testable import Archives
@testable import Catalogs
@testable import Formats
@testable import Tensors
@testable import WeightFiles

/// The checksum of a tensor is that of its elements, however they are stored; and what is held while they
/// are read does not grow with them.
@Suite struct ChecksumLayoutTests {
  /// A tensor above the size that is read as a whole: 1301 rows of 1031 numbers, 5.1 MiB.
  static let shape = [1301, 1031]

  /// Numbers of which no two rows are alike, and which deflate hardly makes smaller.
  static let bytes: [UInt8] = {
    var state: UInt64 = 3
    return [UInt8](unsafeUninitializedCapacity: 1301 * 1031 * 4) { buffer, count in
      UnsafeMutableRawBufferPointer(buffer).withMemoryRebound(to: UInt32.self) { words in
        for index in words.indices {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          words[index] = UInt32(truncatingIfNeeded: state >> 33)
        }
      }
      count = 1301 * 1031 * 4
    }
  }()

  enum Filters: CaseIterable {
    case none, gzip, shuffledGzip, zstd

    var steps: [FilterPipeline.Step] {
      switch self {
      case .none: []
      case .gzip: [.deflate(level: 1)]
      case .shuffledGzip: [.shuffle(elementByteCount: 4), .deflate(level: 1)]
      case .zstd: [.zstd(level: 1)]
      }
    }

    var notes: [TensorEntry.Filter] {
      switch self {
      case .none: []
      case .gzip: [.init(id: 1, name: "deflate", parameters: [1])]
      case .shuffledGzip:
        [
          .init(id: 2, name: "shuffle", parameters: [4]),
          .init(id: 1, name: "deflate", parameters: [1]),
        ]
      case .zstd: [.init(id: 32015, name: "zstd", parameters: [1])]
      }
    }
  }

  /// Blocks that divide nothing (with edges on both axes), rows, all of the columns, small ones, one that
  /// is larger than the tensor.
  static let blocks: [[Int]] = [
    [100, 64], [17, 1031], [1301, 40], [31, 9], [1400, 1100], [1, 1031],
  ]

  // Tried by hand beside these: files of h5py of 4096 × 4096 and 4096 × 4095 numbers (blocks of 128 × 128, and of
  // 100 × 1000 with edges), gzip and shuffle with gzip, with 1, 2, 3 and 16 jobs: one checksum each, the one
  // that reading the whole tensor gave before.
  @Test(arguments: blocks, Filters.allCases)
  func everyLayout(block: [Int], filters: Filters) async throws {
    let wanted = Self.bytes.withUnsafeBytes { Checksum.xxh3.text(of: $0) }
    try await Fixtures.withFolder { folder in
      let model = try Self.model(folder + "x", block, filters) { _ in true }
      let entry = model.catalog.tensors[0]
      for jobs in [1, 2, 5] { #expect(try model.checksum(entry, jobs: jobs) == wanted, "\(jobs)") }
      // A limit that holds: what it is too small for is refused, not read beyond it.
      for budget in [2 << 20, 4 << 20, 12 << 20, 100 << 20] {
        do {
          #expect(try model.checksum(entry, jobs: 2, budget: budget) == wanted, "\(budget)")
        } catch let error as Diagnostic {
          #expect(error.code == .failed && block == [1400, 1100] && budget < 16 << 20, "\(error)")
        }
        guard let stream = try? ChunkStream(model.parts[0], entry, jobs: 2, budget: budget) else {
          continue
        }
        #expect(stream.heldByteCount <= budget)
      }
      let sum = Self.bytes.withUnsafeBytes { Checksum.sha256.text(of: $0) }
      #expect(try model.checksum(entry, .sha256, jobs: 2) == sum)
    }
  }

  @Test func pieces() async throws {
    try await Fixtures.withFolder { folder in
      for (block, filters) in [([17, 1031], Filters.gzip), ([100, 64], .shuffledGzip)] {
        let model = try Self.model(folder + "x", block, filters) { _ in true }
        var (found, sizes) = ([UInt8](), [Int]())
        try model.forEachPiece(of: model.catalog.tensors[0], jobs: 2, budget: 3 << 20) {
          found += $0
          sizes.append($0.count)
        }
        #expect(found == Self.bytes)
        #expect(sizes.count > 1 && sizes.dropLast().allSatisfy { $0 % 256 == 0 }, "\(sizes)")
        #expect(sizes.allSatisfy { $0 < 3 << 20 })
      }
    }
  }

  /// Blocks that are not there have the fill value, also where another is there twice, so that their number
  /// is that of all.
  @Test(arguments: [false, true]) func missingBlocks(isReplaced: Bool) async throws {
    try await Fixtures.withFolder { folder in
      let model = try Self.model(folder + "x", [100, 1031], .gzip, replacing: isReplaced) {
        $0 != [700, 0]
      }
      let entry = model.catalog.tensors[0]
      var expected = Self.bytes
      let row = 1031 * 4
      for index in (700 * row)..<(800 * row) {
        expected[index] = [0, 0, 128, 63][index % 4]
      }
      #expect(try model.readBytes(entry, jobs: 2) == expected)
      let wanted = expected.withUnsafeBytes { Checksum.xxh3.text(of: $0) }
      for budget in [nil, 3 << 20] {
        #expect(try model.checksum(entry, jobs: 2, budget: budget) == wanted)
      }
    }
  }

  @Test func damagedBlocks() async throws {
    try await Fixtures.withFolder { folder in
      let model = try Self.model(folder + "x", [17, 1031], .gzip) { _ in true }
      guard case .chunked(_, let chunks) = model.catalog.tensors[0].layout else { return }
      var stored = try model.parts[0].bytes(at: 0, count: model.parts[0].byteCount)
      // The later of two is not the one that is told, whichever thread comes upon it first.
      for index in [40, 41] { stored[chunks[index].offset + 9] ^= 0xFF }
      try Fixtures.write(stored, to: folder + "x")
      let hurt = WeightFile(
        try ParsedFile(
          .safetensors, try OpenFile(reading: folder + "x"), tensors: model.catalog.tensors),
        file: try OpenFile(reading: folder + "x"))
      let error = #expect(throws: Diagnostic.self) {
        try hurt.checksum(hurt.catalog.tensors[0], jobs: 2)
      }
      #expect(error?.code == .badData)
      #expect(error?.location.suffix(2) == ["w", "chunk 40"], "\(String(describing: error))")
    }
  }

  /// A file of one tensor in blocks, of which some are left out; the first is there again in the place of
  /// each of them where they are replaced.
  static func model(
    _ path: String, _ block: [Int], _ filters: Filters, replacing: Bool = false,
    where isThere: ([Int]) -> Bool
  ) throws -> WeightFile {
    let geometry = try ChunkGeometry(shape: shape, chunkShape: block, elementByteCount: 4)
    let pipeline = FilterPipeline(steps: filters.steps)
    var (stored, chunks): ([UInt8], [TensorEntry.Chunk]) = ([], [])
    try encodeChunks(of: bytes, geometry: geometry, pipeline: pipeline) { origin, mask, block in
      if isThere(origin) {
        chunks.append(
          .init(origin: origin, offset: stored.count, byteCount: block.count, filterMask: mask))
      } else if replacing {
        chunks.append(chunks[0])
      }
      stored += block
    }
    try Fixtures.write(stored + [0], to: path)
    let file = try OpenFile(reading: path)
    var entry = TensorEntry(
      name: "w", shape: shape, elementType: .float32,
      layout: .chunked(chunkShape: block, chunks: chunks), filters: filters.notes)
    entry.fillValue = [0, 0, 128, 63]
    return WeightFile(try ParsedFile(.safetensors, file, tensors: [entry]), file: file)
  }
}
