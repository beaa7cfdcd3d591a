import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `wsl merge` and `wsl spectrum --compare` of adapters of low rank.
@Suite("Adapters on the command line")
struct AdapterCommandTests {
  private static let fixtures = Tool.packageRoot.appendingPathComponent(
    "Tests/MergingTests/Fixtures/adapters"
  ).path
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    for name in ["a", "b", "c"] {
      let folder = scratch.path(name)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (from, to) in [
        ("safetensors", "adapter_model.safetensors"), ("json", "adapter_config.json"),
      ] {
        try FileManager.default.copyItem(
          atPath: "\(Self.fixtures)/\(name).\(from)", toPath: "\(folder)/\(to)")
      }
    }
  }

  private func run(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.run(arguments, in: scratch.url)
  }

  @Test("folders in, a folder out, which is an adapter with its own configuration")
  func folders() throws {
    let outcome = try run("merge", "a", "c", "-o", "out", "--json")
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(try outcome.json()["adapters"]?["rank"]?.integer == 6)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")).sorted()
    #expect(names == ["adapter_config.json", "adapter_model.safetensors"])
    // Half of a, and half of c: as far from one as from the other.
    let l2 = try outcome.json()["sources"]?.array?.compactMap { $0["l2"]?[0]?.number } ?? []
    #expect(l2.count == 2 && abs(l2[0] - l2[1]) < 1e-6 * l2[0])
    #expect(try run("merge", "a", "c", "-o", "out").code == 74)
    let cut = try run("merge", "a", "c", "-o", "out", "--rank", "3", "--force")
    #expect(cut.code == 0 && cut.output.contains("31.6113 % of the sum's size is lost"))
  }

  @Test("one file out: the scale is said, and kept in it; also under a name of one letter")
  func file() throws {
    let outcome = try run("merge", "a", "b", "-o", "ab.safetensors")
    #expect(outcome.code == 0 && outcome.errors.contains("r = 8 and lora_alpha = 16"))
    let spectrum = try run("spectrum", "ab.safetensors", "--json")
    #expect(spectrum.code == 0 && spectrum.errors.isEmpty)
    #expect(try run("merge", "a", "b", "-o", "x").code == 0)
  }

  @Test("a comparison measures the products with their scales, of other ranks as well")
  func comparison() throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(Self.fixtures)/expected.json"))
    let expected = try JSONValue(parsing: bytes)
    let result = try run("spectrum", "a", "c", "--compare", "--json").json()
    let rows = try #require(result["layers"]?.array)
    #expect(rows.count == 3)
    for row in rows {
      let name = try #require(row["name"]?.string)
      let module = String(name.dropFirst("base_model.model.".count))
      let moved = try #require(expected["moved a, c"]?[module]?.number)
      let largest = try #require(expected["largest change a, c"]?[module]?.number)
      let change = try #require(row["change"])
      // Float32 factors.
      #expect(abs(try #require(change["weightDistance"]?.number) - moved) < 1e-5 * moved)
      #expect(abs(try #require(change["lambdaMax"]?.number) - largest) < 1e-5 * largest)
    }
    let same = try run("spectrum", "a", "a", "--compare", "--json").json()
    #expect(
      same["layers"]?.array?.allSatisfy { $0["change"]?["weightDistance"]?.number == 0 } == true)
  }

  @Test("what is said of an unknown scale, of a base, and of options that mean nothing here")
  func refusals() throws {
    try FileManager.default.removeItem(atPath: scratch.path("b/adapter_config.json"))
    let unknown = try run("merge", "a", "b", "-o", "out")
    #expect(unknown.code == 65 && unknown.errors.contains("nothing says"))
    let spectrum = try run("spectrum", "b")
    #expect(spectrum.code == 0 && spectrum.errors.contains("nothing says"))
    let base = Tool.packageRoot.appendingPathComponent(
      "Tests/SpectraTests/Fixtures/mlp.safetensors"
    ).path
    let mixed = try run("merge", base, "a", "-o", "out")
    #expect(mixed.code == 65 && mixed.errors.contains("this is no adapter"))
    #expect(mixed.errors.split(separator: "\n").count == 1)
    for (arguments, words) in [
      (["a", "c", "--method", "ties", "--base", base], "--base"),
      (["a", "c", "--method", "slerp"], "mean or task-arithmetic"),
      (["a", "c", "--shared-only"], "--shared-only"), (["a", "c", "--match"], "--match"),
      (["a", "c", "--rank", "0"], "--rank"), ([base, base, "--rank", "2"], "--rank"),
    ] {
      let outcome = try Tool.run(["merge"] + arguments + ["-o", "out"], in: scratch.url)
      #expect(outcome.code == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.path("out")))
  }
}
