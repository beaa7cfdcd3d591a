import Catalogs
import Foundation
import Support
import Tensors
import Testing

@testable import WeightFiles

/// Checkpoints as people save them, by the real PyTorch, against what it says is in them.
///
/// Tried by hand beside these, by PyTorch 1.13: checkpoints as Lightning, fairseq, mmcv, timm, nnU-Net and
/// DeepSpeed lay them out (read; what stands beside is listed), 16 kinds of NumPy's and 30 of Python's own
/// objects beside a state dict, also in protocols 3 to 5; an object that holds a module; modules with
/// weight norm, spectral norm, pruning, recurrent, attention and lists of layers, in both formats (read, as
/// `state_dict()` has them), the state dict of a compiled module (read, with `_orig_mod.` before its names),
/// generator and discriminator (one is taken by its name), NumPy's arrays in the place of tensors
/// (listed), lazy and dynamically quantised modules saved whole (refused).
@Suite struct CheckpointTests {
  struct Case: Decodable {
    var place: String
    var beside: [String]
    var tensors: [String: Fixtures.Expected]
  }

  static let folder = Fixtures.path("checkpoints/")
  static let cases: [String: Case] = {
    guard let data = FileManager.default.contents(atPath: folder + "expected.json") else {
      return [:]
    }
    return (try? JSONDecoder().decode([String: Case].self, from: data)) ?? [:]
  }()

  static func compare(_ file: WeightFile, _ truth: [String: Fixtures.Expected]) throws {
    #expect(Set(file.catalog.tensors.map(\.name)) == Set(truth.keys))
    for entry in file.catalog.tensors {
      guard let expected = truth[entry.name] else { continue }
      #expect(entry.shape == expected.shape && entry.elementType.rawValue == expected.type)
      #expect(try file.readBytes(entry) == expected.bytes, "\(entry.name)")
    }
  }

