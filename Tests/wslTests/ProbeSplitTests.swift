import Foundation
import Support
import TestSupport
import Testing

/// The folds of `wsl probe train` in the index, and what is made of its result.
@Suite("Folds in the index", .serialized)
struct ProbeSplitTests {
  @Test("folds are columns that the next training takes")
  func folds() throws {
    let folder = try Scratch()
    let index = try ProbeZoo().index(folder)
    let dense = ["--kind", "dense", "--no-baselines"]
    let first = try ProbeZoo.train(
      index, "kind", folder.path("a.h5"), dense + ["--seeds", "2", "--seed", "5"])
    #expect(first.code == 0, "\(first.errors)")
    let made = try first.json()
    #expect(made["split"]?["stored"] == .bool(true))
    let columns = made["split"]?["columns"]?.array?.compactMap(\.string) ?? []
    try #require(columns == ["folds_kind_seed5", "folds_kind_seed6"])
    // Each of the five folds has six models, and of each class three.
    let listed = try Tool.run(
      "zoo", "list", index, "--columns", "name,kind,\(columns.joined(separator: ","))", "--json")
    let rows = try #require(try listed.json()["models"]?.array)
    #expect(rows.count == 30)
    for column in columns {
      let folds = Dictionary(grouping: rows) { $0[column]?.integer ?? -1 }
      #expect(folds.keys.sorted() == [0, 1, 2, 3, 4])
      #expect(folds.values.allSatisfy { $0.count == 6 })
      #expect(folds.values.allSatisfy { $0.count { $0["kind"]?.string == "dog" } == 3 })
    }
    // They are shown where they are asked for alone.
    let plain = try Tool.run("zoo", "list", index)
    #expect(plain.code == 0 && !plain.output.contains("folds_kind"))
    // The same folds again give the same figures, by the column and by the seed; the index stays as it is.
    let stamp = try FileManager.default.attributesOfItem(atPath: index)[.modificationDate] as? Date
    let again = try ProbeZoo.train(index, "kind", folder.path("b.h5"), dense + ["--seed", "5"])
    let given = try ProbeZoo.train(
      index, "kind", folder.path("c.h5"), dense + ["--seed", "5", "--split", columns[0]])
    #expect(given.code == 0, "\(given.errors)")
    let (same, repeated) = (try given.json(), try again.json())
    #expect(same["test"] == repeated["test"])
    #expect(same["split"]?["columns"]?.array?.compactMap(\.string) == [columns[0]])
    #expect(
      try FileManager.default.attributesOfItem(atPath: index)[.modificationDate] as? Date == stamp)
    // Other groups make other folds, in the same column.
    let other = try ProbeZoo.train(
      index, "kind", folder.path("d.h5"), dense + ["--seed", "5", "--folds", "3"])
    #expect(other.code == 0, "\(other.errors)")
    let count = try Tool.run(
      "zoo", "list", index, "--where", "folds_kind_seed5 > 2", "--columns", "name", "--csv")
    #expect(count.output.split(separator: "\n").count == 1)
    // Two folds leave nothing to learn from.
    let few = try ProbeZoo.train(
      index, "kind", folder.path("e.h5"),
      dense + ["--split", "folds_kind_seed6", "--where", "folds_kind_seed6 < 2"])
    #expect(few.code == 64 && few.errors.contains("2 folds"))
  }

  @Test("an index that something else writes is left as it is")
  func lockedIndex() throws {
    let folder = try Scratch()
    let index = try ProbeZoo().index(folder) { model, _, metadata in
      metadata["folds_kind_seed0"] = "\(model)"
    }
    // The column has another meaning in this zoo.
    let trained = try ProbeZoo.train(
      index, "kind", folder.path("a.h5"), ["--kind", "dense", "--no-baselines"])
    #expect(trained.code == 0, "\(trained.errors)")
    let result = try trained.json()
    #expect(result["split"]?["stored"] == .bool(false))
    #expect(result["warnings"]?.array?.contains { $0.string?.contains("folds") ?? false } ?? false)
    let kept = try Tool.run(
      "zoo", "list", index, "--where", "folds_kind_seed0 = 29", "--columns", "name", "--csv")
    #expect(kept.output.split(separator: "\n").count == 2)
  }

  /// Every element of 24 layers of 20 models once, whether one kind of probe or several look at them.
  @Test("a sweep over 24 layers reads every byte once", arguments: [[], ["--no-baselines"]])
  func sweepReadsOnce(_ more: [String]) throws {
    let folder = try Scratch()
    try FileManager.default.createDirectory(
      atPath: folder.path("zoo"), withIntermediateDirectories: true)
    for model in 0..<20 {
      let tensors = (0..<24).map { layer -> (name: String, shape: [Int], values: [Float]) in
        let values = (0..<30).map { at in
          Float((model * 31 + layer * 17 + at * 7) % 23) + (model % 2 == 1 && at == layer ? 9 : 0)
        }
        return ("block\(layer).weight", [6, 5], values)
      }
      try SafetensorsBytes.file(tensors, metadata: ["kind": model % 2 == 1 ? "dog" : "cat"])
        .write(to: URL(fileURLWithPath: folder.path("zoo/m\(model).safetensors")))
    }
    let index = folder.path("zoo.sqlite")
    let made = try Tool.run("zoo", "index", folder.path("zoo"), "-o", index, "--quiet")
    #expect(made.code == 0, "\(made.errors)")
    let trained = try ProbeZoo.train(
      index, "kind", folder.path("p.h5"), ["--kind", "dense"] + more)
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(try trained.json()["layers"]?.array?.count == 24)
    #expect(try trained.json()["bytesRead"]?.integer == 20 * 24 * 30 * 4)
  }

  @Test("one-class scores, models in two dimensions, and the page of a result")
  func resultOfANetwork() throws {
    let folder = try Scratch()
    let index = try ProbeZoo().index(folder)
    let trained = try ProbeZoo.train(
      index, "kind", folder.path("a.h5"),
      [
        "--probes", "4", "--projections", "4", "--representation", "4", "--epochs", "40",
        "--learning-rate", "0.01", "--plane", "--learning-curve",
      ])
    #expect(trained.code == 0, "\(trained.errors)")
    let plane = try #require(try trained.json()["plane"]?["models"]?.array)
    #expect(plane.count == 30 && plane.allSatisfy { $0["tree"]?.string != nil })
    try Data(trained.output.utf8).write(to: URL(fileURLWithPath: folder.path("a.json")))
    for ending in ["html", "ipynb", "md"] {
      let page = try Tool.run(
        "report", folder.path("a.json"), "-o", folder.path("a.\(ending)"), "--json")
      #expect(page.code == 0, "\(page.errors)")
    }
    let text = try String(contentsOfFile: folder.path("a.html"), encoding: .utf8)
    for word in ["Confusion", "Reliability", "Learning curve", "Models in two dimensions"] {
      #expect(text.contains(word), "\(word)")
    }
    // A model of the zoo is more like the zoo than one that is ten times as large.
    var far = ProbeZoo()
    far.count = 1
    try far.write(to: folder.path("far")) { _, values, _ in values = values.map { 10 * $0 } }
    let said = try Tool.run(
      "probe", "predict", folder.path("a.h5"), folder.path("zoo/m001.safetensors"),
      folder.path("far/m000.safetensors"), "--json")
    #expect(said.code == 0, "\(said.errors)")
    let rows = try #require(try said.json().array)
    for key in ["nearest", "mahalanobis"] {
      let scores = try rows.map { try #require($0["oneClass"]?[key]?.number) }
      #expect(scores[0] < scores[1])
    }
    let found = try Tool.run(
      "probe", "search", folder.path("a.h5"), index, "--like",
      folder.path("zoo/m001.safetensors"), "--json")
    #expect(try found.json()["results"]?[0]?["oneClass"]?["nearest"]?.number != nil)
  }
}
