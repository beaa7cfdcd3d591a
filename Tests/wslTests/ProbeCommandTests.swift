import Foundation
import Support
import TestSupport
import Testing

/// `wsl probe`, `wsl zoo trees` and `wsl zoo route` as a user runs them.
///
/// Tried by hand beside them, with files made by the safetensors library: labels in a Python list in the
/// metadata of the hub's cache (read as labels), LoRA pairs and the same with (B·R, R⁻¹·A) (the same
/// figures and predictions), convolutions, infinite and missing weights, a label that only some have.
@Suite("Probes on the command line", .serialized)
struct ProbeCommandTests {
  private func index(
    _ folder: Scratch, _ name: String = "zoo",
    change: (Int, inout [Float], inout [String: String]) -> Void = { _, _, _ in }
  ) throws -> String {
    try ProbeZoo().index(folder, name, change: change)
  }

  private func train(_ index: String, _ target: String, _ output: String, _ more: String...) throws
    -> Tool.Outcome
  {
    try ProbeZoo.train(index, target, output, more)
  }

  @Test("train, predict, evaluate", arguments: ["dense", "probex", "statistics", "moments"])
  func whole(_ kind: String) throws {
    let folder = try Scratch()
    let index = try index(folder)
    let probe = folder.path("probe.h5")
    let small = ["--probes", "8", "--projections", "8", "--representation", "8", "--epochs", "150"]
    let trained = try Tool.run(
      ["probe", "train", index, "--target", "kind", "-o", probe, "--kind", kind, "--json"] + small
        + ["--learning-rate", "0.01"])
    #expect(trained.code == 0, "\(trained.errors)")
    let result = try trained.json()
    #expect(result["task"]?.string == "classes" && result["models"]?.integer == 30)
    #expect(result["classes"]?.array?.compactMap(\.string) == ["cat", "dog"])
    #expect(result["chance"]?.number == 0.5)
    let test = try #require(result["test"])
    let mean = try #require(test["mean"]?.number)
    if kind != "statistics" { #expect(mean > 0.85) }
    #expect(test["metric"]?.string == "accuracy" && test["folds"]?.array?.count == 5)
    let (low, high) = (test["low"]?.number ?? 2, test["high"]?.number ?? -1)
    #expect(low <= mean && mean <= high)
    #expect(result["confusion"]?.array?.count == 2)
    if kind != "statistics" {
      // Every byte of the one matrix of 30 models, once: 12 · 8 numbers of four bytes.
      #expect(result["bytesRead"]?.integer == 30 * 384)
      #expect(result["layers"]?.array?.count == 1)
    }
    let said = try Tool.run(
      "probe", "predict", probe, folder.path("zoo/m001.safetensors"),
      folder.path("zoo/m002.safetensors"), "--json")
    #expect(said.code == 0, "\(said.errors)")
    let rows = try #require(try said.json().array)
    if kind != "statistics" {
      #expect(rows.map { $0["prediction"]?.string } == ["dog", "cat"])
      #expect(rows[0]["known"] == .bool(true) && rows[0]["tree"]?.string != nil)
    }
    let shares = try #require(rows[0]["scores"]?.object)
    #expect(abs(shares.values.reduce(0) { $0 + ($1.number ?? 0) } - 1) < 1e-9)
    let judged = try Tool.run(
      "probe", "evaluate", probe, index, "--include-training", "--json")
    #expect(judged.code == 0, "\(judged.errors)")
    #expect(try judged.json()["models"]?.integer == 30)
    let unseen = try Tool.run("probe", "evaluate", probe, index, "--json")
    #expect(unseen.code == 65 && unseen.errors.contains("--include-training"))
    // The same again is the same; another file is not written over.
    let again = try train(index, "kind", probe)
    #expect(again.code == 74)
  }

  @Test("the number of jobs changes nothing")
  func jobs() throws {
    let folder = try Scratch()
    let index = try index(folder)
    let bytes = try [1, 3].map { jobs in
      let path = folder.path("\(jobs).h5")
      let trained = try train(
        index, "kind", path, "--jobs", "\(jobs)", "--epochs", "10", "--probes", "4",
        "--projections", "4", "--representation", "4")
      #expect(trained.code == 0, "\(trained.errors)")
      return try Data(contentsOf: URL(fileURLWithPath: path))
    }
    #expect(bytes[0] == bytes[1])
  }

  @Test("numbers, and several labels in one cell")
  func otherTasks() throws {
    let folder = try Scratch()
    let index = try index(folder) { model, values, metadata in
      metadata["both"] = model % 2 == 1 ? "['tail', 'bark']" : "['tail', 'meow']"
      values[0] = Float(model) / 7 * 3
    }
    let numbers = try train(index, "grade", folder.path("n.h5"), "--kind", "dense")
    #expect(numbers.code == 0, "\(numbers.errors)")
    let result = try numbers.json()
    #expect(result["task"]?.string == "regression")
    #expect(
      result["test"]?["metric"]?.string == "r2" && (result["test"]?["mean"]?.number ?? 0) > 0.9)
    let labels = try train(index, "both", folder.path("l.h5"), "--kind", "dense")
    #expect(try labels.json()["classes"]?.array?.compactMap(\.string) == ["bark", "meow", "tail"])
    let said = try Tool.run(
      "probe", "predict", folder.path("l.h5"), folder.path("zoo/m003.safetensors"), "--json")
    let answer = try #require(try said.json().array?[0]["prediction"]?.array)
    #expect(answer.compactMap(\.string) == ["bark", "tail"])
  }

