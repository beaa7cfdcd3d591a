import Foundation
import TestSupport
import Testing
import Support

/// Mistakes in the arguments, and files of another kind than a command reads: one line each, that names
/// what is missing.
@Suite("Errors are one line") struct OneLineErrorTests {
  static let mistakes: [(String, String)] = [
    ("match A", "'<others> ...'"), ("match", "'<a>'"), ("diff", "'<a>'"), ("diff A", "'<b>'"),
    ("merge A B", "'--output <output>'"), ("inspect", "'<files> ...'"),
    ("convert A", "'--output <output>'"), ("spectrum", "'<files> ...'"),
    ("evaluate A", "'--data <data>'"), ("connect A B", "'--data <data>'"), ("patch", "'<model>'"),
    ("permute A", "'--with <with>'"), ("signature extract", "'--pretrained <pretrained>'"),
    ("probe train", "'<index>'"), ("zoo build", "'<spec>'"), ("zoo index", "'<"),
    ("match A B --bogus", "Did you mean"), ("match A B --weights", "--weights"),
    ("merge A B -o C --method bogus", "mean, task-arithmetic, ties"),
    ("inspect A --max-memory", "--max-memory"), ("match A B --limit x", "'x'"),
  ]

  @Test(
    "a command with arguments missing or wrong says which, and where to read on",
    arguments: mistakes)
  func mistake(_ words: String, _ part: String) throws {
    let outcome = try Tool.run(words.split(separator: " ").map(String.init))
    #expect(outcome.code == 64 && outcome.output.isEmpty)
    #expect(
      outcome.errors.hasPrefix("error: ") && outcome.errors.contains(part), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    let command = words.split(separator: " ").prefix { $0.first?.isLowercase == true }
    #expect(
      outcome.errors.contains("wsl \(command.joined(separator: " ")) --help"), "\(outcome.errors)")
  }

  @Test("help and the version are results")
  func help() throws {
    for words in [["--help"], ["match", "--help"], ["--version"], ["zoo"], ["help", "patch"]] {
      let outcome = try Tool.run(words)
      #expect(outcome.code == 0 && outcome.errors.isEmpty && !outcome.output.isEmpty, "\(words)")
    }
  }

  @Test(
    "what is no signature and no probe is called that",
    arguments: [
      (
        ["patch", "m.safetensors", "--rws", "F", "--dry-run"], "signature file",
        "wsl signature extract"
      ),
      (["signature", "info", "F"], "signature file", "wsl signature extract"),
      (["probe", "predict", "F", "m.safetensors"], "probe", "wsl probe train"),
    ])
  func otherKinds(_ words: [String], _ kind: String, _ remedy: String) throws {
    let scratch = try Scratch()
    var maker = SafetensorsMaker()
    maker.add("w", [2, 2], [1, 2, 3, 4])
    try maker.file.write(to: scratch.url.appendingPathComponent("m.safetensors"))
    try Data("not one\n".utf8).write(to: scratch.url.appendingPathComponent("text.txt"))
    try FileManager.default.createDirectory(
      at: scratch.url.appendingPathComponent("folder"), withIntermediateDirectories: true)
    for (file, code) in [("text.txt", 65), ("m.safetensors", 65), ("folder", 66)] {
      let outcome = try Tool.run(words.map { $0 == "F" ? file : $0 }, in: scratch.url)
      #expect(outcome.code == Int32(code), "\(file): \(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
      #expect(
        outcome.errors.contains(kind) && outcome.errors.contains(remedy)
          && !outcome.errors.contains("weight file"), "\(outcome.errors)")
    }
  }

  @Test("doctor lists every library that is linked")
  func doctor() throws {
    let libraries = try Tool.run("doctor", "--json").json()["libraries"]
    for name in [
      "Blosc", "HDF5", "LAPACK", "LZ4", "libdeflate", "libpng", "libturbojpeg", "OpenBLAS",
      "oneDNN",
      "SQLite", "OpenSSL", "zlib", "xxHash", "zstd",
    ] {
      let version = try #require(libraries?[name]?.string, "\(name)")
      #expect(version.contains { $0.isNumber }, "\(name) \(version)")
    }
  }
}
