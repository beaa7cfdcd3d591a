import Foundation
import LinearAlgebra
import Support
import TestSupport
import Testing

/// `wsl probe train --align root`: models whose units were put in random orders give what they gave before.
///
/// Tried by hand beside it, with `zoo-specs/digits-projected-trees.yaml`, 50 fine-tunes of each of two trees,
/// each permuted at random by `wsl permute`: dense 0.978, permuted 0.591 (chance 0.594), permuted and lined
/// up 0.978; heads of other lengths than the root's are lined up, too; with layers that do not fit memory
/// together the figures and the choice of the layer are the same; without the root of one tree its models
/// are left out and named; a lone permuted file is told the same scores as the file before.
@Suite("Probes on models that are lined up", .serialized)
struct ProbeAlignmentTests {
  /// Two trees of fine-tunes on four of the ten digits, in the folder `plain`, and the same with units in
  /// random orders in `mixed`.
  private func zoos(_ folder: Scratch) throws {
    let subsets = [
      "0, 1, 2, 3", "4, 5, 6, 7", "0, 2, 4, 6", "1, 3, 5, 7", "0, 1, 4, 5", "2, 3, 6, 7",
      "0, 3, 5, 6", "1, 2, 4, 7", "0, 1, 6, 7",
    ]
    func tree(_ name: String, _ seed: Int) -> String {
      """
        - name: \(name)
          training: {epochs: 5, seed: \(seed)}
        - name: \(name)-tuned
          parent: \(name)
          training: {seed: 1\(seed)}
          grid: {data.classes: [\(subsets.map { "[\($0)]" }.joined(separator: ", "))]}

      """
    }
    let spec = """
      name: t
      data: digits
      model: {kind: mlp, width: 8, depth: 2}
      training: {optimizer: adamw, learning-rate: 0.003, epochs: 3, batch-size: 64}
      models:
      \(tree("a", 1))\(tree("b", 2))
      """
    try Data(spec.utf8).write(to: URL(fileURLWithPath: folder.path("t.yaml")))
    let built = try Tool.run(
      "zoo", "build", folder.path("t.yaml"), "-o", folder.path("plain"), "--quiet")
    try #require(built.code == 0, "\(built.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("plain"))
      .filter { $0.hasSuffix(".h5") }.sorted()
    try #require(names.count == 20)
    try FileManager.default.createDirectory(
      atPath: folder.path("mixed"), withIntermediateDirectories: true)
    let first = folder.path("plain/\(try #require(names.first { $0.contains("tuned") }))")
    let matched = try Tool.run(
      "match", first, first, "--save-permutation", folder.path("p.json"), "--json")
    try #require(matched.code == 0, "\(matched.errors)")
    var generator = SeededGenerator(seed: 5)
    for name in names {
      let (from, to) = (folder.path("plain/\(name)"), folder.path("mixed/\(name)"))
      guard name.contains("tuned") else {
        try FileManager.default.copyItem(atPath: from, toPath: to)
        continue
      }
      let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("p.json")))
      var document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      var groups = try #require(document["groups"] as? [[String: Any]])
      #expect(groups.count == 2)
      for place in groups.indices {
        groups[place]["permutation"] = generator.permutation(count: 8)
      }
      document["groups"] = groups
      try JSONSerialization.data(withJSONObject: document).write(
        to: URL(fileURLWithPath: folder.path("q.json")))
      let permuted = try Tool.run(
        "permute", from, "--with", folder.path("q.json"), "-o", to, "--quiet")
      try #require(permuted.code == 0, "\(permuted.errors)")
    }
    for name in ["plain", "mixed"] {
      let indexed = try Tool.run(
        "zoo", "index", folder.path(name), "-o", folder.path(name + ".sqlite"), "--quiet")
      try #require(indexed.code == 0, "\(indexed.errors)")
    }
  }

  private func trained(_ index: String, _ output: String, _ more: String...) throws -> JSONValue {
    let outcome = try ProbeZoo.train(
      index, "classes", output, ["--kind", "dense", "--no-baselines"] + more)
    try #require(outcome.code == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  @Test("random orders are undone, in training and for a lone file")
  func permutedModels() throws {
    let folder = try Scratch()
    try zoos(folder)
    let (plain, mixed) = (folder.path("plain.sqlite"), folder.path("mixed.sqlite"))
    let wanted = try trained(plain, folder.path("plain.h5"))
    let worse = try trained(mixed, folder.path("mixed.h5"))
    let aligned = try trained(mixed, folder.path("aligned.h5"), "--align", "root")
    // Exactly the same numbers in the same places: whatever the probe makes of them.
    #expect(aligned["layers"] == wanted["layers"] && aligned["test"] == wanted["test"])
    // Too few models to learn much from: other numbers all the same.
    #expect(worse["calibration"] != wanted["calibration"])
    #expect(aligned["calibration"] == wanted["calibration"])
    #expect(wanted["alignment"] == .null)
    #expect(aligned["alignment"]?["to"]?.string == "root")
    #expect(aligned["alignment"]?["movedModels"]?.integer == 18)
    #expect(aligned["alignment"]?["roots"]?.array?.map { $0["models"]?.integer } == [9, 9])
    // The probe's file has the roots: no other file is needed.
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: folder.path("mixed"))
        .filter { $0.contains("b-tuned") }.min())
    let scores = try ["plain", "mixed"].map { kind in
      let said = try Tool.run(
        "probe", "predict", folder.path("aligned.h5"), folder.path("\(kind)/\(name)"), "--json")
      try #require(said.code == 0, "\(said.errors)")
      return try #require(try said.json().array?.first)
    }
    #expect(scores[0]["scores"] == scores[1]["scores"])
    #expect(scores[1]["known"] == .bool(true))
    // The same for an index, whose files are opened with their attributes.
    let judged = try Tool.run(
      "probe", "evaluate", folder.path("aligned.h5"), mixed, "--include-training", "--json")
    #expect(judged.code == 0, "\(judged.errors)")
    #expect(try judged.json()["models"]?.integer == 18)
    // Without the root of a tree its models cannot be lined up.
    for file in ["mixed/t-b.h5"] {
      try FileManager.default.removeItem(atPath: folder.path(file))
    }
    _ = try Tool.run("zoo", "index", folder.path("mixed"), "-o", mixed, "--quiet")
    let less = try trained(
      mixed, folder.path("less.h5"), "--align", "root", "--folds", "3", "--where", "seed >= 11")
    #expect(less["models"]?.integer == 9)
    let skipped = try #require(less["skipped"]?.array)
    #expect(skipped.count == 9)
    #expect(skipped.allSatisfy { $0["reason"]?.string?.contains("root t-b") ?? false })
  }

  @Test("what cannot be lined up is refused")
  func refusals() throws {
    let folder = try Scratch()
    let index = try ProbeZoo().index(folder)
    let orphans = try ProbeZoo.train(index, "kind", folder.path("p.h5"), ["--align", "root"])
    #expect(orphans.code == 64 && orphans.errors.contains("no model names the network"))
    let statistics = try ProbeZoo.train(
      index, "kind", folder.path("p.h5"), ["--align", "root", "--kind", "statistics"])
    #expect(statistics.code == 64 && statistics.errors.contains("order of units"))
    let word = try ProbeZoo.train(index, "kind", folder.path("p.h5"), ["--align", "all"])
    #expect(word.code == 64)
  }
}
