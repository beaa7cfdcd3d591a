import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `--scale-units`, and what `connect` says of layers' outputs.
@Suite("Scales and bounds on the command line")
struct ScaleCommandTests {
  private static let models = Tool.sharedModels.path
  private static let data = Tool.packageRoot.appendingPathComponent("../shared/data/mnist.h5")
    .standardized.path
  private static let areAtHand =
    Tool.hasSharedModels && FileManager.default.fileExists(atPath: data)

  @Test("the scaled line is lower, and the bounds hold", .enabled(if: areAtHand))
  func connect() throws {
    let outcome = try Tool.run(
      "connect", "\(Self.models)/mnist-cnn-1.h5", "\(Self.models)/mnist-cnn-2.h5", "--data",
      Self.data, "--points", "3", "--limit", "1000", "--scale-units", "--scale-epochs", "0.3",
      "--repair", "reset", "--repair-examples", "1000", "--json")
    let result = try outcome.json()
    #expect(outcome.code == 0)
    let curves = try #require(result["curves"]?.array)
    #expect(
      curves.map { $0["name"]?.string } == ["naive", "naive+reset", "scaled", "scaled+reset"])
    func loss(_ curve: Int, _ point: Int) throws -> Double {
      try #require(curves[curve]["points"]?[point]?["loss"]?.number)
    }
    #expect(try loss(3, 1) < loss(1, 1))
    // The ends compute what they did.
    #expect(try abs(loss(2, 2) - loss(0, 2)) < 1e-4 && loss(2, 0) == loss(0, 0))
    let scaling = try #require(curves[2]["scaling"])
    // 112 channels before normalisation, and as many behind it.
    #expect(scaling["units"]?.integer == 224)
    #expect(try #require(scaling["lossChange"]?.number) < 1e-4)
    let bounds = try #require(curves[0]["outputBound"]?.array)
    #expect(bounds.count == 4)
    for row in bounds {
      let difference = try #require(row["difference"]?.number)
      #expect(difference > 0)
      #expect(try difference <= #require(row["bound"]?.number))
    }
  }

  @Test("a file with its units lined up and scaled computes the same", .enabled(if: areAtHand))
  func match() throws {
    let scratch = try Scratch()
    let (a, b) = ("\(Self.models)/mnist-cnn-1.keras", "\(Self.models)/mnist-cnn-2.h5")
    let output = scratch.path("scaled.h5")
    let saved = scratch.path("saved.json")
    let matched = try Tool.run(
      "match", a, b, "--data", Self.data, "--limit", "2000", "--scale-units", "-o", output,
      "--save-permutation", saved)
    #expect(matched.code == 0 && matched.output.contains("changes nothing about what"))
    let line = try Tool.run(
      "connect", b, output, "--data", Self.data, "--points", "2", "--limit", "1000", "--json"
    ).json()
    func loss(_ point: Int) throws -> Double {
      try #require(line["curves"]?[0]?["points"]?[point]?["loss"]?.number)
    }
    #expect(try abs(loss(0) - loss(1)) < 1e-4)
    #expect(try #require(line["curves"]?[0]?["l2"]?.number) > 1)
    // The saved scales make the same file again, and undo it.
    let (same, back) = (scratch.path("same.h5"), scratch.path("back.h5"))
    let applied = try Tool.run("permute", b, "--with", saved, "-o", same, "--json")
    #expect(try applied.json()["scaled"]?.integer == 224)
    #expect(
      FileManager.default.contents(atPath: same) == FileManager.default.contents(atPath: output))
    #expect(try Tool.run("permute", same, "--with", saved, "--invert", "-o", back).code == 0)
    let difference = try Tool.run("diff", b, back, "--json").json()
    for tensor in try #require(difference["tensors"]?.array) {
      #expect(try #require(tensor["relative"]?.number) < 1e-6)
    }
  }

  @Test(
    "without examples, or for three networks, there is nothing to search", .enabled(if: areAtHand))
  func refusals() throws {
    let files = (1...3).map { "\(Self.models)/fashion-mlp512-\($0).h5" }
    let bare = try Tool.run("match", files[0], files[1], "--scale-units")
    #expect(bare.code == 64 && bare.errors.contains("give --data"))
    let three = try Tool.run(["match"] + files + ["--scale-units"])
    #expect(three.code == 64 && three.errors.contains("two networks"))
    let epochs = try Tool.run("match", files[0], files[1], "--scale-units", "--scale-epochs", "0")
    #expect(epochs.code == 64)
  }
}
