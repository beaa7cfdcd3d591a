import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `wsl merge` of files whose differences are equal, or have no mean.
@Suite("Merging files on the command line")
struct MergeFilesCommandTests {
  private let scratch: Scratch
  private func path(_ name: String) -> String { scratch.path(name) }

  init() throws { scratch = try Scratch() }

  private func write(_ name: String, _ add: (inout SafetensorsMaker) -> Void) throws -> String {
    var maker = SafetensorsMaker()
    add(&maker)
    try maker.file.write(to: scratch.url.appending(path: name))
    return path(name)
  }

  @Test("TIES of differences on a grid: exactly as many as mergekit, or all equal ones and said")
  func ties() throws {
    // A fine-tune whose steps are few units in the last place, as in BF16.
    var state: UInt64 = 3
    let steps = (0..<1024).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return [0, 0, 1, -1, 1, -1, 2, -2][Int(state >> 61)] / 4096
    }
    let base = try write("base.safetensors") {
      $0.add("w", [32, 32], (0..<1024).map { Float($0 % 64) / 64 })
    }
    let tuned = try write("tuned.safetensors") {
      $0.add("w", [32, 32], (0..<1024).map { Float($0 % 64) / 64 + steps[$0] })
    }
    func merge(_ more: String...) throws -> (Tool.Outcome, changed: Int) {
      let outcome = try Tool.run(
        ["merge", tuned, "--base", base, "-o", path("out.safetensors"), "--force", "--json"] + more)
      let comparison = try Tool.run("diff", base, path("out.safetensors"), "--json").json()
      let share = comparison["tensors"]?[0]?["fractionChanged"]?.number ?? 0
      return (outcome, Int((share * 1024).rounded()))
    }
    let (exact, exactly) = try merge("--method", "ties", "--density", "0.5", "--compat", "mergekit")
    #expect(exact.code == 0 && exactly == 512)
    #expect(try exact.json()["warnings"]?.array?.isEmpty == true)
    #expect(try exact.json()["sources"]?[0]?["stays"]?.number == 0.5)
    let (papers, all) = try merge("--method", "ties", "--density", "0.5")
    #expect(papers.code == 0 && all == steps.count { $0 != 0 })
    let share = try #require(papers.json()["sources"]?[0]?["stays"]?.number)
    #expect(share == Double(all) / 1024)
    #expect(papers.errors.contains("0.7"))
    #expect(papers.errors.contains("stay: many differences are equal"))
    let (crumbs, few) = try merge(
      "--method", "breadcrumbs-ties", "--drop-bottom", "0.4", "--drop-top", "0.1", "--compat",
      "mergekit")
    #expect(crumbs.code == 0 && few <= 512)
    #expect(try merge("--method", "breadcrumbs", "--drop-bottom", "0.4").0.errors.contains("stay:"))
    // Without a choice by magnitude there is nothing to tell.
    let (sum, _) = try merge("--method", "task-arithmetic")
    #expect(try sum.json()["sources"]?[0]?["stays"] == nil && sum.errors.isEmpty)
  }

  @Test("whole numbers are never averaged, and those that differ are named")
  func wholeNumbers() throws {
    func model(_ name: String, _ code: Int32, _ steps: Int64, _ number: Float) throws -> String {
      try write(name) {
        $0.add("fc.qweight", [2], "I32", [code, 5])
        $0.add("fc.scales", [1], [number])
        $0.add("bn.num_batches_tracked", [], "I64", [steps])
        $0.add("bn.weight", [2], [number, 1])
        $0.add("bn.weight.exp_avg", [2], [number, number])
      }
    }
    let a = try model("a.safetensors", 1, 10, 1)
    let b = try model("b.safetensors", 7, 30, 3)
    let out = path("out.safetensors")
    let outcome = try Tool.run("merge", a, b, "-o", out, "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let result = try outcome.json()
    let differing = ["fc.qweight", "bn.num_batches_tracked"]
    #expect(result["differingTensors"]?.array?.compactMap(\.string) == differing)
    #expect(result["boundTensors"]?.array?.compactMap(\.string) == ["fc.scales"])
    #expect(outcome.errors.contains("fc.qweight, bn.num_batches_tracked"))
    let changed = try Tool.run("diff", a, out, "--json").json()["tensors"]?.array?
      .filter { $0["l2"]?.number ?? 0 > 0 }.compactMap { $0["name"]?.string }
    #expect(changed == ["bn.weight"])
    let same = try Tool.run("merge", a, a, "-o", out, "--force", "--json")
    #expect(try same.json()["warnings"]?.array?.isEmpty == true)
  }
}
