import Foundation
import Support
import TestSupport
import Testing

/// `wsl match --symmetries` on the files of small language models with a described graph.
@Suite("Symmetries on the command line")
struct SymmetryCommandTests {
  /// A block of a Llama: 16 channels, 4 query heads that share 2 heads of keys and values, gated units.
  private static let graph = """
    channels: last
    layers:
      - {name: tokens, type: input, shape: ["?"]}
      - {name: embed, type: embedding, vocabulary: 40, size: 16}
      - {name: n1, type: rmsNormalization}
      - {name: q, type: dense, units: 16, inputs: [n1]}
      - {name: k, type: dense, units: 8, inputs: [n1]}
      - {name: v, type: dense, units: 8, inputs: [n1]}
      - {name: mix, type: attention, heads: 4, keyValueHeads: 2, causal: true, rotary: {base: 10000}, inputs: [q, k, v]}
      - {name: o, type: dense, units: 16}
      - {name: s1, type: add, inputs: [embed, o]}
      - {name: n2, type: rmsNormalization}
      - {name: gate, type: dense, units: 12, inputs: [n2]}
      - {name: up, type: dense, units: 12, inputs: [n2]}
      - {name: act, type: silu, inputs: [gate]}
      - {name: product, type: multiply, inputs: [act, up]}
      - {name: down, type: dense, units: 16}
      - {name: s2, type: add, inputs: [s1, down]}
      - {name: norm, type: rmsNormalization}
      - {name: head, type: dense, units: 40}
    """

  private static let shapes: [(String, [Int])] = [
    ("embed.weight", [40, 16]), ("n1.weight", [16]), ("q.weight", [16, 16]), ("k.weight", [8, 16]),
    ("v.weight", [8, 16]), ("o.weight", [16, 16]), ("n2.weight", [16]), ("gate.weight", [12, 16]),
    ("up.weight", [12, 16]), ("down.weight", [16, 12]), ("norm.weight", [16]),
    ("head.weight", [40, 16]),
  ]

  private let scratch: Scratch
  private let arguments: [String]

  init() throws {
    scratch = try Scratch()
    for (name, seed) in [("a", 1), ("b", 2)] {
      var generator = SystemlessGenerator(state: UInt64(seed))
      var maker = SafetensorsMaker()
      for (tensor, shape) in Self.shapes {
        let centre: Float = shape.count == 1 ? 1 : 0
        let values = (0..<shape.reduce(1, *)).map { _ in
          centre + 0.3 * Float.random(in: -1...1, using: &generator)
        }
        maker.add(tensor, shape, values)
      }
      try maker.file.write(to: URL(fileURLWithPath: scratch.path("\(name).safetensors")))
    }
    try Self.graph.write(
      toFile: scratch.path("graph.yaml"), atomically: true, encoding: .utf8)
    arguments = [
      scratch.path("a.safetensors"), scratch.path("b.safetensors"), "--graph",
      scratch.path("graph.yaml"),
    ]
  }

  /// SplitMix64, so that the weights are the same on every machine.
  private struct SystemlessGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
  }

  @Test func inspectNamesTheKinds() throws {
    let found = try Tool.run([
      "inspect", arguments[0], "--graph", arguments[3], "--symmetries", "--json",
    ]).json()
    let groups = try #require(found["symmetries"]?.array)
    #expect(groups.compactMap { $0["kind"]?.string } == ["orthogonal", "heads", "signed"])
    let slice = try #require(groups[1]["slices"]?.array?.first)
    #expect(slice["role"]?.string == "query")
    #expect(slice["length"]?.integer == 4)
    #expect(slice["units"]?.integer == 4)
  }

  /// More of the symmetries come closer; what is written is what was measured, and matching it again finds
  /// nothing more; undoing gives B back to rounding.
  @Test func levelsOutputsAndUndo() throws {
    var after: [Double] = []
    for level in ["signed", "orthogonal", "auto"] {
      let output = scratch.path("\(level).safetensors")
      let saved = scratch.path("\(level).json")
      let run = try Tool.run(
        ["match"] + arguments + [
          "--symmetries", level, "-o", output, "--save-permutation", saved, "--json",
        ])
      #expect(run.code == 0, "\(run.errors)")
      let result = try run.json()
      let before = try #require(result["l2"]?["before"]?.number)
      let end = try #require(result["l2"]?["after"]?.number)
      #expect(end < before)
      after.append(try #require(result["objective"]?["after"]?.number))
      let objectives = try #require(result["objectives"]?.array).compactMap(\.number)
      #expect(
        zip(objectives, objectives.dropFirst()).allSatisfy { $1 <= $0 + 1e-5 * objectives[0] })
      let again = try Tool.run(
        ["match", arguments[0], output] + arguments[2...] + ["--symmetries", level, "--json"]
      ).json()
      #expect(abs((again["l2"]?["before"]?.number ?? 0) - end) < 1e-4 * end)
      let back = scratch.path("\(level)-back.safetensors")
      let undone = try Tool.run(
        ["permute", output] + arguments[2...] + ["--with", saved, "--invert", "-o", back])
      #expect(undone.code == 0, "\(undone.errors)")
      let difference = try Tool.run("diff", arguments[1], back, "--json").json()
      for tensor in try #require(difference["tensors"]?.array) {
        #expect((tensor["relative"]?.number ?? 0) < 1e-4)
      }
    }
    #expect(after[1] < after[0])
    #expect(after[2] == after[1])
  }

  @Test(arguments: [
    ["--method", "frank-wolfe"], ["--method", "activations"], ["--freeze", "up"], ["--no-biases"],
    ["--scale-units", "--data", "digits"],
  ])
  func whatDoesNotGoTogetherIsRefused(_ more: [String]) throws {
    let run = try Tool.run(["match"] + arguments + ["--symmetries", "orthogonal"] + more)
    #expect(run.code == 64, "\(run.errors)")
    #expect(run.errors.contains("--symmetries permutation"))
  }

  @Test func damagedFilesAreRefused() throws {
    let saved = scratch.path("p.json")
    let run = try Tool.run(
      ["match"] + arguments + ["--symmetries", "auto", "--save-permutation", saved])
    #expect(run.code == 0, "\(run.errors)")
    let text = try String(contentsOfFile: saved, encoding: .utf8)
    for (old, new) in [
      ("\"isRotation\":true", "\"isRotation\":false"), ("\"size\":16", "\"size\":15"),
      ("embed.weight", "embed.other"), ("\"version\":3", "\"version\":4"),
      ("\"axis\":1", "\"axis\":7"),
    ] {
      try text.replacingOccurrences(of: old, with: new)
        .write(toFile: scratch.path("q.json"), atomically: true, encoding: .utf8)
      let run = try Tool.run(
        ["permute", arguments[1]] + arguments[2...] + [
          "--with", scratch.path("q.json"), "-o", scratch.path("never.safetensors"),
        ])
      #expect(run.code == 65, "\(old): \(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: scratch.path("never.safetensors")))
    }
  }
}
