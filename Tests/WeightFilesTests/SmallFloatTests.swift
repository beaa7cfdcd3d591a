import Catalogs
import Support
import Testing

@testable import Tensors
@testable import WeightFiles

/// Floats of 8 bits, judged by ml_dtypes: every value of each type, and rounding.
///
/// The kind: numbers that most readers do not know. Tried by hand beside the four types that are read (all
/// 256 values, in safetensors and ONNX, equal to ml_dtypes): F8_E8M0, F4 and F6 of safetensors, 2 and 4 bits
/// of ONNX (named); ml_dtypes' float8_e3m4, float6, float4, int4 and int2 (only in NumPy's files, whose
/// descriptor is that of all of them: named); HDF5's E4M3, E3M4 and E6M9 (named), bfloat16 and E5M2 (read).
@Suite("Floats of 8 bits") struct SmallFloatTests {
  static let types: [ElementType] = [
    .float8E4M3, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ,
  ]

  /// Each file with the names under which it has all values of the types.
  static let files: [(file: String, names: [String])] = [
    ("small.safetensors", types.map(\.rawValue)),
    ("small.onnx", types.map(\.rawValue) + types.map { $0.rawValue + ".listed" }),
    (
      "small.pt",
      ["w.float8_e4m3fn", "w.float8_e5m2", "w.float8_e4m3fnuz", "w.float8_e5m2fnuz"]
    ),
  ]

  @Test(arguments: files) func everyValueIsRead(file: (file: String, names: [String])) async throws
  {
    let expected = try await ElementFixtures.expected("small")
    let opened = try await ElementFixtures.open(file.file)
    #expect(Set(opened.catalog.tensors.map(\.name)) == Set(file.names))
    for (index, name) in file.names.enumerated() {
      let type = Self.types[index % 4]
      let entry = try opened.entry(named: name)
      let truth = try #require(expected[type.rawValue])
      #expect(entry.elementType == type && entry.shape == [16, 16] && entry.byteCount == 256)
      #expect(ElementFixtures.isSame(try opened.read(entry).values, truth.values), "\(name)")
      #expect(try opened.readBytes(entry) == Array(0...255))
    }
  }

  @Test func hdf5HasOneOfThem() async throws {
    let file = try await ElementFixtures.open("small.h5")
    let truth = try #require(try await ElementFixtures.expected("small")["F8_E5M2"])
    let entry = try file.entry(named: "e5m2")
    #expect(entry.elementType == .float8E5M2)
    #expect(ElementFixtures.isSame(try file.read(entry).values, truth.values))
    let kernel = try #require(try await ElementFixtures.expected("hdf5")["kernel"])
    #expect(try file.read(file.entry(named: "fc/kernel")) == kernel)
    let reasons = ElementFixtures.reasons(file)
    #expect(reasons["e4m3"]?.contains("E4M3") == true)
    #expect(reasons["complex"]?.contains("complex numbers") == true)
    #expect(reasons["long"]?.contains("long doubles (128 bits)") == true)
    #expect(reasons["records"] != nil)
    #expect(file.catalog.skipped.allSatisfy { !$0.isDamage })
  }

  @Test func whatIsNotReadIsNamed() async throws {
    let cases = [
      ("small.safetensors", ["F8_E8M0": "F8_E8M0", "C64": "complex numbers (C64)"]),
      ("small.onnx", ["complex": "complex numbers (COMPLEX64)", "four": "INT4"]),
      ("small.pt", ["w.complex64": "complex numbers (complex64)"]),
    ]
    for (name, wanted) in cases {
      let file = try await ElementFixtures.open(name)
      let reasons = ElementFixtures.reasons(file)
      for (tensor, words) in wanted {
        #expect(reasons[tensor]?.contains(words) == true, "\(name): \(reasons)")
      }
      #expect(file.catalog.skipped.allSatisfy { !$0.isDamage })
    }
  }

  /// A type that the format has since got: its bytes are at a known place, and nothing is damaged.
  @Test func aTypeThatIsNotKnownIsNamed() async throws {
    let rows = [
      MalformedFormatTests.row("a", "F32", "[1]", "[0,4]"),
      MalformedFormatTests.row("b", "I4", "[4]", "[4,6]"),
    ]
    try await Fixtures.withFolder { folder in
      let header = "{\(rows.joined(separator: ","))}"
      try Fixtures.write(
        MalformedFormatTests.tensors(header, data: 6), to: folder + "x.safetensors")
      let file = try await WeightFile.open(folder + "x.safetensors")
      #expect(file.catalog.tensors.map(\.name) == ["a"])
      let other = try #require(file.catalog.skipped.first)
      #expect(other.name == "b" && other.reason == "elements of the type I4 are not read")
      #expect(other.tensor?.shape == [4] && other.tensor?.byteCount == 2 && !other.isDamage)
    }
  }

  /// Numbers at and around the boundaries between values, and at random: rounded as ml_dtypes rounds.
  @Test func roundingIsThatOfTheLibrary() async throws {
    let file = try await ElementFixtures.open("narrowed.expected.npz")
    let numbers = try file.read(file.entry(named: "numbers")).values
    for type in Self.types {
      let wanted = try file.readBytes(file.entry(named: type.rawValue))
      #expect(type.bytes(of: numbers) == wanted, "\(type)")
    }
  }

  @Test func theirTypeStaysWhereTheContainerHasIt() async throws {
    try await Fixtures.withFolder { folder in
      let file = try await ElementFixtures.open("small.safetensors")
      let expected = try await ElementFixtures.expected("small")
      for name in ["a.safetensors", "a.npz", "a.h5", "a.safetensors.zst"] {
        let contents = try ModelContents(file)
        try contents.write(to: folder + name)
        let written = try await WeightFile.open(folder + name)
        let keeps = name.contains("safetensors")
        #expect(written.catalog.tensors.count == 4)
        for type in Self.types {
          let entry = try written.entry(named: type.rawValue)
          let truth = try #require(expected[type.rawValue])
          #expect(entry.elementType == (keeps ? type : .float32), "\(name): \(type)")
          #expect(ElementFixtures.isSame(try written.read(entry).values, truth.values))
        }
        let notes = contents.conversions(for: try OutputFormat(path: name).container)
        #expect(notes.isEmpty == keeps)
        if !keeps { #expect(notes[0].contains("4 of F8_E4M3") && notes[0].contains("Float32")) }
      }
    }
  }
}
