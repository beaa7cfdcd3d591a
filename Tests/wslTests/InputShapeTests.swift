import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// Every built-in kind of zoo on the built-in data, through every matcher and repair: networks that have
/// their channels first, and last, on images that have theirs last.
///
/// Other members of the kind that were tried by hand: images of three channels in both orders on a
/// residual network, images without an axis of channels, `evaluate` and `connect` on all of them.
@Suite("The shape of inputs on the command line")
struct InputShapeTests {
  /// Trained once, for an epoch.
  private static let zoo = Result { try Self.build() }

  private static func build() throws -> Scratch {
    let scratch = try Scratch()
    let spec = """
      name: tiny
      data: digits
      training: {optimizer: adamw, learning-rate: 0.003, batch-size: 64, epochs: 1}
      models:
        - name: mlp
          model: {kind: mlp, widths: [16], activation: relu}
        - name: vgg
          model: {kind: vgg, blocks: [1], hidden: [8], batch-norm: true, width: 4}
        - name: resnet
          model: {kind: resnet, blocks: [1, 1], width: 4}
      seeds: [0, 1]
      """
    try spec.write(toFile: scratch.path("spec.yaml"), atomically: true, encoding: .utf8)
    let outcome = try Tool.run("zoo", "build", scratch.path("spec.yaml"), "-o", scratch.path("zoo"))
    guard outcome.code == 0 else { throw Diagnostic(.failed, outcome.errors) }
    return scratch
  }

  static let matchers = ["weights", "activations", "straight-through", "frank-wolfe"]

  @Test(
    "every kind of network, every matcher",
    arguments: ["mlp", "vgg", "resnet"], InputShapeTests.matchers)
  func everyWay(_ kind: String, _ matcher: String) throws {
    let zoo = try Self.zoo.get()
    let models = [0, 1].map { zoo.path("zoo/tiny-\(kind)-seed\($0).h5") }
    let data = ["--data", "digits"]
    let short = ["--epochs", "1"]
    let matched = try Tool.run(
      ["match"] + models + ["--method", matcher, "--limit", "200", "--json"] + data + short)
    #expect(matched.code == 0, "\(matched.errors)")
    #expect(try matched.json()["groups"]?.array?.isEmpty == false)
    let connected = try Tool.run(
      ["connect"] + models
        + ["--match", "--method", matcher, "--points", "3", "--limit", "100", "--json"] + data
        + short)
    #expect(connected.code == 0, "\(connected.errors)")
    let curves = try #require(try connected.json()["curves"]?.array)
    #expect(curves.map { $0["name"]?.string } == ["naive", "matched"])
    let out = zoo.path("\(kind)-\(matcher).h5")
    let merged = try Tool.run(
      ["merge"] + models
        + ["--match", "--match-method", matcher, "-o", out, "--repair-examples", "200"]
        + ["--repair", kind == "mlp" ? "repair" : "reset"] + data + short)
    #expect(merged.code == 0, "\(merged.errors)")
    let evaluated = try Tool.run(["evaluate", out, "--json"] + data)
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    // After an epoch a merged network may be no better than chance; that inputs lie as they should is
    // what `NormalizationTests` shows.
    #expect(try evaluated.json()["models"]?[0]?["cleanLoss"]?.number != nil)
  }

  @Test("a normalisation is applied, kept in the result, and refused where it does not fit")
  func normalized() throws {
    let zoo = try Self.zoo.get()
    let model = zoo.path("zoo/tiny-resnet-seed0.h5")
    func evaluate(_ more: String...) throws -> Tool.Outcome {
      try Tool.run(["evaluate", model, "--data", "digits", "--json"] + more)
    }
    let plain = try evaluate("--normalize", "none").json()
    #expect(plain["normalization"] == nil)
    let same = try evaluate("--normalize", "0/1").json()
    #expect(same["models"]?[0]?["cleanLoss"] == plain["models"]?[0]?["cleanLoss"])
    let other = try evaluate("--normalize", "mnist").json()
    #expect(other["models"]?[0]?["cleanLoss"] != plain["models"]?[0]?["cleanLoss"])
    let record = try #require(other["normalization"])
    #expect(record["name"]?.string == "mnist")
    let mean = try #require(record["mean"]?[0]?.number)
    #expect(abs(mean - 0.1307) < 1e-6)
    for (text, words) in [("0.5", "MEAN"), ("0.5/0", "deviation"), ("imagenet", "3 channels")] {
      let outcome = try evaluate("--normalize", text)
      #expect(outcome.code == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    }
  }
}
