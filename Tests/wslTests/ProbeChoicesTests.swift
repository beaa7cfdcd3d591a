import Foundation
import Support
import TestSupport
import Testing

/// `wsl probe train --per-tree` and `--tune` as a user runs them.
@Suite("Choices of probes on the command line", .serialized)
struct ProbeChoicesTests {
  /// Three trees that lie far apart. In the second the pattern of dogs is that of cats elsewhere.
  private func trees(_ folder: Scratch) throws -> String {
    var zoo = ProbeZoo()
    zoo.count = 90
    return try zoo.index(folder) { model, values, metadata in
      let tree = model / 30
      for at in values.indices { values[at] += 40 * sin(Float(at + 1) * Float(tree + 1)) }
      if tree == 1 { metadata["kind"] = model % 2 == 1 ? "cat" : "dog" }
      metadata["place"] = "\(tree)"
    }
  }

  @Test("a probe for each tree, with the one for all beside it")
  func perTree() throws {
    let folder = try Scratch()
    let index = try trees(folder)
    let probe = folder.path("p.h5")
    let trained = try ProbeZoo.train(index, "kind", probe, ["--kind", "dense", "--per-tree"])
    #expect(trained.code == 0, "\(trained.errors)")
    let result = try trained.json()
    #expect(result["perTree"] == .bool(true) && result["kind"]?.string == "dense")
    // Three probes of two classes, each of 12 · 8 weights and one number more.
    #expect(result["parameters"]?.integer == 3 * 2 * 97)
    #expect((result["test"]?["mean"]?.number ?? 0) > 0.9)
    let baselines = try #require(result["baselines"]?.array)
    let all = try #require(baselines.first { $0["kind"]?.string == "dense" })
    #expect(all["parameters"]?.integer == 2 * 97)
    // One map for all has to guess where a pattern means two things.
    #expect((all["test"]?["mean"]?.number ?? 1) < (result["test"]?["mean"]?.number ?? 0))
    #expect(baselines.contains { $0["kind"]?.string == "moments-per-tree" })
    let files = [1, 31, 61].map { folder.path(String(format: "zoo/m%03d.safetensors", $0)) }
    let said = try Tool.run(["probe", "predict", probe] + files + ["--json"])
    #expect(said.code == 0, "\(said.errors)")
    let rows = try #require(try said.json().array)
    #expect(rows.map { $0["prediction"]?.string } == ["dog", "cat", "dog"])
    #expect(Set(rows.compactMap { $0["tree"]?.string }).count == 3)
    for kind in ["statistics", "majority"] {
      let refused = try ProbeZoo.train(
        index, "kind", folder.path("x.h5"), ["--kind", kind, "--per-tree"])
      #expect(refused.code == 64 && refused.errors.contains("--per-tree"), "\(refused.errors)")
    }
  }

  @Test("sizes and the learning rate are chosen where they are not given")
  func tune() throws {
    let folder = try Scratch()
    let index = try ProbeZoo().index(folder)
    let trained = try ProbeZoo.train(
      index, "kind", folder.path("p.h5"), ["--tune", "--epochs", "60", "--no-baselines"])
    #expect(trained.code == 0, "\(trained.errors)")
    let result = try trained.json()
    #expect(result["tuned"] == .bool(true) && (result["test"]?["mean"]?.number ?? 0) > 0.85)
    // r of 8 or 4: probes 8 · r, projection r · 12, encoder 2r · (r² + 1), head 2 · (2r + 1).
    #expect([1234, 234].contains(result["parameters"]?.integer ?? 0))
    let rate = try ProbeZoo.train(
      index, "kind", folder.path("r.h5"),
      [
        "--tune", "--epochs", "30", "--no-baselines", "--probes", "3", "--projections", "2",
        "--representation", "5",
      ])
    // Sizes that are given stand: 3 · 8 + 2 · 12 + 5 · (6 + 1) + 2 · (5 + 1).
    #expect(try rate.json()["parameters"]?.integer == 95, "\(rate.errors)")
    #expect(try rate.json()["tuned"] == .bool(true))
    let both = try ProbeZoo.train(
      index, "kind", folder.path("b.h5"),
      ["--tune", "--per-tree", "--epochs", "10", "--no-baselines"])
    #expect(both.code == 0, "\(both.errors)")
    #expect(try both.json()["tuned"] == .bool(true))
  }
}
