import Foundation
import Support
import Tensors
import Testing

@testable import Archives
@testable import Catalogs
@testable import WeightFiles

/// Files that the real libraries wrote (`Fixtures/formats/make_formats.py`), read bit for bit, and
/// written again with other values.
@Suite struct FormatFixtureTests {
  static let folder = Fixtures.folder + "formats/"

  /// Each file with the names in it that are left alone.
  static let files: [(name: String, format: Catalog.Format, skipped: [String])] = [
    ("small.safetensors", .safetensors, []), ("sharded", .safetensors, []),
    ("sharded/model.safetensors.index.json", .safetensors, []),
    ("stored.npz", .npz, []), ("deflated.npz", .npz, []), ("objects.npz", .npz, ["hidden"]),
    ("plain.npy", .numpy, []), ("fortran.npy", .numpy, []), ("big.npy", .numpy, []),
    ("scalar.npy", .numpy, []), ("version2.npy", .numpy, []), ("version3.npy", .numpy, []),
    ("small.onnx", .onnx, ["c"]), ("external/model.onnx", .onnx, []),
    ("small.gguf", .gguf, []),
  ]

  static func expected(_ file: String) throws -> [String: Fixtures.Expected] {
    let data = try Data(contentsOf: URL(filePath: folder + "expected.json"))
    let all = try JSONDecoder().decode([String: [String: Fixtures.Expected]].self, from: data)
    let name = file.hasPrefix("sharded") ? "sharded" : file
    return try #require(all[name])
  }

  @Test(arguments: files)
  func isReadBitForBit(file: (name: String, format: Catalog.Format, skipped: [String])) async throws
  {
    let opened = try await WeightFile.open(Self.folder + file.name)
    let expected = try Self.expected(file.name)
    #expect(opened.catalog.format == file.format)
    #expect(Set(opened.catalog.tensors.map(\.name)) == Set(expected.keys))
    #expect(Set(opened.catalog.skipped.map(\.name)) == Set(file.skipped))
    for again in [opened, try WeightFile.reopen(opened.catalog)] {
      for entry in again.catalog.tensors {
        let truth = try #require(expected[entry.name])
        #expect(entry.shape == truth.shape, "\(entry.name)")
        #expect(entry.elementType.rawValue == truth.type, "\(entry.name)")
        #expect(try again.readBytes(entry) == truth.bytes, "\(entry.name)")
      }
    }
  }

  @Test func metadataAreKept() async throws {
    let small = try await WeightFile.open(Self.folder + "small.safetensors")
    #expect(small.catalog.text("note") == "größer")
    let model = try await WeightFile.open(Self.folder + "small.onnx")
    #expect(model.catalog.producer == "fixtures 1")
    let gguf = try await WeightFile.open(Self.folder + "small.gguf").catalog
    #expect(gguf.text("general.architecture") == "tiny")
    #expect(gguf.attributes[""]?["tiny.block_count"] == .numbers([2]))
    #expect(gguf.texts("tokenizer.ggml.tokens") == ["a", "bé", "c"])
    #expect(gguf.tensors.last?.storedTypeName == "Q8_0")
    let folder = try await WeightFile.open(Self.folder + "sharded").catalog
    #expect(folder.documents["config.json"] != nil)
    #expect(folder.parts.count == 3 && folder.parts[0].hasSuffix(".index.json"))
  }

  @Test(arguments: ["small.safetensors", "stored.npz", "fortran.npy", "big.npy", "small.gguf"])
  func aCopyHasTheNewValuesAndNothingElseChanged(name: String) async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Self.folder + name)
      let changed = file.catalog.tensors.filter {
        ["fc1.weight", "fortran", "big", "array"].contains($0.name)
      }
      var replacements: [String: [UInt8]] = [:]
      for entry in changed {
        replacements[entry.name] = try file.readBytes(entry).enumerated().map {
          $1 ^ UInt8(truncatingIfNeeded: $0)
        }
      }
      #expect(!replacements.isEmpty)
      let target = folder + name
      try await file.writeCopy(to: target, replacing: replacements, overwrites: false)
      let copy = try await WeightFile.open(target)
      #expect(copy.catalog.tensors.map(\.layout) == file.catalog.tensors.map(\.layout))
      for entry in copy.catalog.tensors {
        let wanted = try replacements[entry.name] ?? file.readBytes(file.entry(named: entry.name))
        #expect(try copy.readBytes(entry) == wanted, "\(entry.name)")
      }
      if name.hasSuffix(".npz") {
        let archive = try ZipArchive(OpenFile(reading: target))
        for member in archive.entries {
          // Checks the checksum.
          _ = try archive.contents(of: member, in: OpenFile(reading: target), limit: 1 << 20)
        }
      }
    }
  }

  /// An array of which some bits turned is not read as a whole.
  @Test func storedMembersAreChecked() async throws {
    try await Fixtures.withFolder { folder in
      // Larger than what one thread reads at once.
      let bytes = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 * $0 >> 7) & 0x3F }
      var contents = ModelContents()
      contents.add("float", shape: [5 << 18], as: .float32) { bytes }
      contents.add("half", shape: [5 << 19], as: .float16) { bytes }
      let large = folder + "large.npz"
      try contents.write(to: large)
      for path in [large, Self.folder + "stored.npz"] {
        let sound = try Fixtures.read(path)
        let file = try await WeightFile.open(path)
        for entry in file.catalog.tensors where entry.byteCount > 0 {
          let range = try #require(entry.checkedRun).range
          #expect(try file.read(entry).values.count == entry.elementCount)
          var damaged = sound
          for place in [range.upperBound - (entry.byteCount + 1) / 2, range.upperBound - 1] {
            damaged[place] = sound[place] ^ 4
            try Fixtures.write(damaged, to: folder + "damaged.npz")
            damaged[place] = sound[place]
            let copy = try await WeightFile.open(folder + "damaged.npz")
            for jobs in [1, 3] {
              for read in [
                { _ = try copy.readBytes(copy.entry(named: entry.name), jobs: jobs) },
                { _ = try copy.read(copy.entry(named: entry.name), jobs: jobs) },
              ] {
                let error = #expect(throws: Diagnostic.self) { try read() }
                #expect(error?.message.contains("checksum") == true, "\(entry.name): \(place)")
              }
            }
          }
        }
      }
    }
  }

  @Test(arguments: [("deflated.npz", "compressed")])
  func whatCannotBeReplacedInPlaceSaysSo(name: String, words: String) async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Self.folder + name)
      let entry = try file.entry(named: "fc1.weight")
      let bytes = try file.readBytes(entry)
      let error = await #expect(throws: Diagnostic.self) {
        try await file.writeCopy(
          to: folder + "x", replacing: [entry.name: bytes], overwrites: false)
      }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      #expect(!FileManager.default.fileExists(atPath: folder + "x"))
    }
  }

  @Test func aHugeFileIsOpenedByItsHeader() async throws {
    try await Fixtures.withFolder { folder in
      // 4 TiB, of which no block is there: whoever read it would not end.
      let count = 1 << 40
      let header = #"{"w":{"dtype":"F32","shape":[\#(count)],"data_offsets":[0,\#(4 * count)]}}"#
      var bytes: [UInt8] = []
      append(UInt64(header.utf8.count), to: &bytes)
      try Fixtures.write(bytes + Array(header.utf8), to: folder + "huge.safetensors")
      #expect(truncate(folder + "huge.safetensors", off_t(8 + header.utf8.count + 4 * count)) == 0)
      let file = try await WeightFile.open(folder + "huge.safetensors")
      #expect(file.catalog.tensors.map(\.byteCount) == [4 * count])
    }
  }
}