  @Test("what cannot be learned from is named, or refused")
  func badInput() throws {
    let folder = try Scratch()
    let index = try index(folder) { model, values, metadata in
      if model == 3 { metadata["kind"] = nil }
      if model == 4 { values += Array(repeating: 0, count: 12) }
      if model == 5 { values[27] = .nan }
      metadata["same"] = "yes"
    }
    let trained = try train(index, "kind", folder.path("p.h5"), "--kind", "dense")
    #expect(trained.code == 0, "\(trained.errors)")
    let skipped = try #require(try trained.json()["skipped"]?.array)
    let reasons = skipped.map { "\($0["file"]?.string ?? "") \($0["reason"]?.string ?? "")" }
      .sorted()
    #expect(reasons.count == 3)
    #expect(reasons[0].contains("m003") && reasons[0].contains("no kind"))
    #expect(reasons[1].contains("m004") && reasons[1].contains("12×9"))
    #expect(reasons[2].contains("m005") && reasons[2].contains("element 27 is nan"))
    for (words, code, text) in [
      (["--target", "same"], 65, "nothing to tell apart"),
      (["--target", "colour"], 64, "no column 'colour'"),
      (["--target", "kind", "--layer", "fc9"], 64, "a layer 'fc9'"),
      (["--target", "kind", "--kind", "magic"], 64, "no kind of probe"),
      (["--target", "kind", "--kind", "nearest"], 64, "cannot be kept"),
      (["--target", "kind", "--split", "same"], 65, "no part of a split"),
      (["--target", "kind", "--group", "same"], 64, "cannot be split into 5 folds"),
      (["--target", "kind", "--where", "kind = 'bird'"], 65, "no model is left"),
    ] {
      let refused = try Tool.run(
        ["probe", "train", index, "-o", folder.path("x.h5")] + words
          + (words.contains("--kind") ? [] : ["--kind", "dense"]))
      #expect(refused.code == code, "\(words): \(refused.errors)")
      #expect(refused.errors.contains(text), "\(words): \(refused.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.path("x.h5")))
    }
    // Another architecture; a file that is no probe.
    let other = folder.path("zoo/m004.safetensors")
    let refused = try Tool.run("probe", "predict", folder.path("p.h5"), other)
    #expect(refused.code == 65 && refused.errors.contains("12×9"))
    let mixed = try Tool.run(
      "probe", "predict", folder.path("p.h5"), other, folder.path("zoo/m001.safetensors"), "--json")
    #expect(mixed.code == 3)
    let rows = try #require(try mixed.json().array)
    #expect(rows[0]["prediction"] == .null && rows[1]["prediction"]?.string == "dog")
    let none = try Tool.run("probe", "predict", other, other)
    #expect(none.code == 65 && none.errors.contains("no probe"))
  }

