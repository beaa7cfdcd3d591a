import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `wsl zoo pack`, `unpack`, and everything that reads models inside an archive.
@Suite("Packed zoos on the command line", .serialized)
struct ZooPackTests {
  /// A folder of a root, its fine-tunes, and a file that is no model.
  private func zoo(_ folder: Scratch) throws {
    let spec = """
      name: t
      data: {source: digits, fraction: 0.1}
      model: {kind: mlp, width: 16}
      training: {epochs: 1}
      seeds: [0, 1]
      """
    try spec.write(toFile: folder.path("t.yaml"), atomically: true, encoding: .utf8)
    let built = try Tool.run("zoo", "build", folder.path("t.yaml"), "-o", folder.path("zoo/deep"))
    #expect(built.code == 0, "\(built.errors)")
    try "notes".write(toFile: folder.path("zoo/notes.txt"), atomically: true, encoding: .utf8)
  }

  @Test("a zoo comes back byte for byte; nothing is overwritten without --force")
  func roundTrip() throws {
    let folder = try Scratch()
    try zoo(folder)
    let (packed, back) = (folder.path("p.h5"), folder.path("back"))
    let first = try Tool.run("zoo", "pack", folder.path("zoo"), "-o", packed, "--json")
    #expect(first.code == 0, "\(first.errors)")
    let models = try #require(try first.json()["models"]?.array)
    #expect(
      models.compactMap { $0["name"]?.string }.sorted() == ["deep/t-seed0.h5", "deep/t-seed1.h5"])
    let again = try Tool.run("zoo", "pack", folder.path("zoo"), "-o", packed)
    #expect(again.code == 74 && again.errors.contains("--force"))
    #expect(try Tool.run("zoo", "pack", folder.path("zoo"), "-o", packed, "--force").code == 0)
    #expect(try Tool.run("zoo", "unpack", packed, "-o", back).code == 0)
    for name in ["deep/t-seed0.h5", "deep/t-seed1.h5"] {
      #expect(
        FileManager.default.contents(atPath: back + "/" + name)
          == FileManager.default.contents(atPath: folder.path("zoo/" + name)))
    }
    #expect(try Tool.run("zoo", "unpack", packed, "-o", back).code == 74)
    #expect(try Tool.run("zoo", "unpack", packed, "-o", back, "--force").code == 0)
    let one = try Tool.run(
      "zoo", "unpack", packed, "-o", folder.path("one"), "--model", "deep/t-seed1.h5")
    #expect(one.code == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path("one/deep")) == ["t-seed1.h5"]
    )
  }

  @Test("damage and other files are refused, with the right codes")
  func refusals() throws {
    let folder = try Scratch()
    try zoo(folder)
    let packed = folder.path("p.h5")
    #expect(try Tool.run("zoo", "pack", folder.path("zoo"), "-o", packed).code == 0)
    var bytes = try #require(FileManager.default.contents(atPath: packed))
    for place in (bytes.count / 2)..<(bytes.count / 2 + 64) { bytes[place] ^= 0xFF }
    try bytes.write(to: URL(fileURLWithPath: folder.path("broken.h5")))
    try bytes.prefix(bytes.count / 3).write(to: URL(fileURLWithPath: folder.path("cut.h5")))
    for (words, code) in [
      (["unpack", folder.path("broken.h5"), "-o", folder.path("x")], 65 as Int32),
      (["unpack", folder.path("cut.h5"), "-o", folder.path("x")], 65),
      (["unpack", folder.path("zoo/deep/t-seed0.h5"), "-o", folder.path("x")], 65),
      (["unpack", folder.path("none.h5"), "-o", folder.path("x")], 66),
      (["unpack", packed, "-o", folder.path("x"), "--model", "none"], 64),
      (["pack", folder.path("none"), "-o", folder.path("y.h5")], 66),
      (["pack", folder.path("zoo/notes.txt"), "-o", folder.path("y.h5")], 65),
      (["pack", folder.path("zoo"), "-o", folder.path("no/y.h5")], 74),
    ] {
      let outcome = try Tool.run(["zoo"] + words)
      #expect(outcome.code == code, "\(words): \(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
    #expect(!folder.contents.contains("y.h5"))
  }

  @Test("models in an archive are inspected, matched, indexed and reported as files are")
  func members() throws {
    let folder = try Scratch()
    try zoo(folder)
    let packed = folder.path("p.h5")
    #expect(try Tool.run("zoo", "pack", folder.path("zoo"), "-o", packed).code == 0)
    let (a, b) = (packed + "#deep/t-seed0.h5", packed + "#deep/t-seed1.h5")
    let inside = try Tool.run("inspect", a, "--json").json()
    let outside = try Tool.run("inspect", folder.path("zoo/deep/t-seed0.h5"), "--json").json()
    #expect(inside["parameters"] == outside["parameters"])
    #expect(inside["tensors"] == outside["tensors"])
    let matched = try Tool.run("match", a, b, "-o", folder.path("matched.h5"))
    #expect(matched.code == 0, "\(matched.errors)")
    let direct = try Tool.run(
      "match", folder.path("zoo/deep/t-seed0.h5"), folder.path("zoo/deep/t-seed1.h5"), "-o",
      folder.path("direct.h5"))
    #expect(direct.code == 0)
    #expect(
      FileManager.default.contents(atPath: folder.path("matched.h5"))
        == FileManager.default.contents(atPath: folder.path("direct.h5")))
    let index = folder.path("z.sqlite")
    let indexed = try Tool.run("zoo", "index", packed, "-o", index, "--json")
    #expect(indexed.code == 0, "\(indexed.errors)")
    #expect(try indexed.json()["models"]?.integer == 2)
    #expect(try Tool.run("zoo", "scan", index, "--metrics", "statistics,norms,spectrum").code == 0)
    #expect(try Tool.run("zoo", "show", index, a).output.contains("spectrum:"))
    #expect(try Tool.run("zoo", "verify", index).code == 0)
    let page = folder.path("page.html")
    let report = try Tool.run("report", index, "-o", page)
    #expect(report.code == 0, "\(report.errors)")
    let text = try String(contentsOfFile: page, encoding: .utf8)
    for words in ["<svg", "test_accuracy", "spectrum, layer by layer", "</html>"] {
      #expect(text.contains(words), "\(words)")
    }
    #expect(!text.contains("<script") && !text.contains("src=") && !text.contains("href="))
    #expect(try Tool.run("report", index, "-o", page).code == 74)
    #expect(
      try Tool.run("report", folder.path("none.sqlite"), "-o", folder.path("q.md")).code == 66)
    #expect(try Tool.run("report", index, "-o", folder.path("q")).code == 64)
  }
}
