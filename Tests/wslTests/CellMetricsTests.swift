import Foundation
import Support
import TestSupport
import Testing

/// The metrics `connectivity`, `similarity` and `averaging`, which compare the models of a cell, beside the
/// commands that measure the same of files that are named.
///
/// Tried by hand beside what is here: `zoo phases --data` that was interrupted after 2 of 192 models (code 75) and
/// went on; data of another shape, and of too few examples, in `zoo phases --data` (every measure of every model has
/// its line, the cells are `?`, code 3), a column that is not there (64, with those that are); a table of labels called connectivity (taken from there and not computed); a network with a weight
/// that is not a number (it and those beside it keep the reason, code 3, others their numbers).
@Suite("Metrics of the models of a cell", .serialized)
struct CellMetricsTests {
  /// Three starts in one cell of perceptrons and two in one of residual networks with batch normalisation,
  /// with checkpoints; one model is alone in its cell.
  private static let spec = """
    name: c
    data: digits
    training: {optimizer: sgd, learning-rate: 0.05, epochs: 3, batch-size: 64, checkpoints: [1, 2]}
    models:
      - {name: a, model: {kind: mlp, width: 6}, seeds: [0, 1, 2]}
      - {name: b, model: {kind: mlp, width: 12}}
      - {name: r, model: {kind: resnet, width: 2, blocks: [1, 1]}, seeds: [0, 1]}
    """
  private static let metrics = "connectivity,similarity,averaging"

  private func run(_ words: [String], code: Int32 = 0) throws -> Tool.Outcome {
    let outcome = try Tool.run(words)
    #expect(outcome.code == code, "\(words.prefix(3)): \(outcome.errors)")
    return outcome
  }

  /// Builds the zoo once for all tests.
  private static let built = Result { () throws -> Scratch in
    let folder = try Scratch()
    try spec.write(toFile: folder.path("c.yaml"), atomically: true, encoding: .utf8)
    let outcome = try Tool.run(
      "zoo", "build", folder.path("c.yaml"), "-o", folder.path("zoo"), "--quiet")
    guard outcome.code == 0 else { throw BuildError(errors: outcome.errors) }
    return folder
  }

  private struct BuildError: Error {
    var errors: String
  }

  /// The residual networks have no column of a width: labels give all models their load.
  private func index(_ folder: Scratch, of zoo: String) throws -> String {
    let rows = [
      "name,load", "c-a-seed0,6", "c-a-seed1,6", "c-a-seed2,6", "c-b,12", "c-r-seed0,2",
      "c-r-seed1,2",
    ]
    let named = rows.flatMap { row -> [String] in
      let parts = row.split(separator: ",")
      guard parts[0] != "name" else { return [row] }
      return [row] + [1, 2].map { "\(parts[0])-epoch\($0),\(parts[1])" }
    }
    try named.joined(separator: "\n").write(
      toFile: folder.path("labels.csv"), atomically: true, encoding: .utf8)
    let path = folder.path("zoo-\(UUID().uuidString).sqlite")
    _ = try run(["zoo", "index", zoo, "-o", path, "--labels", folder.path("labels.csv")])
    return path
  }

  private func scanning(_ index: String, _ more: String...) -> [String] {
    [
      "zoo", "scan", index, "--metrics", Self.metrics, "--data", "digits", "--load", "load",
      "--curve-epochs", "2", "--quiet",
    ] + more
  }

  /// Columns of a model by its name.
  private func values(_ index: String, _ name: String) throws -> [String: Double] {
    let outcome = try run(["zoo", "list", index, "--where", "name = '\(name)'", "--json"])
    guard case .object(let members)? = try outcome.json()["models"]?.array?.first else {
      return [:]
    }
    return members.compactMapValues(\.number)
  }

