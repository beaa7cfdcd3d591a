import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// Networks that others trained, and figures that others measured on them. Skipped where the
/// checkout has no shared models beside it.
@Suite("Networks trained by others", .enabled(if: Tool.hasSharedModels), .serialized)
struct ReferenceTests {
  struct Pair: Sendable, CustomTestStringConvertible {
    var a: String
    var b: String
    var before: Double
    var best: Double
    var worst: Double
    var testDescription: String { "\(a) and \(b)" }
  }

  static let pairs = [
    Pair(
      a: "fashion-mlp512-1.h5", b: "fashion-mlp512-2.h5", before: 2083.501, best: 1366.121,
      worst: 1367.185),
    Pair(
      a: "fashion-mlp512-1.h5", b: "fashion-mlp512-3.h5", before: 2084.870, best: 1362.870,
      worst: 1363.784),
    Pair(
      a: "fashion-mlp512-2.h5", b: "fashion-mlp512-3.h5", before: 2073.007, best: 1356.629,
      worst: 1358.201),
    Pair(
      a: "mnist-mlp-1.h5", b: "mnist-mlp-2.h5", before: 2190.638, best: 1632.100, worst: 1632.583),
    Pair(
      a: "mnist-cnn-1.h5", b: "mnist-cnn-2.h5", before: 336.863, best: 189.554, worst: 190.713),
    Pair(
      a: "mnist-cnn-1.keras", b: "mnist-cnn-2.h5", before: 336.863, best: 189.554,
      worst: 190.713),
  ]

  private func path(_ name: String) -> String {
    Tool.sharedModels.appendingPathComponent(name).path
  }

  @Test(
    "one start is within 0.2 % of the reference's worst, eight within 0.1 % of its best",
    arguments: pairs)
  func objective(_ pair: Pair) throws {
    for seed in 0..<5 {
      let result = try Tool.run(
        "match", path(pair.a), path(pair.b), "--seed", String(seed), "--json"
      ).json()
      let before = try #require(result["objective"]?["before"]?.number)
      let after = try #require(result["objective"]?["after"]?.number)
      #expect(abs(before - pair.before) < 0.001)
      #expect(after <= pair.worst * 1.002, "seed \(seed): \(after)")
    }
    let result = try Tool.run(
      "match", path(pair.a), path(pair.b), "--restarts", "8", "--json"
    ).json()
    let after = try #require(result["objective"]?["after"]?.number)
    #expect(after <= pair.best * 1.001, "\(after)")
  }

  static let fashion = "/usr/share/datasets/fashion-mnist"

  @Test(
    "the barriers on Fashion-MNIST are the known ones",
    .enabled(if: FileManager.default.fileExists(atPath: fashion)),
    arguments: [("2", 1.25, 0.015), ("3", 1.29, 0.01)])
  func barrier(other: String, naive: Double, matched: Double) throws {
    let result = try Tool.run(
      "connect", path("fashion-mlp512-1.h5"), path("fashion-mlp512-\(other).h5"),
      "--data", Self.fashion, "--match", "--json"
    ).json()
    let curves = try #require(result["curves"]?.array)
    let before = try #require(curves[0]["barrier"]?["loss"]?.number)
    let after = try #require(curves[1]["barrier"]?["loss"]?.number)
    #expect(abs(before - naive) < 0.02, "\(before)")
    // The matched barrier depends on which of many near-optimal permutations is found.
    #expect(after < 2 * matched, "\(after)")
  }

  @Test("Keras's test figures are those that wsl computes")
  func accuracy() throws {
    let data = Tool.sharedModels.appendingPathComponent("../data/mnist.h5").standardized.path
    let table = [
      ("mnist-mlp", 0.0832, 0.0805, 0.9750, 0.9755), ("mnist-cnn", 0.4388, 0.3606, 0.88, 0.9094),
    ]
    for (name, lossA, lossB, accuracyA, accuracyB) in table {
      let result = try Tool.run(
        "connect", path("\(name)-1.h5"), path("\(name)-2.h5"), "--data", data, "--points", "2",
        "--json"
      ).json()
      let points = try #require(result["curves"]?[0]?["points"]?.array)
      for (point, loss, accuracy) in [
        (points[0], lossA, accuracyA), (points[1], lossB, accuracyB),
      ] {
        #expect(abs((point["loss"]?.number ?? 0) - loss) < 1e-4)
        #expect(abs((point["accuracy"]?.number ?? 0) - accuracy) < 1e-4)
      }
    }
  }

  @Test("a network with NaN weights, or of another shape, is refused by name")
  func shapes() throws {
    let outcome = try Tool.run("match", path("mnist-mlp-1.h5"), path("mnist-cnn-1.h5"))
    #expect(outcome.code == 65 && outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.errors.contains("dense") || outcome.errors.contains("conv2d"))
  }
}
