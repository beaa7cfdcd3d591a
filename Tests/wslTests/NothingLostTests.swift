import Foundation
import TestSupport
import Testing
import WeightFiles
import WorkbenchCore

/// Outputs that cannot be written leave what was there, and say so in one line.
@Suite("Nothing is lost on the command line", .serialized)
struct NothingLostTests {
  private func model(_ folder: Scratch, _ name: String, seed: Int) throws -> String {
    let path = folder.path(name)
    var contents = ModelContents()
    for (layer, shape) in [[24, 16], [24], [24, 24], [24], [4, 24], [4]].enumerated() {
      let count = shape.reduce(1, *)
      contents.add(
        "\(layer / 2 * 2).\(layer % 2 == 0 ? "weight" : "bias")", shape: shape, as: .float32
      ) {
        (0..<count).flatMap { index in
          let value = Float((index + 1) * (seed + 3) * 7919 % 2003) / 1001 - 1
          return (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
      }
    }
    try contents.write(to: path)
    return path
  }

  // The whole table, with full disks and folders that are read-only: Tests/Reliability/full_disk.py.
  @Test("a file that may not grow is 74 and one line, wherever libhdf5 meets the limit")
  func fullDisk() throws {
    let folder = try Scratch()
    let path = try model(folder, "m.safetensors", seed: 1)
    let whole = folder.path("whole.h5")
    #expect(try Tool.run("convert", path, "-o", whole).code == 0)
    let size = try #require(FileManager.default.contents(atPath: whole)).count
    for limit in [1, 2, 3, 4, size / 2048, size / 1024] {
      for options in [[], ["--compression", "zstd:1"], ["--compression", "gzip:4"]] {
        let before = folder.contents
        let (outcome, _) = try Tool.measured(
          limits: ["-f \(limit)"], ["convert", path, "-o", folder.path("o.h5")] + options)
        let lines = outcome.errors.split(separator: "\n")
        guard outcome.code != 0 else {
          #expect(limit > 4 && !options.isEmpty, "\(limit) KiB \(options)")
          try FileManager.default.removeItem(atPath: folder.path("o.h5"))
          continue
        }
        #expect(outcome.code == 74, "\(limit) KiB \(options): \(outcome.code)")
        #expect(lines.count == 1 && outcome.errors.contains("File too large"), "\(outcome.errors)")
        #expect(folder.contents == before)
      }
    }
  }

  @Test("zoo index --force: a slip of the fingers costs nothing, and 66 leaves no file")
  func indexForce() throws {
    let folder = try Scratch()
    try FileManager.default.createDirectory(
      atPath: folder.path("zoo"), withIntermediateDirectories: true)
    for seed in 0..<3 { _ = try model(folder, "zoo/m\(seed).safetensors", seed: seed) }
    let index = folder.path("z.sqlite")
    #expect(try Tool.run("zoo", "index", folder.path("zoo"), "-o", index).code == 0)
    #expect(try Tool.run("zoo", "scan", index, "--metrics", "norms").code == 0)
    let before = try Tool.run("zoo", "list", index, "--of", "norms", "--csv").output
    for words in [
      ["zou"], ["zoo", "--spec", "none.yaml"], ["zoo", "--labels", "none.csv"],
      ["zoo", "--epochs", "some"],
    ] {
      let slip = try Tool.run(
        ["zoo", "index", "-o", index, "--force"] + words, in: folder.url)
      #expect([64, 66].contains(slip.code), "\(words): \(slip.errors)")
      #expect(try Tool.run("zoo", "list", index, "--of", "norms", "--csv").output == before)
      let fresh = try Tool.run(
        ["zoo", "index", "-o", folder.path("new.sqlite")] + words, in: folder.url)
      #expect([64, 66].contains(fresh.code))
    }
    #expect(folder.contents == ["z.sqlite", "zoo"])
    let anew = try Tool.run("zoo", "index", folder.path("zoo"), "-o", index, "--force")
    #expect(anew.code == 0 && folder.contents == ["z.sqlite", "zoo"], "\(anew.errors)")
    #expect(try Tool.run("zoo", "list", index, "--csv").output.contains("m2"))
  }

  @Test("a name tells a format that is not written, and a page of no results is not made")
  func words() throws {
    let folder = try Scratch()
    let path = try model(folder, "m.safetensors", seed: 1)
    for (ending, words) in [
      ("pt", "files of PyTorch are read, and only written as copies"),
      ("onnx", "files of ONNX"), ("gguf", "files of GGUF"), ("xyz", "does not tell the format"),
    ] {
      let outcome = try Tool.run("convert", path, "-o", folder.path("x.\(ending)"))
      #expect(outcome.code == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    }
    let results = folder.path("perm.json")
    try #"{"format":"wsl-permutation","version":1,"objective":{"before":1,"after":2},"groups":[]}"#
      .write(toFile: results, atomically: true, encoding: .utf8)
    let report = try Tool.run("report", results, "-o", folder.path("perm.html"))
    #expect(report.code == 65 && report.errors.contains("permutation"), "\(report.errors)")
    #expect(folder.contents == ["m.safetensors", "perm.json"])
  }
}
