import Foundation
import Support
import Testing

@testable import Catalogs
@testable import Tensors
@testable import WeightFiles

/// Models go from format to format and come back as they were.
@Suite struct ConversionTests {
  /// Tensors of every type, and names that containers cannot keep.
  static func hardContents() -> ModelContents {
    var contents = ModelContents()
    for (index, type) in ElementType.allCases.enumerated().reversed() {
      let shape = [61, 3 + index]
      let count = shape.reduce(type.byteCount, *)
      // Any bits at all: NaN with payloads, subnormals, infinities.
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 3) }
      contents.add("types.\(type.rawValue)", shape: shape, as: type) {
        type == .bool ? bytes.map { $0 & 1 } : bytes
      }
    }
    let names = [
      "plain", "a", "a/b", "a/b/c", "/rooted", "twice//split", "..", "up/../down", ".", "",
      "back\\slash", "größe/重み 🧠", "quote\"s", "__metadata__", "wsl%already", "line\nbreak",
      "zero\u{0}byte", "dotted.name.0.weight", "array.npy",
    ]
    for (index, name) in names.enumerated() {
      contents.add(name, shape: [2], as: .int16) { [UInt8(index), 1, 2, 3] }
    }
    contents.add("scalar", shape: [], as: .float64) { [1, 2, 3, 4, 5, 6, 7, 8] }
    contents.add("empty", shape: [0, 3], as: .float32) { [] }
    contents.add("alsoEmpty", shape: [4, 0], as: .bfloat16) { [] }
    contents.add("large", shape: [5, 300, 701], as: .float32) {
      (0..<(5 * 300 * 701)).flatMap { index in
        withUnsafeBytes(of: Float(index % 9973).bitPattern) { Array($0) }
      }
    }
    contents.attributes = [
      "": ["title": .string("größer"), "list": .strings(["x", ""]), "rate": .numbers([0.1])],
      "a/b": ["numbers": .numbers([1, 2, 3])], "large": ["note": .string("\u{1F9E0}")],
    ]
    contents.documents = ["config.json": Array("{\"a\": 1}".utf8), "raw": [0, 255, 10]]
    return contents
  }

  /// What a file holds, in an order.
  struct Seen: Equatable {
    var names: [String]
    var shapes: [[Int]]
    var types: [ElementType]
    var bytes: [[UInt8]]
    var attributes: [String: [String: Catalog.Attribute]]
    var documents: [String: [UInt8]]

    init(_ contents: ModelContents) throws {
      names = contents.items.map(\.name)
      shapes = contents.items.map(\.shape)
      types = contents.items.map(\.elementType)
      bytes = try contents.items.map { item in
        var space = TensorSource.Space()
        return try item.open(Opening(jobs: 1)).withBytes(0..<item.byteCount, &space) { Array($0) }
      }
      attributes = contents.attributes
      documents = contents.documents
    }
  }

  static let endings = [
    "x.h5", "x.safetensors", "x.npz", "x.h5.zst", "x.safetensors.gz", "x.npz.zst",
  ]

  @Test("every type, name, attribute and document survives each format", arguments: endings)
  func everythingSurvives(ending: String) async throws {
    try await Fixtures.withFolder { folder in
      let contents = Self.hardContents()
      try contents.write(to: folder + "1" + ending, WritingOptions(jobs: 1, budget: 1))
      try contents.write(to: folder + "3" + ending, WritingOptions(jobs: 3))
      #expect(try Fixtures.read(folder + "1" + ending) == Fixtures.read(folder + "3" + ending))
      let back = try ModelContents(await WeightFile.open(folder + "1" + ending))
      // Elements that the format has no type for are written as the next wider ones.
      let widened = contents.widened(for: try OutputFormat(path: ending).container)
      let (seen, want) = (try Seen(back), try Seen(widened))
      #expect(seen.names == want.names)
      #expect(seen.attributes == want.attributes)
      #expect(seen == want)
    }
  }

  @Test(
    "compressed blocks hold what runs hold", arguments: ["gzip:1", "gzip:9", "zstd:1", "zstd:9"])
  func compressed(option: String) async throws {
    try await Fixtures.withFolder { folder in
      let contents = Self.hardContents()
      let compression = try CompressionOption(parsing: option)
      for jobs in [1, 3] {
        try contents.write(
          to: folder + "\(jobs).h5", WritingOptions(compression: compression, jobs: jobs))
      }
      #expect(try Fixtures.read(folder + "1.h5") == Fixtures.read(folder + "3.h5"))
      let file = try await WeightFile.open(folder + "1.h5")
      let large = try file.entry(named: "large")
      guard case .chunked(let shape, let chunks) = large.layout else {
        Issue.record("it is not chunked")
        return
      }
      #expect(shape == [1, 300, 701] && chunks.count == 5)
      #expect(large.filters.map(\.id) == [2, option.hasPrefix("zstd") ? 32015 : 1])
      #expect(try Seen(ModelContents(file)) == Seen(contents.widened(for: .hdf5)))
    }
  }

  @Test("HDF5 to safetensors to NumPy and back, every fixture", arguments: try goldenFiles())
  func golden(path: String) async throws {
    try await Fixtures.withFolder { folder in
      let want = try ModelContents(await WeightFile.open(path))
      var last = path
      for name in ["1.safetensors", "2.npz", "3.h5"] {
        try ModelContents(await WeightFile.open(last)).write(to: folder + name)
        last = folder + name
      }
      let back = try ModelContents(await WeightFile.open(last))
      #expect(try Seen(back) == Seen(want))
      #expect(Set(back.groups) == Set(want.groups) && back.aliases == want.aliases)
    }
  }

  static func goldenFiles() throws -> [String] {
    var found: [String] = []
    for module in ["WeightFilesTests", "ModelGraphTests"] {
      let folder = Fixtures.root + "Tests/\(module)/Fixtures/"
      for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      where name.hasSuffix(".h5") && !name.hasPrefix("bomb") && name != "filters.h5" {
        // filters.h5 also holds a filter that nobody here reads.
        found.append(folder + name)
      }
    }
    return found
  }

  @Test("what a format cannot hold is refused before anything is written")
  func refusals() async throws {
    try await Fixtures.withFolder { folder in
      let contents = Self.hardContents()
      let cases: [(String, String)] = [
        ("x.bin", "none"), ("x", "none"), ("x.npy", "none"), ("x.npz", "zstd:1"),
        ("x.safetensors", "gzip:4"), ("x.h5.gz", "zstd:1"), ("x.h5.zst", "gzip:1"),
      ]
      for (name, option) in cases {
        let options = WritingOptions(compression: try CompressionOption(parsing: option))
        let error = #expect(throws: Diagnostic.self) {
          try contents.write(to: folder + name, options)
        }
        #expect(error?.code == .usage && error?.remedy != nil, "\(name) \(option)")
      }
      for text in ["", "zip", "gzip:0", "gzip:10", "zstd:20", "zstd:", "zstd:1:2", "none:1"] {
        #expect(throws: Diagnostic.self) { try CompressionOption(parsing: text) }
      }
      var twice = ModelContents()
      for _ in 0..<2 { twice.add("x", shape: [1], as: .int8) { [0] } }
      var short = ModelContents()
      short.add("x", shape: [2], as: .float32) { [0, 0, 0, 0] }
      for contents in [twice, short] {
        let error = #expect(throws: Diagnostic.self) {
          try contents.write(to: folder + "x.safetensors")
        }
        #expect(error?.code == .usage)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test("Float32 that holds BF16 or F16 is found, and nothing else is")
  func narrowing() async throws {
    func contents(_ tensors: [(String, [Float])]) -> ModelContents {
      var contents = ModelContents()
      for (name, values) in tensors {
        contents.add(name, shape: [values.count], as: .float32) {
          ElementType.float32.bytes(of: values)
        }
      }
      return contents
    }
    let brain: [Float] = (0..<5000).map { Float(bitPattern: UInt32($0 &* 40503 & 0xFFFF) << 16) }
    let half: [Float] =
      (0..<5000).map { Float($0 % 2048) / 1024 } + [.infinity, 0x1p-24, 65504, -0.0]
    let full = (0..<5000).map { Float($0).squareRoot() }
    var brainButOne = brain
    brainButOne[4321] = 1 + .ulpOfOne
    var mixed = contents([
      ("brain", brain), ("half", half), ("full", full), ("almost", brainButOne), ("zero", [0, 0]),
    ])
    let found = try mixed.narrow(WritingOptions())
    #expect(found.tensors.map(\.name) == ["brain", "half", "zero"])
    #expect(found.tensors.map(\.elementType).prefix(2) == [.bfloat16, .float16])
    #expect(found.savedByteCount == 2 * (brain.count + half.count + 2))
    let seen = try Seen(mixed)
    for (index, values) in [brain, half].enumerated() {
      let wide = seen.bytes[index].withUnsafeBytes { bytes in
        [Float](unsafeUninitializedCapacity: values.count) { buffer, initialized in
          seen.types[index].widen(bytes, to: buffer)
          initialized = values.count
        }
      }
      #expect(wide.map(\.bitPattern) == values.map(\.bitPattern))
    }
    #expect(seen.types[2] == .float32)
    // Zeros and ones are how fresh biases and scales look.
    var fresh = contents([("bias", [0, 0, 0]), ("scale", [1, 1]), ("kernel", full)])
    #expect(try fresh.narrow(WritingOptions()).tensors.isEmpty)
  }
}
