import Catalogs
import Support
import Testing

@testable import Archives
@testable import Formats
@testable import Tensors
@testable import WeightFiles

extension ElementSink {
  fileprivate static func bytes(_ target: UnsafeMutableRawBufferPointer) -> ElementSink {
    ElementSink(target: target, widenedType: nil, isBigEndian: false)
  }
}

/// Files of h5py and hdf5plugin in which every data set of a group holds the group's `values`.
@Suite struct FilterFixtureTests {
  @Test(
    arguments: [
      "filters.h5", "indexes-earliest.h5", "indexes-v108.h5", "indexes-v110.h5",
      "indexes-latest.h5",
    ])
  func everyFilterAndIndexGivesTheSameBytes(name: String) async throws {
    let file = try await WeightFile.open(Fixtures.path(name))
    #expect(file.catalog.skipped.isEmpty)
    var compared = 0
    for entry in file.catalog.tensors where !entry.name.hasPrefix("unknown/") {
      let group = entry.name.split(separator: "/").dropLast().map { $0 + "/" }.joined()
      let expected = try file.readBytes(file.entry(named: group + "values"))
      for jobs in [1, 3] {
        #expect(try file.readBytes(entry, jobs: jobs) == expected, "\(entry.name)")
      }
      if !entry.name.hasPrefix("scaled/") {
        // Nothing of it went through the worker.
        #expect(TensorReader(file: file.parts[0], entry: entry).isDecodable, "\(entry.name)")
      }
      compared += 1
    }
    #expect(compared > 10)
  }

