import Foundation
import Support
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `--plot` of spectra, differences, matches and signatures; `--json-lines`, and which layers are measured.
///
/// Looked at as pictures as well, of two dense networks, a Llama and a signature: no label was cut or lay on
/// another.
@Suite("Figures and lines on the command line") struct FigureCommandTests {
  private static let models = Tool.packageRoot.appendingPathComponent(
    "Tests/MergingTests/Fixtures/mergekit")
  private static let formats = Tool.packageRoot.appendingPathComponent(
    "Tests/wslTests/Fixtures/formats")

  private let scratch: Scratch
  private func path(_ name: String) -> String { scratch.path(name) }

  init() throws { scratch = try Scratch() }

  private func model(_ name: String) -> String { Self.models.appendingPathComponent(name).path }
  private func file(_ name: String) -> String { Self.formats.appendingPathComponent(name).path }

  /// A command, and the figures that it draws beside the first.
  private static let drawing: [(arguments: [String], parts: [String])] = [
    (["spectrum", "MODELS/base"], ["", "-ccdf", "-distance", "-depth", "-values"]),
    (["spectrum", "MODELS/base", "MODELS/math", "--compare"], ["", "-layers"]),
    (["diff", "MODELS/base", "MODELS/math"], [""]),
    (["match", "FORMATS/a.safetensors", "FORMATS/b.safetensors"], ["", "-before", "-after"]),
  ]

  @Test("each figure is SVG, CSV and Vega-Lite, and is named", arguments: drawing.indices)
  func figures(_ place: Int) throws {
    let (arguments, parts) = Self.drawing[place]
    let words = arguments.map {
      $0.replacing("MODELS", with: Self.models.path).replacing("FORMATS", with: Self.formats.path)
    }
    let outcome = try Tool.run(words + ["--plot", path("f.svg")])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let endings = [".svg", ".csv", ".vl.json"]
    #expect(
      scratch.contents.sorted()
        == parts.flatMap { part in endings.map { "f\(part)\($0)" } }.sorted())
    for part in parts {
      #expect(outcome.output.contains("written: " + path("f\(part).svg")))
      let svg = try String(contentsOfFile: path("f\(part).svg"), encoding: .utf8)
      #expect(XMLParser(data: Data(svg.utf8)).parse())
    }
    let again = try Tool.run(words + ["--plot", path("f.svg")])
    #expect(again.code == 74 && again.errors.contains("--force"))
  }

  @Test("the tail begins at 1, falls, and the law begins at the threshold")
  func tail() throws {
    let outcome = try Tool.run("spectrum", model("base"), "--plot", path("f.svg"), "--json")
    let layers = try #require(try outcome.json()["layers"]?.array)
    let rows = try String(contentsOfFile: path("f-ccdf.csv"), encoding: .utf8)
      .split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
    let first = try #require(layers.first { $0["xmin"]?.number != nil })
    let name = try #require(first["name"]?.string)
    // The title of the panel holds commas, so that numbers are the last two cells.
    let own = rows.filter { $0[0].contains(name) }
    let points = own.filter { $0.contains("eigenvalues") }.compactMap { Double($0[$0.count - 1]) }
    #expect(points.first == 0 && zip(points, points.dropFirst()).allSatisfy { $1 < $0 })
    let start = try #require(own.first { $0.contains("x_min") })
    let threshold = try #require(first["xmin"]?.number)
    #expect(abs((Double(start[start.count - 2]) ?? 0) - log10(threshold)) < 1e-12)
  }

  @Test("a layer is taken by its name, type or tensor, and by its size")
  func layers() throws {
    func names(_ options: String...) throws -> [String] {
      let outcome = try Tool.run(["spectrum", model("math"), "--json"] + options)
      return try outcome.json()["layers"]?.array?.compactMap { $0["name"]?.string } ?? []
    }
    let all = try names()
    let mlp = try names("--layers", "model.layers.*.mlp.*")
    #expect(mlp.count == 12 && mlp.allSatisfy { $0.contains(".mlp.") } && mlp.count < all.count)
    #expect(try names("--layers", "*.0.mlp.*", "--layers", "lm_head*").count == 4)
    #expect(try names("--min-size", "8").allSatisfy { !$0.contains("k_proj") })
    #expect(
      try names("--max-size", "4").allSatisfy { $0.contains("k_proj") || $0.contains("v_proj") })
    let none = try Tool.run("spectrum", model("math"), "--layers", "conv*")
    #expect(none.code == 64 && none.errors.contains("no layer fits"))
    #expect(
      try Tool.run("spectrum", model("math"), "--min-size", "9", "--max-size", "8").code == 64)
  }

  @Test("the summary has WeightWatcher's keys, or ours, a row a file")
  func summary() throws {
    let files = ["spectrum", model("base"), model("math"), "--summary"]
    let table = try Tool.run(files + ["--compat", "weightwatcher", "--csv"])
    let lines = table.output.split(separator: "\n")
    #expect(
      lines.first
        == "file,layers,log_norm,alpha,alpha_weighted,log_alpha_norm,log_spectral_norm,stable_rank")
    #expect(lines.count == 3)
    let document = try Tool.run(files + ["--compat", "weightwatcher", "--json"]).json()
    let whole = try Tool.run(
      "spectrum", model("base"), "--compat", "weightwatcher", "--json"
    ).json()
    #expect(document[0]?["summary"] == whole["summary"])
    #expect(document[0]?["measuredLayers"]?.integer == whole["layers"]?.array?.count)
  }

  @Test("one document a line, also for what cannot be read")
  func lines() throws {
    for command in ["inspect", "spectrum"] {
      let outcome = try Tool.run(
        command, model("base"), path("none.h5"), model("math"), "--json-lines")
      let lines = outcome.output.split(separator: "\n")
      #expect(outcome.code == 3 && lines.count == 3)
      let documents = try lines.map { try JSONValue(parsing: $0.utf8) }
      #expect(documents[0]["file"]?.string == model("base"))
      #expect(documents[1]["error"]?["exitCode"]?.integer == 66)
      #expect(documents[1]["file"]?.string == path("none.h5"))
      #expect(documents[2]["error"] == nil)
    }
    let single = try Tool.run("inspect", model("base"), "--json-lines")
    #expect(try single.json()["file"]?.string == model("base"))
    #expect(try Tool.run("inspect", model("base"), "--json-lines", "--json").code == 64)
  }
}
