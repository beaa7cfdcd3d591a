import CElements
import Catalogs
import Merging
import Tensors
import Testing
import WeightFiles

@Suite("Merging: types, threads and containers")
struct RoundingTests {
  @Test(
    "narrow types are rounded once, as NumPy does it",
    arguments: [ElementType.float32, .float16, .bfloat16])
  func rounding(_ type: ElementType) async throws {
    try await MergingFixtures.withFolder { folder in
      let all = try await MergingFixtures.model(
        type.rawValue, of: "rounded.safetensors", in: folder, as: type)
      func single(_ name: String) async throws -> WeightFile {
        var contents = ModelContents()
        let bytes = try all.readBytes(try all.entry(named: name))
        contents.add("x", shape: [300], as: type) { bytes }
        try contents.write(to: "\(folder)/\(name).safetensors")
        return try await WeightFile.open("\(folder)/\(name).safetensors")
      }
      let merged = try await MergingFixtures.merge(
        [try await single("a"), try await single("b")], base: try await single("base"),
        MergeRecipe(.taskArithmetic, weights: [0.7, 0.7]), in: folder)
      let expected = try all.readBytes(try all.entry(named: "merged"))
      #expect(try merged.readBytes(try merged.entry(named: "x")) == expected)
    }
  }

  @Test("halves are rounded to nearest, ties to even, also where Float32 lies between")
  func directRounding() {
    // Just above half way between two halves, by less than Float32 can tell.
    let values: [Double] = [
      1 + 0x1p-11 + 0x1p-40, 1 + 0x1p-11, 1 + 3 * 0x1p-11, -(1 + 0x1p-11 + 0x1p-40), 65519.999,
      0x1p-25, 0x1p-25 + 0x1p-60, 0x1p-24 * 1.5, 0, -0.0,
    ]
    let halves: [Float16] = values.map { Float16($0) }
    var found = [UInt16](repeating: 0, count: values.count)
    #expect(wsl_narrow(WSLFloat16, values, &found, Int64(values.count)) == 0)
    #expect(found == halves.map(\.bitPattern))
    #expect(wsl_narrow(WSLFloat16, [65520.0], &found, 1) != 0)
    let brains: [(Double, UInt16)] = [
      (1 + 0x1p-8 + 0x1p-40, 0x3F81), (1 + 0x1p-8, 0x3F80), (1 + 3 * 0x1p-8, 0x3F82),
      (-1 - 0x1p-8 - 0x1p-40, 0xBF81), (0x1p-133, 1), (0x1p-134 + 0x1p-170, 1), (0x1p-134, 0),
    ]
    #expect(
      wsl_narrow(WSLBrainFloat16, brains.map(\.0), &found, Int64(brains.count)) == 0)
    #expect(Array(found.prefix(brains.count)) == brains.map(\.1))
  }

  @Test("halves of every bit pattern are widened exactly")
  func widening() {
    let patterns = (0...UInt16.max).map { $0 }
    var values = [Double](repeating: 0, count: patterns.count)
    wsl_widen(WSLFloat16, patterns, &values, Int64(patterns.count))
    for (pattern, value) in zip(patterns, values) {
      let half = Double(Float16(bitPattern: pattern))
      if half.isNaN ? !value.isNaN : half.bitPattern != value.bitPattern {
        Issue.record("\(pattern) became \(value)")
      }
    }
  }

  /// A model with a large tensor of each type, counters, and what a merge leaves alone.
  private static func write(_ path: String, salt: Int) throws {
    var contents = ModelContents()
    for (place, type) in [ElementType.float32, .bfloat16, .float16].enumerated() {
      contents.add("w\(place)", shape: [1100, 700], as: type) {
        type.bytes(
          of: (0..<770_000).map {
            Float((($0 &* 2_654_435_761 &+ salt * 97) >> 8) % 4001 - 2000) / 512
          })
      }
    }
    contents.add("steps", shape: [2], as: .int64) { [UInt8](repeating: UInt8(salt), count: 16) }
    contents.add("optimizer/m", shape: [2], as: .float32) { [UInt8](repeating: 0, count: 8) }
    contents.attributes = ["": ["origin": .string("model \(salt)")]]
    try contents.write(
      to: path, WritingOptions(compression: path.hasSuffix(".h5") ? .zstd(level: 1) : .none))
  }

  @Test(
    "the bytes do not depend on threads; what is no weight stays; distances are those of the result",
    arguments: ["safetensors", "h5"])
  func threads(_ ending: String) async throws {
    try await MergingFixtures.withFolder { folder in
      var files: [WeightFile] = []
      for salt in 0..<3 {
        try Self.write("\(folder)/\(salt).\(ending)", salt: salt)
        files.append(try await WeightFile.open("\(folder)/\(salt).\(ending)"))
      }
      for method in [
        MergeRecipe.Method.ties(density: 0.1, trimming: .global), .dare(drop: 0.5, elects: true),
        .modelStock,
      ] {
        var results: [[UInt8]] = []
        for jobs in [1, 3] {
          var merger = try Merger(
            files[..<2].map { MergeInput($0) }, base: MergeInput(files[2]),
            recipe: MergeRecipe(method, weights: [1, 1]))
          try merger.prepare(jobs: jobs)
          let path = "\(folder)/merged-\(jobs).\(ending)"
          try await files[0].writeCopy(
            to: path, computing: merger.replacements,
            WritingOptions(overwrites: true, jobs: jobs), inputs: files)
          let merged = try await WeightFile.open(path)
          #expect(merged.catalog.tensors.map(\.name) == files[0].catalog.tensors.map(\.name))
          #expect(merged.catalog.attributes == files[0].catalog.attributes)
          #expect(
            try merged.readBytes(try merged.entry(named: "steps"))
              == [UInt8](repeating: 0, count: 16))
          let pairs = merged.catalog.tensors.indices.map {
            FileComparison.Pair(first: $0, second: $0)
          }
          let comparison = try FileComparison(files[1], merged, pairs: pairs)
          var sum = 0.0
          for (pair, difference) in zip(pairs, comparison.differences)
          where files[1].catalog.tensors[pair.first].name.hasPrefix("w") {
            sum += difference.l2 * difference.l2
          }
          #expect(abs(merger.distances.l2[1] / sum.squareRoot() - 1) < 1e-12)
          results.append(try merged.catalog.tensors.flatMap { try merged.readBytes($0) })
        }
        #expect(results[0] == results[1])
      }
    }
  }
}
