import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `wsl merge`, `wsl connect` of several networks and with an evaluator, and `wsl report`.
@Suite("Merging and connecting on the command line", .enabled(if: Tool.hasSharedModels))
struct MergeCommandTests {
  private static let models = Tool.sharedModels.path
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("wsl-merge-\(UUID().uuidString)").path
  private func model(_ number: Int) -> String { "\(Self.models)/mnist-mlp-\(number).h5" }

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  @Test("a merge with the whole weight on A is A; a half is in between; nothing is overwritten")
  func merge() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let out = "\(folder)/merged.h5"
    let whole = try Tool.run(["merge", model(1), model(2), "--weights", "1,0", "-o", out])
    #expect(whole.code == 0, "\(whole.errors)")
    let same = try Tool.run(["match", model(1), out, "--json"]).json()
    #expect(same["l2"]?["before"]?.number == 0)
    #expect(try Tool.run(["merge", model(1), model(2), "-o", out]).code == 74)
    let half = try Tool.run(
      ["merge", model(1), model(2), "--match", "-o", out, "--force", "--json"]
    ).json()
    let first = try #require(half["sources"]?[0]?["l2"]?[1]?.number)
    let second = try #require(half["sources"]?[1]?["l2"]?[1]?.number)
    #expect(first > 0 && abs(first - second) < 1e-3 * first)
    for weights in ["0.5", "0.5,0.6", "a,b", "nan,1", "1,"] {
      let outcome = try Tool.run(
        ["merge", model(1), model(2), "--weights", weights, "-o", "\(folder)/x.h5"])
      #expect(outcome.code == 64 && outcome.errors.contains("--weights"))
    }
  }

  @Test("formulas that count from a base, in another format, and what they refuse")
  func formulas() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func fashion(_ number: Int) -> String { "\(Self.models)/fashion-mlp512-\(number).h5" }
    let out = "\(folder)/merged.safetensors"
    let inputs = [fashion(1), fashion(2), "--base", fashion(3), "-o", out, "--force", "--json"]
    for method in [
      "task-arithmetic", "ties", "dare", "dare-ties", "breadcrumbs", "breadcrumbs-ties",
      "model-stock", "tall-masks",
    ] {
      let result = try Tool.run(["merge"] + inputs + ["--method", method]).json()
      #expect(result["method"]?.string == method && result["tensors"]?.number == 8)
    }
    // A single model and a scale of 1 is the model itself.
    let alone = try Tool.run([
      "merge", fashion(1), "--base", fashion(3), "--method", "task-arithmetic", "-o", out,
      "--force", "--json",
    ]).json()
    #expect((alone["sources"]?[0]?["l2"]?[0]?.number ?? 1) < 1e-4)
    for (arguments, code, words) in [
      ([fashion(1), fashion(2), "--method", "ties"], 64, "--base"),
      ([fashion(1), fashion(2), "--density", "0.3"], 64, "--density"),
      ([fashion(1), fashion(2), "--method", "slerp", "--base", fashion(3)], 64, "--base"),
      ([fashion(1), fashion(2), fashion(3), "--method", "slerp"], 64, "slerp"),
      ([fashion(1), model(1)], 65, "no tensor"),
      ([fashion(1), "\(folder)/missing.h5"], 66, "missing.h5"),
      ([fashion(1), fashion(2), "--match-method", "weights"], 64, "--match-method"),
    ] {
      let outcome = try Tool.run(["merge"] + arguments + ["-o", "\(folder)/x.h5"])
      #expect(outcome.code == Int32(code) && outcome.errors.contains(words), "\(arguments)")
    }
    #expect(
      try Tool.run(["merge", fashion(1), fashion(2), "-o", "\(folder)/x.keras"]).code == 64)
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/x.h5"))
  }

  @Test("the user's evaluator is asked for every point; a bad answer is one line")
  func evaluator() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let script = """
      while read -r line; do echo "$line" >> \(folder)/asked; \
      echo '{"loss": 2, "accuracy": 0.5}'; done
      """
    let arguments = [
      "connect", model(1), model(2), "--points", "3", "--no-measures", "--json", "--evaluator",
    ]
    let result = try Tool.run(arguments + [script]).json()
    #expect(result["curves"]?[0]?["points"]?[1]?["loss"]?.number == 2)
    let asked = try String(contentsOfFile: "\(folder)/asked", encoding: .utf8)
      .split(separator: "\n")
    #expect(asked.count == 3 && asked.allSatisfy { $0.contains(#""split":"test""#) })
    let path = try JSONValue(parsing: Array(asked[0].utf8))["path"]?.string
    #expect(!FileManager.default.fileExists(atPath: try #require(path)))
    for command in ["echo nonsense", "exit 3", "read x; echo '{\"error\": \"no GPU\"}'"] {
      let outcome = try Tool.run(arguments + [command])
      #expect(outcome.code == 1 && outcome.errors.contains("--evaluator"))
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
    let slow = try Tool.run(arguments + ["sleep 60", "--evaluator-timeout", "1"])
    #expect(slow.code == 1 && slow.errors.contains("no answer in 1 s"))
  }

  @Test("results become one page, and what is no result is refused")
  func report() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let plot = "\(folder)/path.svg"
    let connect = try Tool.run([
      "connect", model(1), model(2), "--points", "3", "--json", "--match", "--plot", plot,
      "--evaluator", #"while read -r x; do echo '{"loss": 1, "accuracy": 0.5}'; done"#,
    ])
    // Each figure with its numbers and its description beside it, and nothing else.
    let figures = ["path", "path-alignment", "path-spectra"].flatMap { name in
      ["\(name).csv", "\(name).svg", "\(name).vl.json"]
    }
    #expect(Set(try FileManager.default.subpathsOfDirectory(atPath: folder)) == Set(figures))
    let result = try connect.json()
    #expect(result["curves"]?[1]?["taylor"]?["estimate"]?.number == 0)
    let ends = try #require(result["curves"]?[1]?["alignment"]?["ends"]?[3]?.number)
    #expect(ends > (result["curves"]?[0]?["alignment"]?["ends"]?[3]?.number ?? 1))
    try connect.output.write(toFile: "\(folder)/pair.json", atomically: true, encoding: .utf8)
    let page = "\(folder)/report.html"
    #expect(try Tool.run(["report", folder, "-o", page]).code == 0)
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.contains("<svg") && text.contains("weights matched") && !text.contains("<script"))
    try "{}".write(toFile: "\(folder)/other.json", atomically: true, encoding: .utf8)
    let refused = try Tool.run(["report", folder, "-o", page, "--force"])
    #expect(refused.code == 65 && refused.errors.contains("other.json"))
  }
}