  @Test("what a scan finds is what connect, similarity, merge and evaluate find of the same files")
  func sameAsCommands() throws {
    let folder = try Self.built.get()
    let index = try index(folder, of: folder.path("zoo"))
    let scan = try run(scanning(index, "--json"), code: 3)
    // The one that is alone has nothing to be paired with; its checkpoints can be averaged.
    let failures = try #require(try scan.json()["failures"]?.array)
    #expect(failures.count == 2)
    #expect(
      failures.allSatisfy {
        $0["file"]?.string?.hasSuffix("c-b.h5") == true
          && $0["reason"]?.string?.contains("only model of its cell of load and batch_size") == true
      }, "\(failures)")
    #expect(try scan.json()["scanned"]?.integer == 6)
    for (kind, count) in [("a", 3), ("r", 2)] {
      let files = (0..<count).map { folder.path("zoo/c-\(kind)-seed\($0).h5") }
      let own = try values(index, "c-\(kind)-seed0")
      let data = ["--data", "digits"]
      // Statistics of batch normalisation are measured anew, at the ends too.
      let reset = kind == "r" ? ["--repair", "reset"] : []
      let suffix = kind == "r" ? "+reset" : ""
      // Measured on the training examples that the curve is trained on.
      for (split, points, names) in [
        ("train", "5", [("bezier", "error", "modeConnectivity", "mc")]),
        (
          "train", "11",
          [
            ("naive", "loss", "overLine", "naiveBarrier"),
            ("matched", "loss", "overLine", "matchedBarrier"),
            ("matched", "error", "overLine", "matchedErrorBarrier"),
          ]
        ),
        ("test", "5", [("bezier", "error", "modeConnectivity", "testMc")]),
      ] {
        let connect = try run(
          ["connect"] + files.prefix(2) + data + reset
            + [
              "--split", split, "--points", points, "--path", "bezier", "--curve-epochs", "2",
              "--match", "--no-measures", "--json",
            ])
        let curves = try connect.json()["curves"]?.array ?? []
        for (curve, quantity, key, column) in names {
          let found = curves.first { $0["name"]?.string == curve + suffix }
          let barrier = try #require(
            found?["barriers"]?[quantity]?[key]?.number, "\(curve)\(suffix) \(split)")
          #expect(
            abs((own["connectivity_\(column)"] ?? .nan) - barrier) <= 1e-6, "\(kind) \(column)"
          )
        }
      }
      let similarity = try run(["similarity"] + files.prefix(2) + data + ["--no-svcca", "--json"])
      let json = try similarity.json()
      let cka = json["layers"]?.array?.first?["cka"]?.array?.first?.array?.last?.number
      #expect(abs((own["similarity_cka"] ?? .nan) - (cka ?? 0)) < 1e-6, "\(kind)")
      #expect(
        own["similarity_agreement"] == json["agreement"]?.array?.first?.array?.last?.number)
    }
    let file = folder.path("zoo/c-a-seed0")
    func accuracy(ofMean models: [String], _ more: String...) throws -> Double {
      let mean = folder.path("mean.h5")
      _ = try run(["merge"] + models + ["-o", mean, "--force", "--quiet"] + more)
      let outcome = try run(["evaluate", mean, "--data", "digits", "--json"])
      let models = try outcome.json()["models"]?.array
      return models?.first?["cleanAccuracy"]?.number ?? .nan
    }
    let own = try values(index, "c-a-seed0")
    let epochs = try accuracy(ofMean: [file + ".h5", file + "-epoch1.h5", file + "-epoch2.h5"])
    #expect(abs((own["averaging_epochsAccuracy"] ?? .nan) - epochs) < 1e-6)
    let seeds = [0, 1, 2].map { folder.path("zoo/c-a-seed\($0).h5") }
    let naive = try accuracy(ofMean: seeds)
    #expect(abs((own["averaging_naiveSeedsAccuracy"] ?? .nan) - naive) < 1e-6)
    // The gain is over the mean of the averaged ones.
    let accuracies = try seeds.map { try accuracy(ofMean: [$0, $0]) }
    let mean = accuracies.reduce(0, +) / 3
    #expect(abs((own["averaging_naiveSeedsGain"] ?? .nan) - (naive - mean)) < 1e-6)
    #expect(
      abs((own["averaging_epochsGain"] ?? .nan) - (epochs - accuracies[0])) < 1e-6)
    #expect(own["averaging_seedsGain"] != nil)
  }

  @Test("it goes on, in shards too, and a partner that changed is measured anew")
  func resumed() throws {
    let folder = try Scratch()
    let zoo = folder.path("zoo")
    try FileManager.default.copyItem(atPath: try Self.built.get().path("zoo"), toPath: zoo)
    let whole = try index(folder, of: zoo)
    _ = try run(scanning(whole), code: 3)
    let again = try run(scanning(whole, "--json"), code: 3).json()
    #expect(again["scanned"]?.integer == 0 && again["unchanged"]?.integer == 6)
    let parts = try index(folder, of: zoo)
    for shard in 1...2 {
      let outcome = try Tool.run(
        scanning(parts, "--shard", "\(shard)/2", "-o", folder.path("\(shard).sqlite")))
      #expect([0, 3].contains(outcome.code), "\(outcome.errors)")
    }
    _ = try run(
      ["zoo", "merge", parts, folder.path("1.sqlite"), folder.path("2.sqlite")], code: 3)
    for seed in 0..<3 {
      #expect(try values(parts, "c-a-seed\(seed)")["connectivity_mc"] != nil)
      #expect(
        try values(parts, "c-a-seed\(seed)").filter { $0.key.contains("_") && $0.key != "bytes" }
          == values(whole, "c-a-seed\(seed)").filter { $0.key.contains("_") && $0.key != "bytes" })
    }
    // Seed 1 is now what seed 2 was. Each of three is paired with the next one, and averaged with both.
    try FileManager.default.removeItem(atPath: zoo + "/c-a-seed1.h5")
    _ = try run([
      "convert", zoo + "/c-a-seed2-epoch2.h5", "-o", zoo + "/c-a-seed1.h5",
    ])
    let before = try values(whole, "c-a-seed0")
    let labels = folder.path("seed.csv")
    try "name,load,batch_size,seed\nc-a-seed1,6,64,1\n".write(
      toFile: labels, atomically: true, encoding: .utf8)
    _ = try run(["zoo", "index", zoo, "-o", whole, "--labels", folder.path("labels.csv")])
    let changed = try run(scanning(whole, "--json"), code: 3).json()
    #expect((changed["scanned"]?.integer ?? 0) >= 2, "\(changed)")
    #expect(try values(whole, "c-a-seed0")["averaging_seedsAccuracy"] != nil)
    #expect(
      try values(whole, "c-a-seed0")["connectivity_naiveBarrier"]
        != before["connectivity_naiveBarrier"])
  }

  @Test("a partner that is gone fails what needs it alone, and is tried again")
  func gone() throws {
    let folder = try Scratch()
    let zoo = folder.path("zoo")
    try FileManager.default.copyItem(atPath: try Self.built.get().path("zoo"), toPath: zoo)
    let index = try index(folder, of: zoo)
    try FileManager.default.moveItem(atPath: zoo + "/c-a-seed1.h5", toPath: folder.path("away.h5"))
    let words = [
      "zoo", "scan", index, "--metrics", "hessian,similarity", "--data", "digits", "--limit", "100",
      "--load", "load", "--where", "load = 6 and checkpoint_epoch is null", "--json",
    ]
    let failures = try run(words, code: 3).json()["failures"]?.array ?? []
    let reasons = failures.compactMap { $0["reason"]?.string }
    #expect(
      reasons.count == 2 && reasons.allSatisfy { $0.contains("the file is gone") }, "\(reasons)")
    #expect(reasons.contains { $0.hasPrefix("similarity: beside it") }, "\(reasons)")
    #expect(try values(index, "c-a-seed0")["hessian_trace"] != nil)
    #expect(try values(index, "c-a-seed0")["similarity_cka"] == nil)
    #expect(try values(index, "c-a-seed2")["similarity_cka"] != nil)
    try FileManager.default.moveItem(atPath: folder.path("away.h5"), toPath: zoo + "/c-a-seed1.h5")
    #expect(try run(words).json()["scanned"]?.integer == 2)
    #expect(try values(index, "c-a-seed0")["similarity_cka"] != nil)
  }

  @Test("what makes no sense is one line; a network that is broken has its reason")
  func refusals() throws {
    let folder = try Scratch()
    let zoo = folder.path("zoo")
    try FileManager.default.copyItem(atPath: try Self.built.get().path("zoo"), toPath: zoo)
    let index = try index(folder, of: zoo)
    for (words, code, part) in [
      (["--metrics", "connectivity"], 64 as Int32, "measured on data"),
      (
        ["--metrics", "connectivity", "--data", "digits", "--load", "widht"], 64,
        "no column 'widht'"
      ),
      (["--metrics", "similarity", "--data", folder.path("none.npz")], 66, "none.npz"),
      (["--metrics", "similarity", "--data", "digits", "--limit", "0"], 64, "--limit"),
      (
        ["--metrics", "connectivity", "--data", "digits", "--curve-epochs", "0"], 64, "curve-epochs"
      ),
      (["--metrics", "connectivity,mood", "--data", "digits"], 64, "no metric 'mood'"),
    ] {
      let outcome = try Tool.run(["zoo", "scan", index] + words)
      #expect(outcome.code == code, "\(words): \(outcome.errors)")
      #expect(outcome.errors.contains(part), "\(words): \(outcome.errors)")
    }
    _ = try run([
      "zoo", "scan", index, "--metrics", "connectivity", "--load", "load", "--data", "digits",
      "--limit", "300", "--where", "load = 6",
    ])
    #expect(try values(index, "c-a-seed0")["connectivity_mc"] != nil)
    // A curve that flies apart, and data that the networks cannot see: every model has its reason.
    for (words, part) in [
      (["--data", "digits", "--curve-rate", "1e30", "--limit", "300"], "not finite"),
      (["--data", folder.path("wide.csv")], "the data are of shape [2]"),
    ] {
      let rows = (0..<40).map { "\($0 % 2),\($0),1" }
      try (["label,a,b"] + rows).joined(separator: "\n").write(
        toFile: folder.path("wide.csv"), atomically: true, encoding: .utf8)
      let outcome = try Tool.run(
        ["zoo", "scan", index, "--metrics", "connectivity", "--load", "load", "--json"] + words
          + ["--where", "load = 6"])
      #expect(outcome.code == 3, "\(words): \(outcome.errors)")
      let reasons = (try? outcome.json())?["failures"]?.array?.compactMap { $0["reason"]?.string }
      #expect(
        reasons?.count == 3 && reasons?.allSatisfy { $0.contains(part) } == true, "\(outcome)")
      // What an earlier scan found is not this one's.
      #expect(try values(index, "c-a-seed0")["connectivity_mc"] == nil)
    }
  }

  @Test("what pruning costs, and what the last hidden layer tells of other data")
  func outcomes() throws {
    let folder = try Self.built.get()
    let index = try index(folder, of: folder.path("zoo"))
    let some = ["--where", "load = 6 and checkpoint_epoch is null", "--json"]
    func scan(_ words: String..., code: Int32 = 0) throws -> JSONValue {
      try run(["zoo", "scan", index, "--data", "digits", "--metrics"] + words + some, code: code)
        .json()
    }
    #expect(try scan("pruning,transfer")["scanned"]?.integer == 3)
    let own = try values(index, "c-a-seed0")
    let evaluated = try run([
      "evaluate", folder.path("zoo/c-a-seed0.h5"), "--data", "digits", "--json",
    ])
    let whole = try evaluated.json()["models"]?.array?.first?["cleanAccuracy"]?.number ?? .nan
    let pruned = [50, 80, 90, 95].compactMap { own["pruning_accuracy\($0)"] }
    #expect(pruned.count == 4)
    #expect(abs((own["pruning_accuracy"] ?? .nan) - pruned.reduce(0, +) / 4) < 1e-12)
    #expect(abs((own["pruning_lost"] ?? .nan) - (whole - pruned.reduce(0, +) / 4)) < 1e-9)
    // Of 19 in 20 weights nothing is left that tells ten classes.
    #expect((own["pruning_accuracy95"] ?? 1) < 0.5 * whole)
    let turned = try #require(own["transfer_accuracy"])
    #expect((0...1).contains(turned))
    // Measured once; other data are measured anew, and better where the network knows them.
    #expect(try scan("pruning,transfer", "--transfer", "rotate:5")["scanned"]?.integer == 0)
    #expect(try scan("transfer", "--transfer", "digits")["scanned"]?.integer == 3)
    let same = try values(index, "c-a-seed0")["transfer_accuracy"] ?? 0
    #expect(same > turned && same > 0.5, "\(same) \(turned)")
    for (transfer, code, part) in [
      ("fog:9", 64 as Int32, "is no corruption"), (folder.path("none.npz"), 66, "none.npz"),
    ] {
      let outcome = try Tool.run([
        "zoo", "scan", index, "--metrics", "transfer", "--data", "digits", "--transfer", transfer,
      ])
      #expect(outcome.code == code && outcome.errors.contains(part), "\(outcome.errors)")
    }
    // Examples that the networks cannot see: each model says so, and has no figure of other data.
    let text = try scan("transfer", "--transfer", "austen", code: 3)
    #expect(text["failures"]?.array?.count == 3, "\(text)")
    #expect(try values(index, "c-a-seed0")["transfer_accuracy"] == nil)
    #expect(try values(index, "c-a-seed0")["pruning_accuracy"] != nil)
  }

  @Test("networks that cannot be run: they keep their reason, and the rest of the zoo its numbers")
  func unrunnable() throws {
    let folder = try Scratch()
    let zoo = folder.path("zoo")
    try FileManager.default.copyItem(atPath: try Self.built.get().path("zoo"), toPath: zoo)
    // Weights whose order of layers nothing tells, in the place of a network.
    try FileManager.default.removeItem(atPath: zoo + "/c-a-seed1.h5")
    var odd = SafetensorsMaker()
    odd.add("p", [3, 5], (0..<15).map { Float($0) / 7 })
    odd.add("q", [7, 2], (0..<14).map { Float($0) / 5 })
    try odd.file.write(to: URL(filePath: zoo + "/c-a-seed1.safetensors"))
    let index = try index(folder, of: zoo)
    let metrics = "hessian,connectivity,similarity,averaging,pruning,transfer"
    let outcome = try run(
      [
        "zoo", "scan", index, "--metrics", metrics, "--data", "digits", "--limit", "100", "--load",
        "load", "--curve-epochs", "1", "--where", "load = 6 and checkpoint_epoch is null", "--json",
      ], code: 3)
    let failures = try outcome.json()["failures"]?.array ?? []
    // Second derivatives, pruning and transfer; it has no column of a temperature, and so no cell.
    #expect(
      failures.count == 3
        && failures.allSatisfy { $0["file"]?.string?.hasSuffix("c-a-seed1.safetensors") == true },
      "\(failures)")
    for name in ["c-a-seed0", "c-a-seed2"] {
      let own = try values(index, name)
      #expect(own["hessian_trace"] != nil && own["pruning_accuracy"] != nil, "\(own)")
      #expect(own["transfer_accuracy"] != nil)
    }
    #expect(try values(index, "c-a-seed1")["hessian_trace"] == nil)
  }

  @Test("zoo phases --data computes what is missing once; submit passes the data on")
  func phases() throws {
    let folder = try Self.built.get()
    let index = try index(folder, of: folder.path("zoo"))
    let words = [
      "zoo", "phases", index, "--load", "load", "--temperature", "batch-size", "--data", "digits",
      "--limit", "200", "--curve-epochs", "1", "--thresholds",
      "loss=1,connectivity=1,similarity=0.65", "--draws", "20", "--json",
    ]
    let first = try run(words, code: 3)
    let json = try first.json()
    let cells = try #require(json["cells"]?.array)
    #expect(cells.count == 3)
    for cell in cells {
      let isAlone = cell["load"]?.number == 12
      #expect((cell["connectivity"]?.number == nil) == isAlone, "\(cell)")
      #expect((cell["similarity"]?.number == nil) == isAlone)
      #expect((cell["phase"] == .null) == isAlone)
      #expect(cell["hessianTrace"]?.number != nil)
    }
    #expect(first.errors.contains("only model of its cell"))
    // Nothing is computed twice: the second run says the same, from the index alone.
    let second = try run(words, code: 3)
    #expect(second.output == first.output)
    let submit = try run([
      "zoo", "submit", index, "--shards", "2", "--dry-run", "--metrics", "connectivity,hessian",
      "--data", "digits", "--limit", "20", "--load", "load",
    ])
    #expect(
      submit.output.contains(
        "--data digits --limit 20 --curve-epochs 5 --curve-rate 0.03 --curve-batch 128 --load load"),
      "\(submit.output)")
    let refused = try Tool.run(
      "zoo", "submit", index, "--dry-run", "--metrics", "connectivity")
    #expect(refused.code == 64 && refused.errors.contains("measured on data"))
  }
}
