import Foundation
import Support
import TestSupport
import Testing

/// `wsl merge` and `wsl match` of folders.
///
/// Tried by hand as well: see `FolderCopyTests`.
@Suite("Folders on the command line") struct FolderMergeTests {
  private static let models = Tool.packageRoot.appendingPathComponent(
    "Tests/wslTests/Fixtures/formats")

  private let scratch: Scratch
  private func path(_ name: String) -> String { scratch.path(name) }

  /// Two folders of shards, with documents beside them.
  init() throws {
    scratch = try Scratch()
    for name in ["a", "b"] {
      try FileManager.default.copyItem(
        at: Self.models.appendingPathComponent(name + "-shards"),
        to: scratch.url.appendingPathComponent(name))
      for document in ["config.json", "tokenizer.json", "trainer_state.json"] {
        try #"{"of": "\#(name)"}"#.write(
          toFile: path(name + "/" + document), atomically: true, encoding: .utf8)
      }
    }
  }

  private func run(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.run(arguments, in: scratch.url)
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }

  private static let files = [
    "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
    "model.safetensors.index.json", "tokenizer.json",
  ]

  @Test("folders merge to a folder that is a model, and files to a file")
  func merge() throws {
    let outcome = try run("merge", "a", "b", "-o", "out", "--json")
    #expect(try outcome.code == 0 && outcome.json()["output"]?.string == "out")
    #expect(try names("out") == Self.files)
    #expect(try String(contentsOfFile: path("out/config.json"), encoding: .utf8).contains(#""a""#))
    #expect(try run("merge", "a", "b", "-o", "one.safetensors").code == 0)
    // The same numbers, whichever way they are written.
    #expect(try run("diff", "out", "one.safetensors", "--fail-above", "0").code == 0)
    #expect(try run("diff", "out", "a", "--fail-above", "0").code == 2)
  }

  @Test("with lining up, too")
  func matched() throws {
    #expect(try run("merge", "a", "b", "--match", "-o", "mean/").code == 0)
    #expect(try names("mean") == Self.files)
    #expect(try run("match", "a", "b", "-o", "lined").code == 0)
    #expect(try names("lined") == Self.files)
    let accuracy = try ["b", "lined"].map { name in
      try run("evaluate", name, "--data", "digits", "--json", "--quiet").json()["models"]?[0]?[
        "cleanAccuracy"]?.number
    }
    #expect(accuracy[0] != nil && accuracy[0] == accuracy[1])
  }

  @Test("what is there is only replaced where that was asked for, and is a model")
  func existing() throws {
    #expect(try run("merge", "a", "b", "-o", "out").code == 0)
    let again = try run("merge", "a", "b", "-o", "out")
    #expect(again.code == 74 && again.errors.contains("--force"))
    #expect(try run("merge", "a", "b", "-o", "out", "--weights", "0.9,0.1", "--force").code == 0)
    #expect(try run("diff", "out", "a", "--fail-above", "0").code == 2)
    #expect(try run("merge", "a", "b", "-o", "b", "--force").code == 64)
    try "x".write(toFile: path("out/thesis.tex"), atomically: true, encoding: .utf8)
    let refused = try run("merge", "a", "b", "-o", "out", "--force")
    #expect(refused.code == 74 && refused.errors.contains("more than a model"))
    #expect(scratch.contents == ["a", "b", "out"])
  }

  // Tried by hand beside it: a folder of one file, of one and of two in PyTorch's format, with the record taken
  // away; `match` of three folders; `permute` into its own input (64) and beside a foreign file (74).
  @Test("lining up and permuting replace a model's folder whole, and no other")
  func replaced() throws {
    for words in [
      ["match", "a", "b", "-o", "out", "--save-permutation", "p.json"],
      ["permute", "b", "--with", "p.json", "-o", "out2"],
    ] {
      #expect(try Tool.run(words, in: scratch.url).code == 0)
      let output = words[3] == "-o" ? words[4] : words[5]
      try "old".write(toFile: path(output + "/config.json"), atomically: true, encoding: .utf8)
      let again = try Tool.run(words, in: scratch.url)
      #expect(again.code == 74 && again.errors.contains("--force"), "\(again.errors)")
      #expect(try Tool.run(words + ["--force"], in: scratch.url).code == 0)
      #expect(try names(output) == Self.files)
      #expect(
        try String(contentsOfFile: path(output + "/config.json"), encoding: .utf8).contains("b"))
      try "x".write(toFile: path(output + "/thesis.tex"), atomically: true, encoding: .utf8)
      #expect(try Tool.run(words + ["--force"], in: scratch.url).code == 74)
    }
    #expect(try run("diff", "out", "out2", "--fail-above", "0").code == 0)
    #expect(scratch.contents == ["a", "b", "out", "out2", "p.json"])
  }

  @Test(
    "the copy of a folder that is patched is a folder; the record is in it, and takes the patch off"
  )
  func patched() throws {
    for (name, other) in [("r", "b"), ("s", "a")] {
      let weights = name == "r" ? "0.99,0.01" : "0.995,0.005"
      #expect(try run("merge", "a", "b", "-o", name, "--weights", weights).code == 0, "\(other)")
    }
    let extracted = try run(
      "signature", "extract", "--pretrained", "a", "--standard", "s", "--robust", "r", "-o",
      "r.rws.h5", "--no-projection")
    #expect(extracted.code == 0, "\(extracted.errors)")
    let patch = try run("patch", "s", "--rws", "r.rws.h5", "-o", "out")
    #expect(try patch.code == 0 && names("out") == Self.files, "\(patch.errors)")
    #expect(try run("diff", "out", "s", "--fail-above", "0").code == 2)
    #expect(try run("patch", "out", "--scale", "r=0.5", "--in-place").code == 0)
    let list = try run("patch", "out", "--list", "--json").json()
    #expect(list["stack"]?[0]?["alpha"]?.number == 0.5)
    #expect(try run("patch", "out", "--remove", "r", "--in-place").code == 0)
    for file in Self.files {
      #expect(
        FileManager.default.contentsEqual(atPath: path("out/" + file), andPath: path("s/" + file)),
        "\(file)")
    }
    // What is no part of a model is never taken away.
    try "x".write(toFile: path("out/thesis.tex"), atomically: true, encoding: .utf8)
    #expect(try run("patch", "out", "--rws", "r.rws.h5", "--in-place").code == 74)
  }

  @Test("layers of shards are listed in their order")
  func order() throws {
    var maker = [SafetensorsMaker(), SafetensorsMaker()]
    for layer in [0, 1, 10, 2] {
      maker[0].add("h.\(layer).a", [1], [1])
      maker[1].add("h.\(layer).b", [1], [1])
    }
    try FileManager.default.createDirectory(atPath: path("m"), withIntermediateDirectories: true)
    for (index, maker) in maker.enumerated() {
      try maker.file.write(
        to: scratch.url.appendingPathComponent("m/w-0000\(index + 1)-of-00002.safetensors"))
    }
    let tensors = try run("inspect", "m", "--tensors", "--json", "--quiet").json()["tensors"]?.array
    #expect(
      tensors?.compactMap { $0["name"]?.string } == [
        "h.0.a", "h.0.b", "h.1.a", "h.1.b", "h.2.a", "h.2.b", "h.10.a", "h.10.b",
      ])
  }
}