  @Test func theTableIsThere() { #expect(Self.cases.count > 30) }

  @Test(arguments: cases.keys.filter { $0 != "student" }.sorted())
  func isReadBitForBit(name: String) async throws {
    let truth = try #require(Self.cases[name])
    let file = try await WeightFile.open(Self.folder + name)
    #expect(file.catalog.format == .pytorch)
    #expect(file.catalog.text("state_dict") ?? "" == truth.place)
    #expect(file.catalog.skipped.map(\.name).sorted() == truth.beside)
    try Self.compare(file, truth.tensors)
  }

  @Test(arguments: [
    "distilled.pt#student", "distilled-flat.pt#student", "distilled-flat.pt#state_dict.student",
    "averaged.pt#ema",
  ])
  func onePartIsSelected(path: String) async throws {
    let truth = try #require(Self.cases["student"])
    let file = try await WeightFile.open(Self.folder + path)
    #expect(file.catalog.file == Self.folder + path)
    try Self.compare(file, truth.tensors)
    #expect(!file.catalog.skipped.isEmpty)
  }

  @Test(arguments: [("distilled.pt#pupil", "teacher, student"), ("nested.dcp#nothing", "optim")])
  func aPartThatIsNotThereIsNamed(path: String, words: String) async throws {
    let error = await #expect(throws: Diagnostic.self) {
      try await WeightFile.open(Self.folder + path)
    }
    #expect(
      error?.code == .noInput && error?.description.contains(words) == true, "\(error as Any)")
  }

  @Test func aPartOfADistributedCheckpointIsSelected() async throws {
    let file = try await WeightFile.open(Self.folder + "nested.dcp#optim")
    #expect(file.catalog.tensors.contains { $0.name.hasSuffix("exp_avg") })
    #expect(file.catalog.skipped.map(\.name) == ["model"])
  }

  /// A part of a file keeps its place in a copy, and the other part its bytes.
  @Test func aCopyChangesTheSelectedPartAlone() async throws {
    let truth = try #require(Self.cases["distilled.pt"])
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Self.folder + "distilled.pt#student")
      let bias = [UInt8](repeating: 0x3F, count: 20)
      try await file.writeCopy(
        to: folder + "x.pt", replacing: ["0.bias": bias], overwrites: false)
      let copy = try await WeightFile.open(folder + "x.pt")
      for entry in copy.catalog.tensors {
        let expected = entry.name == "student.0.bias" ? bias : truth.tensors[entry.name]?.bytes
        #expect(try copy.readBytes(entry) == expected, "\(entry.name)")
      }
    }
  }

  /// Of two dictionaries with the same storages one is the network: to change it would change both.
  @Test func whatLiesBesideIsNotChanged() async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Self.folder + "same-storage.pt")
      let error = await #expect(throws: Diagnostic.self) {
        try await file.writeCopy(
          to: folder + "x.pt", replacing: ["0.bias": [UInt8](repeating: 0, count: 16)],
          overwrites: false)
      }
      #expect(error?.message.contains("beside the network") == true, "\(error as Any)")
    }
  }

  @Test(arguments: [
    ("compiled.pt2", "AOTInductor"), ("packed.pt", "a module saved whole"),
    ("sharded.dcp/__0_0.distcp", "name their folder"),
  ])
  func whatCannotBeReadIsNamed(path: String, words: String) async throws {
    let error = await #expect(throws: Diagnostic.self) {
      try await WeightFile.open(Self.folder + path)
    }
    #expect(
      error?.code == .badData && error?.description.contains(words) == true, "\(error as Any)")
  }

  @Test func aDescriptionIsThePathOfItsCheckpoint() async throws {
    let truth = try #require(Self.cases["sharded.dcp"])
    try Self.compare(
      try await WeightFile.open(Self.folder + "sharded.dcp/.metadata"), truth.tensors)
  }

  static let damages: [(String, String, @Sendable (String) throws -> Void)] = [
    (
      "a file that is missing", "no such file",
      {
        try FileManager.default.removeItem(atPath: $0 + "__1_0.distcp")
      }
    ),
    (
      "a file cut short", "beyond the end",
      {
        let bytes = try Fixtures.read($0 + "__1_0.distcp")
        try Fixtures.write(bytes.dropLast(400), to: $0 + "__1_0.distcp")
      }
    ),
    (
      "files in each other's place", "is not the tensor that the description says",
      {
        let (a, b) = (
          try Fixtures.read($0 + "__0_0.distcp"), try Fixtures.read($0 + "__1_0.distcp")
        )
        try Fixtures.write(b, to: $0 + "__0_0.distcp")
        try Fixtures.write(a, to: $0 + "__1_0.distcp")
      }
    ),
    (
      "a path that leads out", "leads out",
      {
        var bytes = try Fixtures.read($0 + ".metadata")
        let old = Array("__1_0.distcp".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: old) })
        bytes.replaceSubrange(place..<(place + old.count), with: Array("../__0_0.abc".utf8))
        try Fixtures.write(bytes, to: $0 + ".metadata")
      }
    ),
  ]

  @Test(arguments: damages.indices)
  func damagedCheckpointsAreRefused(index: Int) async throws {
    let (name, words, damage) = Self.damages[index]
    try await Fixtures.withFolder { folder in
      for file in [".metadata", "__0_0.distcp", "__1_0.distcp"] {
        try Fixtures.write(
          try Fixtures.read(Self.folder + "sharded.dcp/" + file), to: folder + file)
      }
      try damage(folder)
      let error = await #expect(throws: Diagnostic.self, "\(name)") {
        try await WeightFile.open(folder)
      }
      #expect(error?.description.contains(words) == true, "\(name): \(error as Any)")
    }
  }

  @Test func thePiecesOfATensorTakeTheirPlaces() {
    var found: [[Int]] = []
    PieceRuns(piece: [2, 2, 4], at: [0, 1, 0], of: [2, 3, 4]).forEach {
      found.append([$0, $1, $2])
    }
    #expect(found == [[0, 4, 8], [8, 16, 8]])
    found = []
    PieceRuns(piece: [], at: [], of: []).forEach { found.append([$0, $1, $2]) }
    #expect(found == [[0, 0, 1]])
  }
}
