import Foundation
import Support
import TestSupport
import Testing

/// `wsl merge --recipe`, and `--shard-size`.
@Suite("Recipes on the command line") struct RecipeMergeCommandTests {
  private let scratch: Scratch
  private func path(_ name: String) -> String { scratch.path(name) }

  init() throws {
    scratch = try Scratch()
    let models = Tool.packageRoot.appendingPathComponent("Tests/MergingTests/Fixtures/mergekit")
    for name in ["base", "math", "code"] {
      try FileManager.default.copyItem(
        at: models.appendingPathComponent(name), to: scratch.url.appendingPathComponent(name))
    }
    try Self.recipe.write(toFile: path("ties.yaml"), atomically: true, encoding: .utf8)
  }

  private static let recipe = """
    merge_method: ties
    base_model: base
    models:
      - {model: math, parameters: {density: 0.5, weight: 1}}
      - {model: code, parameters: {density: 0.5, weight: 1}}
    tokenizer_source: base
    """

  private func run(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.run(arguments, in: scratch.url)
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }

  @Test("folders in, a folder with configuration, tokenizer and recipe out, or a file")
  func folders() throws {
    let outcome = try run("merge", "--recipe", "ties.yaml", "-o", "both", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let result = try outcome.json()
    #expect(result["method"]?.string == "ties" && result["base"]?.string == "base")
    #expect(result["layers"]?.integer == 4 && result["tensors"]?.integer == 39)
    let files = [
      "config.json", "mergekit_config.yml", "model.safetensors", "tokenizer.json",
      "tokenizer_config.json",
    ]
    #expect(try names("both") == files)
    #expect(try run("merge", "--recipe", "ties.yaml", "-o", "one.safetensors").code == 0)
    #expect(try run("diff", "both", "one.safetensors", "--fail-above", "0").code == 0)
    #expect(try run("merge", "--recipe", "ties.yaml", "-o", "both").code == 74)
    #expect(try run("merge", "--recipe", "ties.yaml", "-o", "math", "--force").code == 64)
  }

  @Test("shards have at most the size that was asked for, and an index that is read")
  func shards() throws {
    let outcome = try run(
      "merge", "--recipe", "ties.yaml", "-o", "many", "--shard-size", "3K", "--json")
    let shards = try #require(try outcome.json()["shards"]?.array)
    #expect(shards.count == 4 && shards.allSatisfy { ($0["bytes"]?.integer ?? .max) <= 3072 })
    #expect(try names("many").contains("model.safetensors.index.json"))
    #expect(try run("merge", "--recipe", "ties.yaml", "-o", "one.safetensors").code == 0)
    #expect(try run("diff", "many", "one.safetensors", "--fail-above", "0").code == 0)
    // Without a recipe, too.
    #expect(try run("merge", "math", "code", "-o", "mean", "--shard-size", "4K").code == 0)
    #expect(try names("mean").filter { $0.hasPrefix("model-") }.count == 3)
    #expect(try run("merge", "math", "code", "-o", "mean.safetensors").code == 0)
    #expect(try run("diff", "mean", "mean.safetensors", "--fail-above", "0").code == 0)
  }

  @Test("what a recipe tells is not told twice, and what is missing is said in a line")
  func refusals() throws {
    let cases: [([String], Int32, String)] = [
      (["math", "--recipe", "ties.yaml"], 64, "--recipe names the models"),
      (
        ["--recipe", "ties.yaml", "--method", "mean"], 64, "--method has no meaning beside --recipe"
      ),
      (["--recipe", "ties.yaml", "--match"], 64, "--match has no meaning"),
      (["--recipe", "ties.yaml", "--graph", "net.yaml"], 64, "--graph has no meaning"),
      (["--recipe", "ties.yaml", "--restarts", "3"], 64, "--restarts has no meaning"),
      (["--recipe", "none.yaml"], 66, "none.yaml"),
      ([], 64, "a recipe of mergekit with --recipe"),
    ]
    for (arguments, code, words) in cases {
      let outcome = try Tool.run(["merge", "-o", "out"] + arguments, in: scratch.url)
      #expect(outcome.code == code && outcome.errors.contains(words), "\(outcome.errors)")
    }
    let file = try run(
      "merge", "--recipe", "ties.yaml", "-o", "a.safetensors", "--shard-size", "1M")
    #expect(file.code == 64 && file.errors.contains("--shard-size is for folders"))
    try Self.recipe.replacing("math", with: "org/absent").write(
      toFile: path("absent.yaml"), atomically: true, encoding: .utf8)
    let absent = try run("merge", "--recipe", "absent.yaml", "-o", "out")
    #expect(absent.code == 66 && absent.errors.contains("org/absent"))
  }

  @Test("other tokenizers are said, and refused where one is asked for")
  func tokenizers() throws {
    try #"{"other": 1}"#.write(
      toFile: path("code/tokenizer.json"), atomically: true, encoding: .utf8)
    let refused = try run("merge", "--recipe", "ties.yaml", "-o", "out")
    #expect(refused.code == 65 && refused.errors.contains("tokenizer differs"))
    try Self.recipe.replacing("tokenizer_source: base", with: "").write(
      toFile: path("plain.yaml"), atomically: true, encoding: .utf8)
    let said = try run("merge", "--recipe", "plain.yaml", "-o", "out")
    #expect(said.code == 0 && said.errors.contains("tokenizers of base and code differ"))
  }
}
