import Catalogs
import Foundation
import Support
import Testing

@testable import WeightFiles

/// Folders that are one model, and those of which that is not clear.
@Suite struct ModelFolderTests {
  /// A safetensors file of one tensor with one element.
  static func model(_ name: String, _ value: UInt8) -> [UInt8] {
    let header = "{\(MalformedFormatTests.row(name, "U8", "[]", "[0,1]"))}"
    return MalformedFormatTests.tensors(header) + [value]
  }

  struct Case: Sendable {
    var name: String
    var files: [String: [UInt8]]
    /// The value of the tensor `w`; nil where the folder is refused.
    var value: UInt8?
    var words = ""
  }

  static let text = Array("{}".utf8)

  static let cases: [Case] = [
    Case(name: "one", files: ["a.safetensors": model("w", 1), "config.json": text], value: 1),
    Case(
      name: "preferred", files: ["model.safetensors": model("w", 2), "other.h5": [0]], value: 2),
    Case(
      name: "cache",
      files: [
        "refs/main": Array("abc\n".utf8), "snapshots/abc/model.safetensors": model("w", 3),
        "snapshots/old/model.safetensors": model("w", 9),
      ], value: 3),
    Case(
      name: "one snapshot", files: ["snapshots/abc/model.safetensors": model("w", 4)], value: 4),
    Case(
      name: "trial",
      files: [
        "params.json": text, "result.json": text,
        "checkpoint_000009/checkpoints": model("w", 9),
        "checkpoint_000010/checkpoints": model("w", 5), "checkpoint_x/checkpoints": [0],
      ], value: 5),
    Case(
      name: "parts without an index",
      files: [
        "m-00001-of-00002.safetensors": model("v", 9),
        "m-00002-of-00002.safetensors": model("w", 6),
      ], value: 6),
    Case(
      name: "a part is missing",
      files: [
        "m-00001-of-00003.safetensors": model("v", 9),
        "m-00002-of-00003.safetensors": model("w", 6),
      ], words: "2 of the 3 parts"),
    Case(name: "empty", files: ["notes.txt": text], words: "without a weight file"),
    Case(
      name: "a run",
      files: [
        "checkpoint-1000/model.safetensors": model("w", 1), "logs/a.txt": text,
        "checkpoint-500/model.safetensors": model("w", 1),
      ], words: "name one of the folders in it: checkpoint-500, checkpoint-1000"),
    Case(
      name: "two", files: ["a.safetensors": model("w", 1), "b.safetensors": model("w", 2)],
      words: "2 weight files: a.safetensors, b.safetensors"),
    Case(
      name: "snapshots",
      files: [
        "snapshots/a/model.safetensors": model("w", 3),
        "snapshots/b/model.safetensors": model("w", 9),
      ], words: "these snapshots: a, b"),
    Case(
      name: "dangling",
      files: [
        "refs/main": Array("gone".utf8), "snapshots/a/model.safetensors": model("w", 3),
      ], words: "names the snapshot gone"),
  ]

  static func make(_ files: [String: [UInt8]], in folder: String) throws {
    for (name, bytes) in files {
      let path = folder + name
      try FileManager.default.createDirectory(
        atPath: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]),
        withIntermediateDirectories: true)
      try Fixtures.write(bytes, to: path)
    }
  }

  @Test(
    "a # in the name of a file, or of its folder, parts nothing",
    arguments: ["# one/a.safetensors", "#a.safetensors", "a#/b#c.safetensors"])
  func signsInNames(path: String) async throws {
    try await Fixtures.withFolder { folder in
      try Self.make([path: Self.model("w", 5)], in: folder)
      let file = try await WeightFile.open(folder + path)
      #expect(try file.readBytes(file.entry(named: "w")) == [5])
    }
  }

  @Test(arguments: cases.indices) func isOneModelOrSaysWhyNot(index: Int) async throws {
    let test = Self.cases[index]
    try await Fixtures.withFolder { folder in
      try Self.make(test.files, in: folder)
      guard let value = test.value else {
        let error = await #expect(throws: Diagnostic.self) { try await WeightFile.open(folder) }
        let line = error?.description ?? ""
        #expect(error?.code == .noInput && line.contains(test.words), "\(test.name): \(line)")
        return
      }
      let file = try await WeightFile.open(folder)
      #expect(try file.readBytes(file.entry(named: "w")) == [value], "\(test.name)")
      #expect(file.catalog.file == folder)
      #expect(test.files["params.json"] == file.catalog.documents["params.json"])
      let again = try WeightFile.reopen(file.catalog)
      #expect(try again.readBytes(again.entry(named: "w")) == [value], "\(test.name)")
    }
  }

  @Test(arguments: [
    (#"{"weight_map":{"w":"../a.safetensors"}}"#, "leads out of"),
    (#"{"weight_map":{"w":"gone.safetensors"}}"#, "no such file"),
    (#"{"weight_map":{"x":"a.safetensors"}}"#, "which does not have it"),
    (#"{"weight_map":{"w":3}}"#, "not a text"), (#"{"weight_map":{}}"#, "names no file"),
    (#"{"layers":[]}"#, "no weight_map"), (#"{"weight_map":{"w":"i.index.json"}}"#, "an index"),
    (#"{"weight_map":{"w":"a.safetensors","w":"a.safetensors"}}"#, "twice"),
  ])
  func aBadIndexIsRefused(index: String, words: String) async throws {
    try await Fixtures.withFolder { folder in
      try Self.make(
        ["a.safetensors": Self.model("w", 1), "i.index.json": Array(index.utf8)], in: folder)
      let error = await #expect(throws: Diagnostic.self) {
        try await WeightFile.open(folder + "i.index.json")
      }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
  }
}
