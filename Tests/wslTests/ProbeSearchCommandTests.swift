import Foundation
import Support
import TestSupport
import Testing

/// `wsl probe train --text-embeddings` and `wsl probe search` as a user runs them.
@Suite("Probes and texts on the command line", .serialized)
struct ProbeSearchCommandTests {
  /// The vectors of texts: a colour and an animal.
  private static let texts: [(name: String, values: [Float])] = [
    ("red cat", [1, 0, 1, 0]), ("red dog", [1, 0, 0, 1]), ("blue cat", [0, 1, 1, 0]),
    ("blue dog", [0, 1, 0, 1]),
  ]

  /// Models of three of four classes, each the sum of what its colour and its animal do to the weights;
  /// and six of the fourth class in a folder of their own.
  private func models(_ folder: Scratch) throws -> (seen: String, unseen: String) {
    func change(_ own: Int, _ values: inout [Float], _ metadata: inout [String: String]) {
      let text = Self.texts[own]
      for at in values.indices {
        for part in 0..<4 where text.values[part] == 1 {
          values[at] += sin(Float((at + 1) * (at + 3) * (part + 2)))
        }
      }
      metadata["which"] = text.name
    }
    // Without the pattern of dogs and cats that every second model has.
    var zoo = ProbeZoo()
    zoo.count = 60
    zoo.patternScale = 0
    let seen = try zoo.index(folder, "seen") { change($0 % 3, &$1, &$2) }
    zoo.count = 6
    let unseen = try zoo.index(folder, "unseen") { change(3, &$1, &$2) }
    return (seen, unseen)
  }

  private func write(
    _ texts: [(name: String, values: [Float])], _ path: String
  ) throws -> String {
    let tensors = texts.map { (name: $0.name, shape: [$0.values.count], values: $0.values) }
    try SafetensorsBytes.file(tensors).write(to: URL(fileURLWithPath: path))
    return path
  }

  private static let small = [
    "--no-baselines", "--probes", "8", "--projections", "8", "--representation", "8", "--epochs",
    "200", "--learning-rate", "0.01",
  ]

  @Test("classes that no model is of are ranked by their text")
  func zeroShot() throws {
    let folder = try Scratch()
    let (seen, unseen) = try models(folder)
    let texts = try write(Self.texts, folder.path("texts.safetensors"))
    let probe = folder.path("p.h5")
    let trained = try ProbeZoo.train(
      seen, "which", probe, ["--text-embeddings", texts] + Self.small)
    #expect(trained.code == 0, "\(trained.errors)")
    let result = try trained.json()
    #expect(result["classes"]?.array?.compactMap(\.string) == ["blue cat", "red cat", "red dog"])
    #expect(result["unseenClasses"]?.array?.compactMap(\.string) == ["blue dog"])
    #expect(result["warnings"]?.array?.contains { $0.string?.contains("blue dog") == true } == true)
    #expect((result["test"]?["mean"]?.number ?? 0) > 0.85)
    let judged = try Tool.run("probe", "evaluate", probe, unseen, "--json")
    #expect(judged.code == 0, "\(judged.errors)")
    #expect(try judged.json()["classes"]?.array?.count == 4)
    // A guess among four is right in a quarter of cases.
    #expect((try judged.json()["test"]?["mean"]?.number ?? 0) > 0.5)
    let found = try Tool.run(
      "probe", "search", probe, seen, "--text-vector", texts, "--name", "blue cat", "--limit", "15",
      "--json")
    #expect(found.code == 0, "\(found.errors)")
    let answer = try found.json()
    #expect(answer["space"]?.string == "text" && answer["models"]?.integer == 60)
    let rows = try #require(answer["results"]?.array)
    #expect(rows.count == 15)
    let scores = rows.compactMap { $0["score"]?.number }
    #expect(scores == scores.sorted(by: >) && scores.allSatisfy { abs($0) <= 1.000001 })
    let right = rows.count { row in
      let name = (row["file"]?.string ?? "") as NSString
      return (Int(name.lastPathComponent.dropFirst().prefix(3)) ?? 0) % 3 == 2
    }
    #expect(right >= 13)
  }