  @Test func anUnknownFilterIsNamedAndTheOthersAreRead() async throws {
    let file = try await WeightFile.open(Fixtures.path("filters.h5"))
    let error = #expect(throws: Diagnostic.self) {
      try file.read(file.entry(named: "unknown/zfp"))
    }
    #expect(
      error?.description.contains("zfp") == true || error?.description.contains("ZFP") == true)
    #expect(error?.code == .badData)
  }

  /// Values replaced in place, block by block through each filter, read back equal.
  @Test func everyFilterIsAppliedAgain() async throws {
    let file = try await WeightFile.open(Fixtures.path("filters.h5"))
    for entry in file.catalog.tensors {
      guard case .chunked(let chunkShape, let chunks) = entry.layout,
        FilterPipeline.unwritableFilter(of: entry) == nil
      else { continue }
      let bytes = try file.readBytes(entry)
      let geometry = try ChunkGeometry(
        shape: entry.shape, chunkShape: chunkShape, elementByteCount: entry.elementType.byteCount)
      let pipeline = FilterPipeline(entry)
      var encoder = ChunkEncoder()
      var result = [UInt8](repeating: 0xAA, count: bytes.count)
      for chunk in chunks {
        let block = try bytes.withUnsafeBytes {
          try encoder.encode(
            origin: chunk.origin, of: geometry, through: pipeline, mask: chunk.filterMask, from: $0)
        }
        try await Fixtures.withFolder { folder in
          try Fixtures.write(block, to: folder + "block")
          var stored = chunk
          (stored.offset, stored.byteCount) = (0, block.count)
          var decoder = try ChunkDecoder()
          try result.withUnsafeMutableBytes {
            try decoder.decode(
              stored, of: geometry, through: pipeline,
              from: OpenFile(reading: folder + "block"), into: .bytes($0))
          }
        }
      }
      #expect(result == bytes, "\(entry.name)")
    }
  }

  /// Every stored block with bytes changed or cut off: an error, or as many bytes as there should be.
  @Test func damagedBlocksNeverCrash() async throws {
    let file = try await WeightFile.open(Fixtures.path("filters.h5"))
    var random = DamageTests.Generator(state: 5)
    try await Fixtures.withFolder { folder in
      for entry in file.catalog.tensors {
        guard case .chunked(let chunkShape, let chunks) = entry.layout,
          let chunk = chunks.last, FilterPipeline(entry).decodes(mask: chunk.filterMask)
        else { continue }
        let geometry = try ChunkGeometry(
          shape: entry.shape, chunkShape: chunkShape,
          elementByteCount: entry.elementType.byteCount)
        let sound = try file.parts[0].bytes(at: chunk.offset, count: chunk.byteCount)
        var decoder = try ChunkDecoder()
        for round in 0..<40 {
          var bytes = sound
          if round % 4 == 3 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
          for _ in 0..<(1 + round % 5) {
            let place = Bool.random(using: &random) ? min(24, bytes.count) : bytes.count
            bytes[Int.random(in: 0..<place, using: &random)] = .random(in: 0...255, using: &random)
          }
          try Fixtures.write(bytes, to: folder + "block")
          let damaged = try OpenFile(reading: folder + "block")
          var stored = chunk
          (stored.offset, stored.byteCount) = (0, bytes.count)
          var result = [UInt8](repeating: 0, count: entry.byteCount)
          try result.withUnsafeMutableBytes { target in
            do {
              try decoder.decode(
                stored, of: geometry, through: FilterPipeline(entry), from: damaged,
                into: .bytes(target))
            } catch is Diagnostic {}
            if ChunkDecoder.inflatesPairs([stored], of: geometry, through: FilterPipeline(entry)) {
              _ = try decoder.decodePair(
                stored, stored, of: geometry, through: FilterPipeline(entry), from: damaged,
                into: .bytes(target))
            }
          }
        }
      }
    }
  }

  /// Two deflated blocks at once give what one after the other does.
  @Test(arguments: [1, 6, 9], [false, true])
  func pairsOfBlocksAreInflated(level: Int, shuffles: Bool) async throws {
    try await Fixtures.withFolder { folder in
      var random = DamageTests.Generator(state: UInt64(level))
      var document = HDF5Document()
      // Random mantissas and few exponents, as weights have them; three blocks, none of them padded.
      let values = (0..<(786 * 1000)).map { _ in
        Float.random(in: -0.1...0.1, using: &random) * Float.random(in: 0...1, using: &random)
      }
      document.add("x", Tensor(shape: [786, 1000], values: values))
      try document.write(
        to: folder + "x.h5", compression: .gzip(level: level, shuffles: shuffles))
      let file = try await WeightFile.open(folder + "x.h5")
      let entry = try file.entry(named: "x")
      guard case .chunked(let chunkShape, let chunks) = entry.layout else {
        Issue.record("not in blocks")
        return
      }
      let geometry = try ChunkGeometry(
        shape: entry.shape, chunkShape: chunkShape, elementByteCount: 4)
      #expect(
        ChunkDecoder.inflatesPairs(chunks, of: geometry, through: FilterPipeline(entry)))
      var decoder = try ChunkDecoder()
      var bytes = [UInt8](repeating: 0, count: entry.byteCount)
      let done = try bytes.withUnsafeMutableBytes {
        try decoder.decodePair(
          chunks[0], chunks[1], of: geometry, through: FilterPipeline(entry),
          from: file.parts[0], into: .bytes($0))
      }
      #expect(done == (true, true))
      #expect(try file.read(entry).values == values)
    }
  }

  /// Bytes that compress in different ways: few symbols, short and far matches, long runs, noise.
  enum Bytes: CaseIterable {
    case exponents, fewSymbols, runs, periodic, farMatches, noise

    func make(_ count: Int, _ random: inout DamageTests.Generator) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      for index in 0..<count {
        let chance = UInt64.random(in: 0 ... .max, using: &random)
        bytes[index] =
          switch self {
          case .exponents: UInt8(100 + min(12, (chance | 1 << 40).trailingZeroBitCount))
          case .fewSymbols: UInt8(chance % 3)
          case .runs: UInt8(index / 5000 % 256)
          case .periodic: chance % 50 == 0 ? UInt8(chance >> 56) : UInt8(index % 7)
          case .farMatches:
            index >= 30000 && chance % 20 != 0 ? bytes[index - 30000] : UInt8(chance >> 56)
          case .noise: UInt8(chance >> 56)
          }
      }
      return bytes
    }
  }

  @Test(arguments: Bytes.allCases, Bytes.allCases)
  func pairsOfAnyKindAreInflatedOrLeft(_ first: Bytes, _ second: Bytes) async throws {
    try await Fixtures.withFolder { folder in
      var random = DamageTests.Generator(state: 3)
      let halves = [first.make(1 << 20, &random), second.make(1 << 20, &random)]
      let bytes = halves[0] + halves[1]
      var document = HDF5Document()
      document.datasets = [
        .init(name: "x", shape: [2, 1 << 20], elementType: .uint8, bytes: bytes)
      ]
      try document.write(to: folder + "x.h5", compression: .gzip(level: 6))
      let file = try await WeightFile.open(folder + "x.h5")
      let entry = try file.entry(named: "x")
      guard case .chunked(let chunkShape, let chunks) = entry.layout else {
        Issue.record("not in blocks")
        return
      }
      let geometry = try ChunkGeometry(
        shape: entry.shape, chunkShape: chunkShape, elementByteCount: 1)
      var decoder = try ChunkDecoder()
      var result = [UInt8](repeating: 0, count: bytes.count)
      let done = try result.withUnsafeMutableBytes {
        try decoder.decodePair(
          chunks[0], chunks[1], of: geometry, through: FilterPipeline(entry), from: file.parts[0],
          into: .bytes($0))
      }
      let isDone = [done.0, done.1]
      for (half, kind) in [first, second].enumerated() {
        // Of these the compressor makes blocks with codes of their own, or stores them.
        if kind == .exponents || kind == .fewSymbols || kind == .noise { #expect(isDone[half]) }
        if isDone[half] {
          #expect(Array(result[half << 20..<(half + 1) << 20]) == halves[half])
        }
      }
      #expect(try file.readBytes(entry) == bytes)
    }
  }
}
