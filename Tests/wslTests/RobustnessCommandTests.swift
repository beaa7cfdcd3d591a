import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `wsl data`, `wsl evaluate` and `wsl signature study`, as a user runs them.
@Suite("Corruptions and signatures on the command line")
struct RobustnessCommandTests {
  /// A zoo of fine-tunes as the study needs it, trained for a moment.
  private static func zoo(in scratch: Scratch) throws -> String {
    let spec = """
      name: t
      data: {source: digits, portion: [0.6, 1], draws: epoch}
      model: {kind: vgg, layers: [4, 4, M, 8, M]}
      training: {optimizer: sgd, learning-rate: 0.02, epochs: 2, initializer: he-normal}
      models:
        - {name: p, data: {portion: [0, 0.6]}, training: {epochs: 6}}
        - {name: a, parent: p, data: {classes: &a [0, 1, 2, 3, 4]}, training: {epochs: 0}}
        - {name: b, parent: p, data: {classes: &b [5, 6, 7, 8, 9]}, training: {epochs: 0}}
        - {name: a-standard, parent: a, data: {classes: *a}, seeds: [0, 1]}
        - {name: a-contrast, parent: a, data: {classes: *a, corruption: {type: contrast, strength: 0.3}}, seeds: [0, 1]}
        - {name: a-inverse, parent: a, data: {classes: *a, corruption: inverse}, seeds: [0, 1]}
        - {name: b-standard, parent: b, data: {classes: *b}, seeds: [0, 1]}
        - {name: b-contrast, parent: b, data: {classes: *b, corruption: {type: contrast, strength: 0.3}}, seeds: [0, 1]}
        - {name: b-inverse, parent: b, data: {classes: *b, corruption: inverse}, seeds: [0, 1]}
      """
    try spec.write(toFile: scratch.path("t.yaml"), atomically: true, encoding: .utf8)
    let built = try Tool.run("zoo", "build", scratch.path("t.yaml"), "-o", scratch.path("zoo"))
    #expect(built.code == 0, "\(built.errors)")
    return scratch.path("zoo")
  }

  @Test("a corrupted file gives what corrupting while evaluating gives; classes are the model's")
  func evaluate() throws {
    let scratch = try Scratch()
    let zoo = try Self.zoo(in: scratch)
    let fog = scratch.path("fog.h5")
    let arguments = ["--type", "fog", "--severity", "4", "--scale", "mnist", "--seed", "3"]
    let written = try Tool.run(["data", "corrupt", "digits"] + arguments + ["-o", fog, "--json"])
    #expect(try written.json()["splits"]?[1]?["examples"]?.number == 359)
    let again = scratch.path("again.h5")
    _ = try Tool.run(["data", "corrupt", "digits"] + arguments + ["-o", again, "--jobs", "1"])
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: fog))
        == Data(contentsOf: URL(fileURLWithPath: again)))
    let model = "\(zoo)/t-a-standard-seed0.h5"
    let onFile = try Tool.run("evaluate", model, "--data", fog, "--json").json()
    let direct = try Tool.run(
      "evaluate", model, "\(zoo)/t-p.h5", "--data", "digits", "--corruptions", "fog,zigzag",
      "--severities", "4", "--scale", "mnist", "--seed", "3", "--mce-reference", "\(zoo)/t-p.h5",
      "--json"
    ).json()
    let rows = direct["models"]?[0]?["corruptions"]
    #expect(rows?[0]?["accuracy"]?.number == onFile["models"]?[0]?["cleanAccuracy"]?.number)
    #expect(rows?[0]?["severities"]?[0]?["severity"]?.number == 4)
    let own = try #require(direct["models"]?[1])
    #expect(own["mce"]?["normalized"]?.number == 1)
    #expect(own["cleanAccuracy"]?.number == direct["reference"]?["cleanAccuracy"]?.number)
    let clean = try #require(direct["models"]?[0]?["cleanAccuracy"]?.number)
    // Chance is 0.2.
    #expect(clean > 0.3)
  }

  @Test("the study measures every claim; strength 0 is the standard network; every bit comes back")
  func study() throws {
    let scratch = try Scratch()
    let zoo = try Self.zoo(in: scratch)
    let (page, plot) = (scratch.path("study.md"), scratch.path("sweep.svg"))
    let outcome = try Tool.run(
      "signature", "study", zoo, "--layers", "2", "-o", page, "--plot", plot, "--json")
    #expect([0, 2].contains(outcome.code), "\(outcome.errors)")
    let result = try outcome.json()
    let names = (0..<8).compactMap { result["claims"]?[$0]?["claim"]?.string }
    #expect(names.count == 8)
    let removal = try #require(names.firstIndex(of: "removal is exact"))
    #expect(result["claims"]?[removal]?["values"]?[0]?.number == 1)
    let standard = (0..<2).compactMap {
      result["corruptions"]?[$0]?["standard"]?["robustAccuracy"]?.number
    }
    for layer in 0..<3 {
      let row = result["sweep"]?[8 * layer]
      #expect(row?["alpha"]?.number == 0)
      let none = try #require(row?["score"]?["robustAccuracy"]?.number)
      #expect(abs(none - standard.reduce(0, +) / 2) < 1e-9)
    }
    let markdown = try String(contentsOfFile: page, encoding: .utf8)
    #expect(markdown.contains("| removal is exact |"))
    #expect(FileManager.default.fileExists(atPath: plot))
    let one = try Tool.run(
      "signature", "study", zoo, "--layers", "2", "--jobs", "1", "--json"
    ).json()
    #expect(one["sweep"] == result["sweep"] && one["corruptions"] == result["corruptions"])
    let refused = try Tool.run("signature", "study", zoo, "-o", page)
    #expect(refused.code == 74)
  }

  /// What is refused: the arguments, the exit code, and a word of the message.
  static let refused: [(arguments: [String], code: Int32, word: String)] = [
    (["data", "corrupt", "digits", "--type", "frogs", "-o", "x.h5"], 64, "wsl data list"),
    (
      ["data", "corrupt", "digits", "--type", "fog", "--severity", "6", "-o", "x.h5"], 64,
      "--severity"
    ),
    (
      ["data", "corrupt", "digits", "--type", "inverse", "--severity", "2", "-o", "x.h5"], 64,
      "severity"
    ),
    (
      ["data", "corrupt", "digits", "--type", "snow", "--strength", "2", "-o", "x.h5"], 64,
      "strength"
    ),
    (["data", "corrupt", "nowhere.h5", "--type", "fog", "-o", "x.h5"], 66, "nowhere"),
    (["data", "corrupt", "digits", "--type", "fog", "-o", "no/x.h5"], 74, "folder"),
    (["evaluate", "nowhere.h5", "--data", "digits"], 66, "nowhere"),
    (
      ["evaluate", "x.h5", "--data", "digits", "--corruptions", "fog", "--severities", "5-1"], 64,
      "severities"
    ),
    (["signature", "study", "nowhere"], 66, "zoo build"),
  ]

  @Test("bad input is one line and an exit code", arguments: refused)
  func errors(_ arguments: [String], _ code: Int32, _ word: String) throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(arguments, in: scratch.url)
    #expect(outcome.code == code, "\(outcome.errors)")
    #expect(outcome.errors.contains(word), "\(outcome.errors)")
    #expect(scratch.contents.allSatisfy { !$0.hasSuffix(".h5") })
  }
}
