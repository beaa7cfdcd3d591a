import Catalogs
import Foundation
import Support
import Tensors
import Testing

@testable import WeightFiles

/// Copies of models that are folders.
///
/// Tried by hand as well: `merge` of two folders of a sharded Llama (shards, index, tokenizer and
/// `1_Pooling` there, values the means), of one file (`model.safetensors` only, a stale `pytorch_model.bin`
/// named), into a folder that is there (refused; with force replaced; not where a `.zip` lies in it), into
/// an input (refused), `match -o` of folders, two `.bin` shards that PyTorch wrote and then loaded (types and
/// means right), Keras's shards (`.weights.json`), a hub cache whose files are links (files in the copy), an
/// index of shards in place of its folder, a full disk and `ulimit -f` (74, one line, nothing left), 300 merges
/// over a folder that is there, ended at random by KILL, TERM and INT (144 times the old folder, 156 the new one).
@Suite("Copies of folders") struct FolderCopyTests {
  /// A folder of its own.
  final class Folder {
    let url: URL
    init() throws {
      url = FileManager.default.temporaryDirectory.appendingPathComponent(
        "wsl-folder-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func write(_ bytes: [UInt8], to name: String) throws {
      let file = url.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }

    /// The files below a folder.
    func names(_ name: String) -> [String] {
      let all = FileManager.default.enumerator(atPath: path(name))?.allObjects as? [String] ?? []
      return all.filter { !ModelFolder.isFolder(path(name) + "/" + $0) }.sorted()
    }

    /// Writes the parts of a model, each with tensors of one Float32.
    func shards(of name: String, _ parts: [[String: Float]], index: Bool) throws {
      var map: [String] = []
      for (number, tensors) in parts.enumerated() {
        let file = String(format: "model-%05d-of-%05d.safetensors", number + 1, parts.count)
        map += tensors.keys.map { #""\#($0)":"\#(file)""# }
        try write(FolderCopyTests.model(tensors), to: "\(name)/\(file)")
      }
      guard index else { return }
      let text = #"{"weight_map":{\#(map.sorted().joined(separator: ","))}}"#
      try write(Array(text.utf8), to: name + "/model.safetensors.index.json")
    }
  }

  /// A safetensors file of tensors of one Float32.
  static func model(_ tensors: [String: Float]) -> [UInt8] {
    let sorted = tensors.sorted { $0.key < $1.key }
    let rows = sorted.enumerated().map { number, tensor in
      MalformedFormatTests.row(tensor.key, "F32", "[1]", "[\(4 * number),\(4 * number + 4)]")
    }
    let data = sorted.flatMap { tensor in
      withUnsafeBytes(of: tensor.value.bitPattern.littleEndian) { Array($0) }
    }
    return MalformedFormatTests.tensors("{\(rows.joined(separator: ","))}") + data
  }

  private static func replacement(_ value: Float) -> TensorReplacement {
    let bytes = withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    return TensorReplacement(heldByteCount: 0) { _ in ComputedElements(bytes: bytes) }
  }

  @Test("shards, index, configuration and tokenizer; training's leftovers and other weights not")
  func sharded() async throws {
    let folder = try Folder()
    try folder.shards(of: "a", [["x": 1, "y": 2], ["z": 3]], index: true)
    let documents = [
      "config.json", "tokenizer.json", "tokenizer.model", "LICENSE", "1_Pooling/config.json",
    ]
    for name in documents { try folder.write(Array(name.utf8), to: "a/" + name) }
    for name in [
      "README.md", "trainer_state.json", "training_args.bin", ".git/config.json", "tf_model.h5",
      "2_Dense/model.safetensors", "2_Dense/config.json",
    ] {
      try folder.write([1], to: "a/" + name)
    }
    let file = try await WeightFile.open(folder.path("a"))
    let notes = try await file.writeCopy(
      to: folder.path("out/"), computing: ["x": Self.replacement(7), "z": Self.replacement(9)])
    #expect(notes.count == 1 && notes[0].contains("2_Dense, tf_model.h5"))
    let weights = [
      "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
      "model.safetensors.index.json",
    ]
    #expect(folder.names("out") == (documents + weights).sorted())
    let copy = try await WeightFile.open(folder.path("out"))
    for (name, value) in [("x", 7), ("y", 2), ("z", 9)] {
      let entry = try #require(copy.catalog.tensor(named: name))
      #expect(try copy.read(entry).values == [Float(value)])
    }
    #expect(copy.catalog.documents["config.json"] == Array("config.json".utf8))
    // Nothing is left beside it.
    #expect(
      Set(try FileManager.default.contentsOfDirectory(atPath: folder.path(""))) == ["a", "out"])
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var files: [String: [UInt8]]
    var part: String
    var testDescription: String { name }
  }

  static let models: [Case] = [
    Case(
      name: "one file", files: ["model.safetensors": model(["x": 1]), "config.json": [123, 125]],
      part: "model.safetensors"),
    Case(
      name: "a cache",
      files: [
        "refs/main": Array("abc".utf8), "snapshots/abc/model.safetensors": model(["x": 1]),
        "snapshots/abc/config.json": [123, 125],
      ], part: "model.safetensors"),
    Case(
      name: "a trial, whose file has no ending",
      files: [
        "params.json": [123, 125], "checkpoint_000003/checkpoints": model(["x": 1]),
        "checkpoint_000003/config.json": [123, 125],
      ], part: "checkpoints"),
  ]

