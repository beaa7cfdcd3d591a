import Foundation
import Testing
import Support
import TestSupport

/// `wsl phases` as a user runs it.
@Suite("wsl phases")
struct PhasesCommandTests {
  /// A table of a grid of 6 × 6 cells whose phases are known: small batches do not fit, narrow networks
  /// have barriers, and the widest answer alike.
  private func table(
    seeds: Int = 2, change: (_ row: Int, _ cells: inout [String]) -> Void = { _, _ in }
  ) -> String {
    var lines = ["bs,width,seed,test_acc,train_loss,log_trace,cka,mc"]
    for bs in [8, 16, 32, 64, 128, 256] {
      for width in [2, 4, 8, 16, 32, 64] {
        for seed in 0..<seeds {
          let high = bs <= 16
          let apart = width <= 8
          let shake = Double((bs * 7 + width * 3 + seed * 5) % 11) / 100
          let accuracy = (high ? 60 : 80) + (apart ? 0 : 5) + (width == 64 ? 3 : 0)
          var cells = [
            "\(bs)", "\(width)", "\(seed)", "\(Double(accuracy) + shake)",
            "\((high ? 0.7 : 0.02) * (1 + shake))", "\(high ? 8.0 : 4.0)",
            "\((width == 64 && !high ? 0.8 : 0.4) + shake)",
            "\((apart ? -12 : -0.1) * (1 + shake))",
          ]
          change(lines.count, &cells)
          lines.append(cells.joined(separator: ","))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func expected(_ bs: Double, _ width: Double) -> String {
    if bs <= 16 { return width <= 8 ? "I" : "II" }
    return width <= 8 ? "III" : width == 64 ? "IV-B" : "IV-A"
  }

  private func run(_ text: String, _ arguments: String...) throws -> Tool.Outcome {
    let folder = try Scratch()
    let path = folder.path("grid.csv")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try Tool.run(["phases", "--table", path, "--draws", "20"] + arguments)
  }

  @Test("the phases of a table, found and with thresholds that are given")
  func phases() throws {
    for arguments in [[], ["--thresholds", "loss=0.1,connectivity=1,similarity=0.65"]] {
      let folder = try Scratch()
      let path = folder.path("grid.csv")
      try table().write(toFile: path, atomically: true, encoding: .utf8)
      let outcome = try Tool.run(
        ["phases", "--table", path, "--load", "width", "--temperature", "bs", "--json"] + arguments
          + ["--draws", "20"])
      #expect(outcome.code == 0, "\(outcome.errors)")
      let json = try outcome.json()
      let cells = try #require(json["cells"]?.array)
      #expect(cells.count == 36)
      for cell in cells {
        let (bs, width) = (cell["temperature"]?.number ?? 0, cell["load"]?.number ?? 0)
        #expect(cell["phase"]?.string == Self.expected(bs, width), "\(cell)")
        #expect(cell["models"]?.integer == 2 && cell["confidence"]?.number == 1)
        // The table holds the logarithm of the trace.
        let trace = try #require(cell["hessianTrace"]?.number)
        #expect(abs(trace - exp(bs <= 16 ? 8 : 4)) < 1e-6 * trace)
        #expect(cell["hessianTopEigenvalue"] == .null)
      }
      let phases = try #require(json["phases"]?.array)
      #expect(phases.map { $0["phase"]?.string } == ["I", "II", "III", "IV-A", "IV-B"])
      #expect(phases.map { $0["cells"]?.integer } == [6, 6, 12, 8, 4])
      #expect(json["coverage"]?["missing"]?.array == [])
      let line = try #require(
        json["boundaries"]?.array?.first { $0["measure"]?.string == "connectivity" })
      // Between widths 8 and 16, in all six rows.
      let loads = line["points"]?.array?.compactMap { $0["load"]?.number } ?? []
      #expect(loads.count == 6 && loads.allSatisfy { (8...16).contains($0) }, "\(loads)")
    }
  }

  @Test("--where takes a part of the rows; the table for people shows the map")
  func part() throws {
    let outcome = try run(table(), "--where", "width >= 4 and bs < 256")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(
      lines[0].split(separator: " ").map(String.init).suffix(5) == ["4", "8", "16", "32", "64"])
    #expect(lines[1].split(separator: " ").map(String.init) == ["8", "I", "I", "II", "II", "II"])
    #expect(lines.contains { $0.hasPrefix("IV-B") && $0.contains("generalising") })
  }

  @Test("holes, NaN, words, one seed, duplicates: the cell says why, or a warning does")
  func holes() throws {
    let text = table { row, cells in
      switch row {
      // Both seeds of the cells of bs 256 (rows 61 to 72).
      case 71, 72: cells[6] = "nan"
      case 69, 70: cells[4] = "NaN"
      case 67, 68: cells[7] = "broken"
      case 65: cells[3] = ""
      default: break
      }
    }
    var lines = text.split(separator: "\n").map(String.init)
    // A cell that is not there, one with a seed only, and a row that stands there twice.
    lines.removeAll { $0.hasPrefix("64,2,") || $0.hasPrefix("64,4,1,") }
    lines.append(lines[1])
    let outcome = try run(lines.joined(separator: "\n"), "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    let cells = try #require(json["cells"]?.array)
    #expect(cells.count == 35)
    func cell(_ bs: Double, _ width: Double) -> JSONValue? {
      cells.first { $0["temperature"]?.number == bs && $0["load"]?.number == width }
    }
    #expect(cell(256, 64)?["reason"]?.string == "the similarity is missing or not a number")
    #expect(cell(256, 32)?["reason"]?.string == "the train loss is missing or not a number")
    #expect(cell(256, 16)?["reason"]?.string == "the connectivity is missing or not a number")
    #expect(cell(256, 16)?["phase"] == .null && cell(256, 16)?["confidence"] == .null)
    #expect(cell(64, 4)?["models"]?.integer == 1 && cell(64, 4)?["phase"]?.string == "III")
    #expect(cell(8, 2)?["models"]?.integer == 2)
    let runs = json["coverage"]?["runs"]?.array?.compactMap { $0["reason"]?.string } ?? []
    #expect(runs.contains("the grid has a hole here"))
    let warnings = json["warnings"]?.array?.compactMap(\.string) ?? []
    #expect(warnings.contains { $0.contains("'broken'") }, "\(warnings)")
    #expect(warnings.contains { $0.hasPrefix("1 rows stand there twice") }, "\(warnings)")
    #expect(warnings.contains { $0.hasPrefix("1 cells have one model") }, "\(warnings)")
  }

  @Test("what cannot be done is one line with its place and what to do")
  func refusals() throws {
    let good = table()
    let folder = try Scratch()
    let heading = "bs,width,train_loss,mc,cka\n"
    for (text, arguments, code, part) in [
      (good, ["--load", "depth"], 64 as Int32, "there is no column 'depth'"),
      (good, ["--load", "widht"], 64, "there is width"),
      (good, ["--load", "bs", "--temperature", "bs"], 64, "are one column"),
      (good, ["--where", "width >"], 64, "cannot be asked"),
      (good, ["--where", "width > 1000"], 65, "no row fits"),
      (good, ["--thresholds", "loss=abc"], 64, "is no number"),
      (good, ["--thresholds", "size=1"], 64, "knows no 'size'"),
      (good, ["--columns", "connectivity=nothing"], 64, "there is no column 'nothing'"),
      (good, ["--outcomes", "nothing"], 64, "there is no column 'nothing'"),
      (good.replacing("train_loss", with: "tl"), [], 65, "no cell has a train loss"),
      (table { if $0 == 5 { $1[1] = "wide" } }, [], 65, "row 5: 'wide' in column width"),
      (heading, [], 65, "has no rows"),
      (heading + "8,2,0.1,0\n", [], 65, "line 2: it has 4 cells"),
      (heading + "8,2,0.1,0,0.5\n", [], 65, "thresholds are found from 10 up"),
      ("bs,width,bs\n1,2,3\n", [], 65, "two columns are called 'bs'"),
      ("", [], 65, "no heading"),
      ("a;b\n1;2\n", [], 64, "no column is called as a load"),
    ] {
      let path = folder.path("t.csv")
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let outcome = try Tool.run(["phases", "--table", path, "--draws", "2"] + arguments)
      #expect(outcome.code == code, "\(arguments) \(part): \(outcome.errors)")
      #expect(outcome.errors.contains(part), "\(part): \(outcome.errors)")
      let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("error") }
      #expect(lines.count == 1 && outcome.output.isEmpty)
    }
    let none = try Tool.run("phases", "--table", folder.path("none.csv"))
    #expect(none.code == 66)
  }

  @Test("the map as a page, in the form that its name says; a page that is there stays")
  func page() throws {
    let folder = try Scratch()
    let path = folder.path("grid.csv")
    try table().write(toFile: path, atomically: true, encoding: .utf8)
    for (name, parts) in [
      ("p.md", ["| IV-B | generalising | 4 |", "*Figure: Phases of the loss landscape"]),
      // Words have a rim, so that no boundary crosses a number.
      ("p.html", ["<svg", "generalising", "Spearman", "paint-order=\"stroke\""]),
      ("p.ipynb", ["image/svg+xml", "\"nbformat\" : 4", "read_csv"]),
    ] {
      let words = ["phases", "--table", path, "--draws", "20", "-o", folder.path(name)]
      let outcome = try Tool.run(words)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let page = try String(contentsOfFile: folder.path(name), encoding: .utf8)
      for part in parts { #expect(page.contains(part), "\(name) \(part)") }
      #expect(try Tool.run(words).code == 74)
      #expect(try Tool.run(words + ["--force"]).code == 0)
    }
    let other = try Tool.run("phases", "--table", path, "-o", folder.path("p.pdf"))
    #expect(other.code == 64 && other.errors.contains(".html, .ipynb or .md"))
  }

  private static let golden = Tool.packageRoot
    .appendingPathComponent("../shared/golden/taxonomy_grid.csv").standardized.path

  /// The map of Yang et al.'s own measures by thresholds of 0.1, 1 point and 0.65, for nine batch sizes
  /// of widths 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128: 1 to 5 for I to IV-B.
  private static let map: [(Double, String)] = [
    (16, "1222222222244"), (24, "1111222244444"), (32, "1111122444445"), (44, "1111113445555"),
    (64, "1111334555555"), (128, "1113333555555"), (256, "1133333555555"), (512, "1133333444555"),
    (1024, "1133334444454"),
  ]

  @Test(
    "the published grid: its map cell for cell, and 85 % of it with thresholds that are found",
    .enabled(if: FileManager.default.fileExists(atPath: golden), "needs ../shared/golden"))
  func published() throws {
    let widths: [Double] = [2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128]
    let names = ["I", "II", "III", "IV-A", "IV-B"]
    func phases(_ arguments: String...) throws -> (JSONValue, [[Double]: String]) {
      let outcome = try Tool.run(
        ["phases", "--table", Self.golden, "--load", "width", "--temperature", "bs", "--json"]
          + ["--draws", "20"] + arguments)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let json = try outcome.json()
      let pairs = (json["cells"]?.array ?? []).compactMap { cell -> ([Double], String)? in
        guard let load = cell["load"]?.number, let temperature = cell["temperature"]?.number,
          let phase = cell["phase"]?.string
        else { return nil }
        return ([temperature, load], phase)
      }
      return (json, Dictionary(uniqueKeysWithValues: pairs))
    }
    let given = "loss=0.1,connectivity=1,similarity=0.65"
    let (json, cells) = try phases(
      "--where", "width >= 2 and test_acc is not null", "--thresholds", given)
    #expect(cells.count == 169)
    for (bs, row) in Self.map {
      for (width, mark) in zip(widths, row) {
        let expected = names[(mark.wholeNumberValue ?? 1) - 1]
        #expect(cells[[bs, width]] == expected, "\(bs), \(width)")
      }
    }
    let summaries = try #require(json["phases"]?.array)
    #expect(summaries.map { $0["cells"]?.integer } == [39, 16, 37, 32, 45])
    for (summary, mean) in zip(summaries, [73.6, 79.9, 80.5, 84.1, 87.5]) {
      // As exact as they are stated.
      #expect(abs((summary["testAccuracy"]?.number ?? 0) - mean) <= 0.06, "\(summary)")
    }
    let similarity = json["correlations"]?.array?.first { $0["measure"]?.string == "similarity" }
    #expect(abs((similarity?["spearman"]?.number ?? 0) - 0.886) < 5e-4)
    // Every complete cell, and the whole file, where width 1 and cells without accuracy are too.
    for arguments in [["--where", "width >= 2 and test_acc is not null"], ["--where", "1"]] {
      let (_, found) = try phases(arguments[0], arguments[1])
      let same = cells.count { found[$0.key] == $0.value }
      #expect(Double(same) >= 0.85 * 169, "\(arguments): \(same)")
    }
  }
}
