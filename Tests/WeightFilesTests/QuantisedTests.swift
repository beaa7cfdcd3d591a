import Catalogs
import Testing

@testable import Support
@testable import Tensors
@testable import WeightFiles

/// Quantised blocks of GGUF, judged by the package gguf: random bits under scales of all sizes, bit for
/// bit.
///
/// The kind: types that ggml has and others have not. Tried by hand with `convert`, files by gguf 0.19 of
/// each of its types: the ten quantised ones that are read are equal to its own numbers; IQ1 to IQ4, Q1_0,
/// Q8_1, Q8_K, TQ1_0, TQ2_0, MXFP4 and NVFP4 are named, and left out with a warning.
@Suite("Quantised blocks") struct QuantisedTests {
  @Test(arguments: ["quantised", "big"]) func numbersAreThoseOfTheReference(name: String)
    async throws
  {
    let file = try await ElementFixtures.open(name + ".gguf")
    let expected = try await ElementFixtures.expected(name)
    #expect(Set(file.catalog.tensors.map(\.name)) == Set(expected.keys))
    for again in [file, try WeightFile.reopen(file.catalog)] {
      for entry in again.catalog.tensors {
        let truth = try #require(expected[entry.name])
        #expect(entry.shape == truth.shape)
        for jobs in [1, 3] {
          let values = try again.read(entry, jobs: jobs).values
          #expect(ElementFixtures.isSame(values, truth.values), "\(entry.name)")
        }
        // The bytes are those of the same numbers.
        let bytes = try again.readBytes(entry)
        if entry.elementType == .float32 {
          let numbers = ElementType.float32.bytes(of: try again.read(entry).values)
          #expect(bytes == numbers)
        }
      }
    }
    let types = file.catalog.tensors.compactMap(\.quantisedType)
    #expect(types.count == (name == "big" ? 4 : QuantisedType.allCases.count))
    #expect(
      file.catalog.tensors.filter { $0.quantisedType != nil }.allSatisfy {
        $0.elementType == .float32
      })
  }

  /// Any range of numbers is that of the whole tensor, whatever blocks it cuts.
  @Test func rangesNeedNotBeginWithABlock() async throws {
    let file = try await ElementFixtures.open("quantised.gguf")
    for entry in file.catalog.tensors where entry.quantisedType != nil {
      let whole = try file.read(entry).values
      let ranges = try file.ranges(of: entry)
      #expect(file.isOneRun(entry))
      let count = whole.count
      for range in [0..<1, 0..<count, 5..<6, 31..<33, 33..<(count - 1), (count - 1)..<count, 7..<7]
      {
        let bytes = try ranges.bytes(range)
        #expect(
          bytes == ElementType.float32.bytes(of: Array(whole[range])), "\(entry.name) \(range)")
      }
      #expect(
        try file.readElements(entry, at: [count - 1, 0, 40])
          == ElementType.float32.bytes(of: [whole[count - 1], whole[0], whole[40]]))
    }
  }

  /// Blocks that are many, so that several threads and many pieces read them, within a small budget.
  @Test func aLargeTensorIsReadInPieces() async throws {
    let rows = 3 * QuantisedRun.pieceCount / 256 * 16 + 1
    var block = [UInt8](repeating: 0, count: 144)
    var tensor: [UInt8] = []
    for row in 0..<rows {
      block[0] = UInt8(truncatingIfNeeded: row)
      block[1] = 0x2C
      block[4] = UInt8(truncatingIfNeeded: row >> 3)
      block[20] = UInt8(truncatingIfNeeded: row >> 8)
      tensor += block
    }
    try await Fixtures.withFolder { folder in
      let header = MalformedFormatTests.gguf(
        tensors: 1, MalformedFormatTests.info("w", [256, UInt64(rows)], type: 12))
      let padding = [UInt8](repeating: 0, count: (32 - header.count % 32) % 32)
      try Fixtures.write(header + padding + tensor, to: folder + "large.gguf")
      let file = try await WeightFile.open(folder + "large.gguf")
      let entry = file.catalog.tensors[0]
      var expected = [Float](repeating: 0, count: rows * 256)
      tensor.withUnsafeBytes { blocks in
        expected.withUnsafeMutableBytes {
          QuantisedType.q4K.dequantise(blocks, to: $0, isBigEndian: false)
        }
      }
      let budget = MemoryBudget(byteCount: 200_000)
      #expect(try file.read(entry, jobs: 4, budget: budget).values == expected)
      #expect(throws: Diagnostic.self) {
        try file.read(entry, jobs: 4, budget: MemoryBudget(byteCount: 1000))
      }
      // Another format gets the same numbers, without the tensor ever being held.
      let contents = try ModelContents(file)
      #expect(contents.items[0].heldByteCount == 0)
      #expect(contents.conversions(for: .safetensors).first?.contains("Float32") == true)
      try contents.write(to: folder + "w.safetensors")
      let written = try await WeightFile.open(folder + "w.safetensors")
      #expect(try written.read(written.entry(named: "w")).values == expected)
    }
  }

  @Test func quantisedNumbersAreNotWritten() async throws {
    try await Fixtures.withFolder { folder in
      let file = try await ElementFixtures.open("quantised.gguf")
      let entry = try file.entry(named: "q4_k")
      let bytes = try file.readBytes(entry)
      let error = await #expect(throws: Diagnostic.self) {
        try await file.writeCopy(
          to: folder + "x.gguf", replacing: [entry.name: bytes], overwrites: false)
      }
      #expect(error?.message.contains("quantised (Q4_K)") == true)
      // Its other tensors are replaced, and the blocks stay as they are.
      let plain = try file.entry(named: "f32")
      let changed = try file.readBytes(plain).map { $0 ^ 1 }
      try await file.writeCopy(
        to: folder + "y.gguf", replacing: [plain.name: changed], overwrites: false)
      let copy = try await WeightFile.open(folder + "y.gguf")
      #expect(try copy.readBytes(copy.entry(named: "f32")) == changed)
      #expect(try copy.readBytes(copy.entry(named: "q4_k")) == bytes)
    }
  }

  @Test func otherTypesAreNamed() async throws {
    try await Fixtures.withFolder { folder in
      let types: [(UInt32, String)] = [
        (20, "IQ4_NL"), (35, "TQ2_0"), (39, "MXFP4"), (15, "Q8_K"), (77, "77 is unknown"),
      ]
      for (code, words) in types {
        let header = MalformedFormatTests.gguf(
          tensors: 1, MalformedFormatTests.info("w", [256], type: code))
        try Fixtures.write(header + [UInt8](repeating: 0, count: 400), to: folder + "x.gguf")
        let file = try await WeightFile.open(folder + "x.gguf")
        let reason = file.catalog.skipped.first?.reason ?? ""
        #expect(file.catalog.tensors.isEmpty && reason.contains(words), "\(reason)")
      }
      // In a file for big-endian machines only those whose order of bytes is known.
      var header = MalformedFormatTests.gguf(tensors: 0, []).map { $0 }
      header =
        Array("GGUF".utf8) + [0, 0, 0, 3] + [0, 0, 0, 0, 0, 0, 0, 1] + Array(repeating: 0, count: 8)
      header += [0, 0, 0, 0, 0, 0, 0, 1] + Array("w".utf8) + [0, 0, 0, 1]
      header += [0, 0, 0, 0, 0, 0, 1, 0] + [0, 0, 0, 11] + Array(repeating: 0, count: 8)
      try Fixtures.write(header + [UInt8](repeating: 0, count: 400), to: folder + "big.gguf")
      let big = try await WeightFile.open(folder + "big.gguf").catalog
      #expect(big.skipped.first?.reason.contains("Q3_K) for big-endian machines") == true)
    }
  }
}