  @Test("other folders that are one model", arguments: models)
  func others(_ test: Case) async throws {
    let folder = try Folder()
    for (name, bytes) in test.files { try folder.write(bytes, to: "a/" + name) }
    let file = try await WeightFile.open(folder.path("a"))
    try await file.writeCopy(to: folder.path("out"), computing: ["x": Self.replacement(5)])
    #expect(folder.names("out") == [test.part, "config.json"].sorted())
    let copy = try await WeightFile.open(folder.path("out/" + test.part))
    #expect(try copy.read(copy.catalog.tensors[0]).values == [5])
  }

  @Test("a name with an ending is a file")
  func file() async throws {
    let folder = try Folder()
    try folder.write(Self.model(["x": 1]), to: "a/model.safetensors")
    let file = try await WeightFile.open(folder.path("a"))
    try await file.writeCopy(
      to: folder.path("out.safetensors"), computing: ["x": Self.replacement(5)])
    #expect(!ModelFolder.isFolder(folder.path("out.safetensors")))
    // And the copy of a file is one, whatever its name.
    let single = try await WeightFile.open(folder.path("a/model.safetensors"))
    try await single.writeCopy(to: folder.path("plain"), computing: [:])
    #expect(!ModelFolder.isFolder(folder.path("plain")))
  }

  @Test("what is there is refused, or replaced where it is a model and that was asked for")
  func existing() async throws {
    let folder = try Folder()
    try folder.write(Self.model(["x": 1]), to: "a/model.safetensors")
    let file = try await WeightFile.open(folder.path("a"))
    func write(_ name: String, overwrites: Bool) async throws {
      try await file.writeCopy(
        to: folder.path(name), computing: ["x": Self.replacement(5)],
        WritingOptions(overwrites: overwrites))
    }
    func refusal(_ name: String, overwrites: Bool) async -> String {
      do {
        try await write(name, overwrites: overwrites)
        return ""
      } catch { return "\(error)" }
    }
    try FileManager.default.createDirectory(
      atPath: folder.path("empty"), withIntermediateDirectories: true)
    try await write("empty", overwrites: false)
    #expect(folder.names("empty") == ["model.safetensors"])
    #expect(await refusal("empty", overwrites: false).contains("there already"))
    // A shard of an older model does not stay behind.
    try folder.write([0], to: "empty/model-00001-of-00002.safetensors")
    try await write("empty", overwrites: true)
    #expect(folder.names("empty") == ["model.safetensors"])
    try folder.write([0], to: "empty/thesis.tex")
    #expect(await refusal("empty", overwrites: true).contains("more than a model"))
    #expect(folder.names("empty") == ["model.safetensors", "thesis.tex"])
    #expect(await refusal("a", overwrites: true).contains("also an input"))
    #expect(await refusal("nowhere/out", overwrites: true).contains("folder"))
    try folder.write([0], to: "taken")
    #expect(await refusal("taken", overwrites: true).contains("this is a file"))
  }

  @Test("a failure leaves nothing")
  func failure() async throws {
    let folder = try Folder()
    try folder.shards(of: "a", [["x": 1], ["y": 2]], index: true)
    let file = try await WeightFile.open(folder.path("a"))
    await #expect(throws: Diagnostic.self) {
      try await file.writeCopy(
        to: folder.path("out"),
        computing: [
          "x": Self.replacement(1),
          "y": TensorReplacement(heldByteCount: 0) { _ in throw Diagnostic(.badData, "no") },
        ])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("")) == ["a"])
  }

  @Test(
    "what a killed process left goes with the next write; what another one writes is left alone")
  func leftovers() async throws {
    let folder = try Folder()
    try folder.write(Self.model(["x": 1]), to: "a/model.safetensors")
    let file = try await WeightFile.open(folder.path("a"))
    for place in [".out.wsl-new", ".out.wsl-new2"] {
      try folder.write([1], to: place + "/model-00001-of-00002.safetensors")
    }
    try await file.writeCopy(to: folder.path("out"), computing: ["x": Self.replacement(5)])
    #expect(folder.names("out") == ["model.safetensors"])
    let all = { Set(try FileManager.default.contentsOfDirectory(atPath: folder.path(""))) }
    #expect(try all() == ["a", "out"])
    let other = try FolderTarget(folder.path("taken"), names: ["w"])
    try Data([1]).write(to: URL(fileURLWithPath: other.file("w")))
    await #expect(throws: Diagnostic.self) {
      try await file.writeCopy(to: folder.path("taken"), computing: ["x": Self.replacement(5)])
    }
    try other.commit()
    #expect(folder.names("taken") == ["w"])
    // A handler of a signal has begun to take files away: what is left is never given the name.
    let stopped = try FolderTarget(folder.path("stopped"), names: ["v", "w"])
    try Data([1]).write(to: URL(fileURLWithPath: stopped.file("w")))
    #expect(throws: Diagnostic.self) { try stopped.commit() }
    #expect(try all() == ["a", "out", "taken"])
  }
}