  @Test("a tree of fine-tunes: edges, the unseen tree, the probe that rejects it")
  func trees() throws {
    let folder = try Scratch()
    let subsets = [
      "[0, 1, 2, 3]", "[4, 5, 6, 7]", "[0, 2, 4, 6, 8]", "[1, 3, 5, 7, 9]", "[0, 1, 8, 9]",
      "[2, 3, 6, 7]", "[1, 2, 5, 8]", "[0, 3, 4, 9]", "[5, 6, 7, 8, 9]", "[0, 1, 2, 3, 4]",
    ]
    var spec = """
      name: t
      data: digits
      model: {kind: mlp, width: 32}
      training: {optimizer: adamw, learning-rate: 0.001, epochs: 4}
      models:

      """
    for (number, tree) in ["a", "b", "c"].enumerated() {
      spec += "  - {name: \(tree), training: {learning-rate: 0.003, epochs: 10, seed: \(number)}}\n"
      spec += "  - {name: \(tree)-tuned, parent: \(tree), training: {seed: \(number + 5)}, "
      spec += "grid: {data.classes: [\(subsets.joined(separator: ", "))]}}\n"
    }
    try spec.write(toFile: folder.path("t.yaml"), atomically: true, encoding: .utf8)
    let built = try Tool.run("zoo", "build", folder.path("t.yaml"), "-o", folder.path("zoo"))
    #expect(built.code == 0, "\(built.errors)")
    let index = folder.path("t.sqlite")
    #expect(try Tool.run("zoo", "index", folder.path("zoo"), "-o", index).code == 0)
    let found = try Tool.run(
      "zoo", "trees", index, "--truth", "index", "--dot", folder.path("t.dot"), "--json")
    #expect(found.code == 0, "\(found.errors)")
    let trees = try found.json()
    let roots = trees["trees"]?.array?.compactMap { $0["root"]?.string }
    #expect(roots?.map { ($0 as NSString).lastPathComponent } == ["t-a.h5", "t-b.h5", "t-c.h5"])
    #expect(trees["accuracy"]?["trees"]?.number == 1)
    #expect(trees["accuracy"]?["knownEdges"]?.integer == 30)
    #expect((trees["accuracy"]?["edges"]?.number ?? 0) > 0.8)
    let dot = try String(contentsOfFile: folder.path("t.dot"), encoding: .utf8)
    #expect(dot.hasPrefix("digraph") && dot.contains("\"t-a.h5\" -> "))
    // The tree that is left out is unknown.
    let known = "name NOT LIKE 't-c%'"
    let routed = try Tool.run(
      "zoo", "route", index, folder.path("zoo/t-a.h5"), folder.path("zoo/t-c.h5"), "--where", known,
      "--json")
    let routes = try #require(try routed.json().array)
    #expect(routes[0]["known"] == .bool(true) && routes[1]["known"] == .bool(false))
    #expect(routes[1]["tree"] == .null)
    let trained = try train(
      index, "classes", folder.path("p.h5"), "--kind", "dense", "--where", known)
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(try trained.json()["task"]?.string == "labels")
    #expect(try trained.json()["test"]?["metric"]?.string == "labelAccuracy")
    let judged = try Tool.run(
      "probe", "evaluate", folder.path("p.h5"), index, "--where", "name LIKE 't-c%'", "--json")
    #expect(try judged.json()["unknown"]?.integer == 10, "\(judged.errors)")
    // Rejection of the unseen tree, beside the models of known trees: those that the probe learned from.
    #expect(try judged.json()["rejection"] == .null)
    let both = try Tool.run(
      "probe", "evaluate", folder.path("p.h5"), index, "--include-training", "--json")
    let rejection = try #require(try both.json()["rejection"])
    #expect(rejection["known"]?.integer == 20 && rejection["unknown"]?.integer == 10)
    #expect(rejection["area"]?.number == 1)
    #expect(rejection["atRadius"]?["truePositiveRate"]?.number == 1)
    #expect(rejection["atRadius"]?["falsePositiveRate"]?.number == 0)
    #expect((rejection["roc"]?.array?.count ?? 0) >= 3)
    // The picture has every model, and a line for every edge.
    let plot = folder.path("t.svg")
    #expect(try Tool.run("zoo", "trees", index, "--plot", plot).code == 0)
    let svg = try String(contentsOfFile: plot, encoding: .utf8)
    #expect(svg.hasPrefix("<svg") && svg.contains(">t-a.h5</text>"))
    #expect(svg.components(separatedBy: "<circle").count - 1 == 33)
    #expect(svg.components(separatedBy: "<path").count - 1 == 30)
    #expect(try Tool.run("zoo", "trees", index, "--plot", plot).code == 74)
    #expect(try Tool.run("zoo", "trees", index, "--plot", folder.path("t.png")).code == 64)
    // All models of a tree stay together where that is asked for: two trees are too few for folds.
    let apart = try train(
      index, "classes", folder.path("q.h5"), "--kind", "dense", "--where", known, "--group", "tree")
    #expect(apart.code == 64 && apart.errors.contains("2 groups"))
  }
}