  @Test("models like a model", arguments: ["probex", "dense"])
  func like(_ kind: String) throws {
    let folder = try Scratch()
    let (seen, _) = try models(folder)
    let probe = folder.path("p.h5")
    let trained = try ProbeZoo.train(seen, "which", probe, ["--kind", kind] + Self.small)
    #expect(trained.code == 0, "\(trained.errors)")
    let model = folder.path("seen/m004.safetensors")
    let found = try Tool.run(
      "probe", "search", probe, seen, "--like", model, "--limit", "8", "--json")
    #expect(found.code == 0, "\(found.errors)")
    let answer = try found.json()
    #expect(answer["space"]?.string == (kind == "dense" ? "scores" : "representation"))
    let rows = try #require(answer["results"]?.array)
    #expect(rows.count == 8)
    #expect(rows[0]["file"]?.string?.hasSuffix("m004.safetensors") == true)
    #expect(abs((rows[0]["score"]?.number ?? 0) - 1) < 1e-6)
    #expect(rows.allSatisfy { $0["prediction"]?.string == "red dog" })
    let none = try Tool.run("probe", "search", probe, seen, "--text-vector", model)
    #expect(none.code != 0 && !none.errors.isEmpty)
  }

  @Test("vectors that do not fit the classes are refused")
  func badTexts() throws {
    let folder = try Scratch()
    let (seen, _) = try models(folder)
    let output = folder.path("x.h5")
    let whole = Self.texts
    let cases: [(name: String, texts: [(name: String, values: [Float])], says: String)] = [
      ("missing", Array(whole.dropFirst()), "no vector for the class 'red cat'"),
      ("longer", [(whole[0].name, [1, 2])] + whole.dropFirst(), "'red cat' has 2"),
      ("nan", [(whole[0].name, [1, 0, .nan, 0])] + whole.dropFirst(), "not finite"),
      ("zeros", [(whole[0].name, [0, 0, 0, 0])] + whole.dropFirst(), "all its numbers are 0"),
    ]
    for (name, texts, says) in cases {
      let file = try write(texts, folder.path(name + ".safetensors"))
      let refused = try ProbeZoo.train(seen, "which", output, ["--text-embeddings", file])
      #expect(refused.code == 65, "\(name): \(refused.errors)")
      #expect(refused.errors.contains(says) && refused.errors.contains(name), "\(refused.errors)")
      #expect(refused.errors.split(whereSeparator: \.isNewline).count == 1, "\(refused.errors)")
    }
    let good = try write(whole, folder.path("good.safetensors"))
    for (words, code, says) in [
      (["--kind", "dense"], 64, "compares models with no texts"),
      (["--target", "grade"], 64, "the target is a number"),
    ] {
      let refused = try Tool.run(
        ["probe", "train", seen, "-o", output, "--text-embeddings", good] + words
          + (words.contains("--target") ? [] : ["--target", "which"]))
      #expect(refused.code == code && refused.errors.contains(says), "\(refused.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: output))
    let none = try ProbeZoo.train(
      seen, "which", output, ["--text-embeddings", folder.path("no.npz")])
    #expect(none.code == 66, "\(none.errors)")
    let probe = folder.path("p.h5")
    let trained = try ProbeZoo.train(
      seen, "which", probe, ["--text-embeddings", good, "--epochs", "5"] + Self.small.prefix(7))
    #expect(trained.code == 0, "\(trained.errors)")
    let two = try write([("a", [1, 2])], folder.path("two.safetensors"))
    for (words, code, says) in [
      (["--text-vector", good], 64, "it has 4 vectors"),
      (["--text-vector", good, "--name", "bird"], 64, "no vector 'bird'"),
      (["--text-vector", two], 65, "has 2 numbers, and the probe compares with 4"),
      (["--like", good], 65, "it has no layer fc.weight"),
      ([], 64, "one of --text-vector and --like"),
    ] {
      let refused = try Tool.run(["probe", "search", probe, seen] + words)
      #expect(refused.code == code && refused.errors.contains(says), "\(words): \(refused.errors)")
    }
  }
}
