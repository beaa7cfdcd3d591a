import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// Networks with weights that are no numbers, as a user measures them.
///
/// Tried of the kind: NaN and both infinities, in a hidden and in the last layer, behind a ReLU, as an end of a
/// path and in the middle of three networks, with repair, by activations. Loss, accuracy and barrier are
/// null and the tensor is named; matching and merging refuse.
@Suite("Networks that are broken, on the command line", .serialized)
struct BrokenNetworkTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try Self.network(seed: 1).write(to: scratch.url.appending(path: "whole.safetensors"))
    try Self.network(seed: 2).write(to: scratch.url.appending(path: "other.safetensors"))
    for (name, tensor, value) in [
      ("nan", "0.weight", Float.nan), ("inf", "2.weight", .infinity),
      ("minus", "0.bias", -.infinity),
    ] {
      try Self.network(seed: 3, breaking: tensor, value)
        .write(to: scratch.url.appending(path: "\(name).safetensors"))
    }
  }

  /// A row of two dense layers in safetensors, for the 8 × 8 digits.
  private static func network(
    seed: UInt64, breaking broken: String = "", _ value: Float = 0
  ) -> Data {
    var maker = SafetensorsMaker()
    var state = seed
    for (name, shape) in [
      ("0.bias", [16]), ("0.weight", [16, 64]), ("2.bias", [10]), ("2.weight", [10, 16]),
    ] {
      var values = (0..<shape.reduce(1, *)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int64(bitPattern: state) >> 40) * 0x1p-26
      }
      if name == broken { values[7] = value }
      maker.add(name, shape, values)
    }
    return maker.file
  }

  private func path(_ name: String) -> String { scratch.path("\(name).safetensors") }

  static let broken = [("nan", "0.weight"), ("inf", "2.weight"), ("minus", "0.bias")]

  @Test("loss and accuracy are null, and the element is named", arguments: broken)
  func evaluate(name: String, tensor: String) throws {
    let outcome = try Tool.run(
      "evaluate", path("whole"), path(name), "--data", "digits", "--corruptions", "fog",
      "--severities", "1", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let result = try outcome.json()
    let (whole, model) = (try #require(result["models"]?[0]), try #require(result["models"]?[1]))
    #expect(whole["cleanLoss"]?.number != nil && whole["meanRobustAccuracy"]?.number != nil)
    for key in ["cleanLoss", "cleanAccuracy", "meanRobustAccuracy"] {
      #expect(model[key] == .null, "\(key)")
    }
    #expect(model["corruptions"]?[0]?["severities"]?[0]?["loss"] == .null)
    let warnings = result["warnings"]?.array?.compactMap(\.string) ?? []
    #expect(warnings.contains { $0.contains("\(name).safetensors: \(tensor): element 7 ") })
    #expect(outcome.errors.contains("element 7"))
    let shown = try Tool.run("evaluate", path(name), "--data", "digits", "--quiet")
    #expect(shown.code == 0 && !shown.output.contains("10."), "\(shown.output)")
  }

  @Test("a path to it has no barrier of zero", arguments: broken)
  func connect(name: String, tensor: String) throws {
    for models in [[path("whole"), path(name)], [path("whole"), path("other"), path(name)]] {
      let outcome = try Tool.run(
        ["connect"] + models + ["--data", "digits", "--limit", "50", "--points", "3", "--json"])
      #expect(outcome.code == 0, "\(outcome.errors)")
      let result = try outcome.json()
      let curve = try #require(result["curves"]?.array?.last)
      #expect(curve["barrier"]?["loss"] == .null && curve["barrier"]?["accuracy"] == .null)
      #expect(curve["points"]?[0]?["loss"]?.number != nil || models.count == 3)
      #expect(curve["points"]?[2]?["loss"] == .null)
      #expect(curve["points"]?[2]?["accuracy"] == .null)
      let warnings = result["warnings"]?.array?.compactMap(\.string) ?? []
      #expect(warnings.contains { $0.contains("\(name).safetensors: \(tensor): element 7 ") })
    }
  }

  @Test("what moves or averages weights refuses it", arguments: broken)
  func refused(name: String, tensor: String) throws {
    let out = scratch.path("out.safetensors")
    for arguments in [
      ["match", path("whole"), path(name), "-o", out],
      [
        "match", path("whole"), path(name), "--method", "activations", "--data", "digits", "-o",
        out,
      ],
      ["match", path(name), path("whole"), "--method", "straight-through", "--data", "digits"],
      ["merge", path("whole"), path(name), "-o", out],
      ["merge", path("whole"), path(name), "--repair", "repair", "--data", "digits", "-o", out],
      ["connect", path("whole"), path(name), "--data", "digits", "--match"],
    ] {
      let outcome = try Tool.run(arguments)
      #expect(outcome.code == 65, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains(tensor), "\(arguments): \(outcome.errors)")
      #expect(!FileManager.default.fileExists(atPath: out))
    }
  }
}
