import Foundation
import Support
import TestSupport
import Testing

/// `wsl spectrum`, as a user calls it.
@Suite("Spectra on the command line")
struct SpectrumCommandTests {
  private static let fixtures = Tool.packageRoot.appendingPathComponent(
    "Tests/SpectraTests/Fixtures")
  private static func fixture(_ name: String) -> String {
    fixtures.appendingPathComponent(name).path
  }

  @Test("a row a layer, a reason for everything else, WeightWatcher's names where asked for")
  func rows() throws {
    let outcome = try Tool.run("spectrum", Self.fixture("vgg.safetensors"), "--json")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let own = try outcome.json()
    #expect(own["layers"]?.array?.count == 9)
    #expect(own["skipped"]?.array?.allSatisfy { $0["reason"]?.string?.isEmpty == false } == true)
    #expect(own["layers"]?[0]?["alpha"]?.number != nil && own["layers"]?[0]?["stableRank"] != nil)
    let compatible = try Tool.run(
      "spectrum", Self.fixture("vgg.safetensors"), "--json", "--compat", "weightwatcher"
    ).json()
    let truth = try JSONValue(
      parsing: Array(Data(contentsOf: Self.fixtures.appendingPathComponent("vgg.json"))))
    for index in 0..<9 {
      let row = compatible["layers"]?[index]
      #expect(row?["name"]?.string == truth["name"]?[index]?.string)
      let exact = try #require(truth["alpha_weighted"]?[index]?.number)
      let value = try #require(row?["alpha_weighted"]?.number)
      #expect(abs(value - exact) <= 1e-6 * abs(exact))
    }
    let csv = try Tool.run("spectrum", Self.fixture("vgg.safetensors"), "--csv").output
    let lines = csv.split(separator: "\n")
    #expect(lines.count == 10 && lines[0].hasPrefix("name,type,"))
  }

  @Test("what cannot be measured is listed, and the exit code says so")
  func failures() throws {
    let scratch = try Scratch()
    let header = #"{"w.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    var bytes = withUnsafeBytes(of: UInt64(padded.utf8.count).littleEndian) { Array($0) }
    bytes += Array(padded.utf8)
    for value in [1, 2, Float.nan, 4, 5, 6] {
      bytes += withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    let broken = scratch.path("broken.safetensors")
    try Data(bytes).write(to: URL(fileURLWithPath: broken))
    let outcome = try Tool.run("spectrum", broken, "--json")
    #expect(outcome.code == 3 && outcome.errors.contains("finite"))
    #expect(try outcome.json()["failed"]?[0]?["name"]?.string == "w")
    let zero = try Tool.run("spectrum", Self.fixture("mlp.safetensors"), "--json")
    #expect(zero.code == 0 && zero.errors.contains("zero: not finite, and null"))
    #expect(try Tool.run("spectrum", scratch.path("none.h5")).code == 66)
    let several = try Tool.run(
      "spectrum", Self.fixture("keras.h5"), scratch.path("none.h5"), "--json")
    #expect(several.code == 3)
    #expect(try several.json().array?.count == 1)
    for wrong in [
      ["--compare"], ["--angles", "3"], ["--csv", "--json"], ["--bootstrap", "-1"],
      ["--compat", "other"],
      ["--compat", "weightwatcher", "--conv", "flattened"], ["--precision", "f16"],
    ] {
      #expect(try Tool.run(["spectrum", Self.fixture("keras.h5")] + wrong).code == 64)
    }
  }

  @Test("the change between two models, and the picture")
  func compareAndPlot() throws {
    let scratch = try Scratch()
    let model = Self.fixture("keras.h5")
    let same = try Tool.run("spectrum", "--compare", model, model, "--json").json()
    #expect(same["layers"]?.array?.count == 5)
    #expect(same["layers"]?[0]?["spectralDistance"]?.number == 0)
    #expect(same["layers"]?[0]?["change"]?["weightDistance"]?.number == 0)
    #expect(same["layers"]?[0]?["angles"] == nil)
    let turned = try Tool.run("spectrum", "--compare", model, model, "--angles", "2", "--json")
    let angles = try turned.json()["layers"]?[0]?["angles"]
    #expect(angles?["left"]?.array?.count == 2)
    #expect(abs((angles?["leftOverlap"]?.number ?? 0) - 1) < 1e-9)
    let plot = scratch.path("p.svg")
    #expect(try Tool.run("spectrum", model, "--plot", plot).code == 0)
    #expect(try String(contentsOfFile: plot, encoding: .utf8).contains("power law"))
    let parts = ["", "-ccdf", "-depth", "-distance", "-values"]
    #expect(
      Set(scratch.contents)
        == Set(parts.flatMap { ["p\($0).csv", "p\($0).svg", "p\($0).vl.json"] }))
    #expect(try Tool.run("spectrum", model, "--plot", plot).code == 74)
    #expect(try Tool.run("spectrum", model, "--plot", plot, "--force").code == 0)
  }
}
