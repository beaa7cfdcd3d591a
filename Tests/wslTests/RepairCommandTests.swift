import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `wsl connect --repair`.
@Suite("Repairs on the command line")
struct RepairCommandTests {
  private static let models = Tool.sharedModels.path
  private static let data = Tool.packageRoot.appendingPathComponent("../shared/data/mnist.h5")
    .standardized.path
  private static let areAtHand =
    Tool.hasSharedModels && FileManager.default.fileExists(atPath: data)

  private func connect(_ kind: String, _ more: String...) throws -> Tool.Outcome {
    try Tool.run(
      [
        "connect", "\(Self.models)/mnist-\(kind)-1.h5", "\(Self.models)/mnist-\(kind)-2.h5",
        "--data", Self.data, "--points", "3", "--limit", "1000",
      ] + more)
  }

  @Test("reset removes most of a matched network's barrier", .enabled(if: areAtHand))
  func reset() throws {
    let outcome = try connect(
      "cnn", "--match", "--repair", "reset", "--repair-examples", "2000", "--json")
    let result = try outcome.json()
    #expect(outcome.code == 0 && !outcome.errors.contains("overstated"))
    #expect(result["repair"]?["method"]?.string == "reset")
    #expect(result["repair"]?["examples"]?.integer == 2000)
    let curves = try #require(result["curves"]?.array)
    #expect(
      curves.map { $0["name"]?.string } == ["naive", "naive+reset", "matched", "matched+reset"])
    func middle(_ index: Int) throws -> Double {
      try #require(curves[index]["points"]?[1]?["loss"]?.number)
    }
    #expect(try middle(3) < middle(2) && middle(1) < middle(0) && middle(3) < middle(1))
    let table = try connect("cnn", "--repair", "reset", "--repair-examples", "500")
    #expect(table.output.contains("the ends too, on 500 training examples"))
    let plain = try connect("cnn")
    #expect(plain.errors.contains("use --repair reset"))
  }

  @Test("rescaling lowers the middle and keeps the ends", .enabled(if: areAtHand))
  func rescale() throws {
    let result = try connect("mlp", "--repair", "rescale", "--json").json()
    func loss(_ curve: Int, _ point: Int) -> Double? {
      result["curves"]?[curve]?["points"]?[point]?["loss"]?.number
    }
    #expect(loss(0, 0) == loss(1, 0) && loss(0, 2) == loss(1, 2))
    #expect(try #require(loss(1, 1)) < #require(loss(0, 1)))
    #expect(result["repair"]?["method"]?.string == "rescale")
  }

  @Test("REPAIR lowers the middle of a matched path and keeps the ends", .enabled(if: areAtHand))
  func repair() throws {
    let result = try connect(
      "mlp", "--match", "--repair", "repair", "--repair-examples", "2000", "--json"
    ).json()
    func loss(_ curve: Int, _ point: Int) -> Double? {
      result["curves"]?[curve]?["points"]?[point]?["loss"]?.number
    }
    #expect(result["curves"]?[3]?["name"]?.string == "matched+repair")
    #expect(loss(2, 0) == loss(3, 0) && loss(2, 2) == loss(3, 2))
    #expect(try #require(loss(1, 1)) < #require(loss(0, 1)))
    #expect(result["repair"]?["examples"]?.integer == 2000)
    #expect(try connect("cnn", "--repair", "repair").code == 64)
  }

  @Test("the wrong repair is refused, and the right one named", .enabled(if: areAtHand))
  func refusals() throws {
    let reset = try connect("mlp", "--repair", "reset")
    #expect(reset.code == 64 && reset.errors.contains("--repair repair"))
    let rescale = try connect("cnn", "--repair", "rescale")
    #expect(rescale.code == 64 && rescale.errors.contains("reset"))
    #expect(try connect("cnn", "--repair", "reset", "--repair-examples", "1").code == 64)
  }
}
