import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `wsl match --save-permutation` and `wsl permute`, on files that Keras wrote.
@Suite("Permutation files on the command line")
struct PermuteCommandTests {
  private static let fixtures = Tool.packageRoot.appendingPathComponent(
    "Tests/ModelGraphTests/Fixtures")

  @Test(
    "permuting and undoing it gives the file back",
    arguments: ["mlp.h5", "mlp.keras", "resnet.h5", "lstm.h5"])
  func roundTrip(_ name: String) throws {
    let scratch = try Scratch()
    let file = Self.fixtures.appendingPathComponent(name).path
    let place = { (part: String) in scratch.path(part + "-" + name) }
    // The network matched to its own permutation: a permutation that moves something comes from a
    // start that was turned around.
    let saved = try Tool.run("match", file, file, "--save-permutation", scratch.path("p.json"))
    #expect(saved.code == 0, "\(saved.errors)")
    let text = try String(contentsOfFile: scratch.path("p.json"), encoding: .utf8)
    let document = try JSONValue(parsing: text.utf8)
    #expect(document["format"]?.string == "wsl-permutation")
    let size = try #require(document["groups"]?[0]?["size"]?.integer)
    let identity = "[" + (0..<size).map(String.init).joined(separator: ",") + "]"
    let reversed = "[" + (0..<size).reversed().map(String.init).joined(separator: ",") + "]"
    #expect(text.contains(identity))
    try text.replacingOccurrences(of: identity, with: reversed)
      .write(toFile: scratch.path("q.json"), atomically: true, encoding: .utf8)
    let permuted = try Tool.run(
      "permute", file, "--with", scratch.path("q.json"), "-o", place("there"), "--json")
    #expect(permuted.code == 0, "\(permuted.errors)")
    let original = try Data(contentsOf: URL(fileURLWithPath: file))
    #expect(try Data(contentsOf: URL(fileURLWithPath: place("there"))) != original)
    let back = try Tool.run(
      "permute", place("there"), "--with", scratch.path("q.json"), "--invert", "-o", place("back"))
    #expect(back.code == 0, "\(back.errors)")
    if name.hasSuffix(".h5") {
      #expect(try Data(contentsOf: URL(fileURLWithPath: place("back"))) == original)
    }
    let matched = try Tool.run("match", file, place("there"), "--json").json()
    #expect(matched["objective"]?["before"]?.number ?? 0 > 0)
    #expect(matched["objective"]?["after"]?.number == 0)
    #expect(matched["tensors"]?.array?.isEmpty == false)
    let started = try Tool.run(
      "match", file, file, "--start", scratch.path("q.json"), "--json"
    ).json()
    #expect(started["objective"]?["after"]?.number == 0)
  }

  @Test("a permutation of another architecture is refused, and nothing is overwritten")
  func refusals() throws {
    let scratch = try Scratch()
    let mlp = Self.fixtures.appendingPathComponent("mlp.h5").path
    let other = Self.fixtures.appendingPathComponent("resnet.h5").path
    let saved = scratch.path("p.json")
    #expect(try Tool.run("match", mlp, mlp, "--save-permutation", saved).code == 0)
    #expect(try Tool.run("match", mlp, mlp, "--save-permutation", saved).code == 74)
    let output = scratch.path("out.h5")
    #expect(try Tool.run("permute", other, "--with", saved, "-o", output).code == 65)
    #expect(try Tool.run("permute", mlp, "--with", mlp, "-o", output).code == 65)
    #expect(try Tool.run("permute", mlp, "--with", scratch.path("no"), "-o", output).code == 66)
    #expect(!FileManager.default.fileExists(atPath: output))
    #expect(try Tool.run("match", mlp, mlp, "--method", "activations").code == 64)
    #expect(try Tool.run("match", mlp, mlp, "--freeze", "nothing").code == 64)
  }

  @Test("several networks are written into a folder", arguments: ["A", "mean"])
  func several(_ reference: String) throws {
    let scratch = try Scratch()
    let file = Self.fixtures.appendingPathComponent("mlp.h5").path
    let copies = ["one.h5", "two.h5"].map(scratch.path)
    for copy in copies { try FileManager.default.copyItem(atPath: file, toPath: copy) }
    let folder = scratch.path("matched")
    let result = try Tool.run(
      ["match", file] + copies + ["--reference", reference, "-o", folder, "--json"]
    ).json()
    #expect(result["models"]?.array?.count == 2)
    #expect(result["models"]?[1]?["objective"]?["after"]?.number == 0)
    for copy in ["one.h5", "two.h5"] {
      #expect(FileManager.default.fileExists(atPath: folder + "/" + copy))
    }
  }
}
