import Foundation
import Support
import TestSupport
import Testing

/// Edges that rest on more than weights: checkpoints of a training, adapters on their bases; and near copies in the
/// splits of probes.
@Suite("Descent in an index")
struct ZooDescentTests {
  private let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private typealias Numbers = CanonicalDiffTests

  private func write(_ path: String, _ tensors: [(String, [Int], [Float])]) throws {
    let url = URL(fileURLWithPath: scratch.path(path))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    var maker = SafetensorsMaker()
    for (name, shape, values) in tensors { maker.add(name, shape, values) }
    try maker.file.write(to: url)
  }

  private func trees(_ folder: String) throws -> JSONValue {
    let index = scratch.path("\(folder).sqlite")
    let made = try Tool.run("zoo", "index", scratch.path(folder), "-o", index)
    #expect(made.code == 0, "\(made.errors)")
    let found = try Tool.run("zoo", "trees", index, "--json")
    #expect(found.code == 0, "\(found.errors)")
    return try found.json()
  }

  /// Each edge as `parent > child (kind)`, by the names that tell models apart.
  private func edges(_ trees: JSONValue, _ folder: String) -> Set<String> {
    func name(_ path: String?) -> String {
      (path ?? "").replacing(scratch.path(folder) + "/", with: "")
        .replacing(".safetensors", with: "").replacing("/adapter_model", with: "")
    }
    return Set(
      (trees["edges"]?.array ?? []).map {
        "\(name($0["parent"]?.string)) > \(name($0["child"]?.string)) (\($0["kind"]?.string ?? ""))"
      })
  }

  private static let size = 12

  private static func base(_ seed: UInt64) -> [Float] { Numbers.numbers(size * size, seed) }

  /// A network that was moved so many steps of a size in one direction.
  private static func moved(_ values: [Float], _ seed: UInt64, _ step: Float) -> [Float] {
    zip(values, Numbers.numbers(values.count, seed)).map { $0 + step * $1 }
  }

  @Test("checkpoints of a training are a row in the order of their steps")
  func checkpoints() throws {
    for (seed, run) in [(UInt64(1), "a"), (2, "b")] {
      for (step, size) in [(20, Float(0.1)), (100, 0.2), (1000, 0.3)] {
        try write(
          "zoo/\(run)-step\(step).safetensors",
          [
            (
              "fc.weight", [Self.size, Self.size],
              Self.moved(Self.base(seed), seed + 10, size)
            )
          ])
      }
      try write(
        "zoo/\(run).safetensors",
        [("fc.weight", [Self.size, Self.size], Self.moved(Self.base(seed), seed + 10, 0.35))])
    }
    let found = try trees("zoo")
    let expected = ["a", "b"].flatMap { run in
      [
        "\(run)-step20 > \(run)-step100 (checkpoint)",
        "\(run)-step100 > \(run)-step1000 (checkpoint)", "\(run)-step1000 > \(run) (checkpoint)",
      ]
    }
    #expect(edges(found, "zoo") == Set(expected))
    #expect(found["evidence"]?.array?.contains { $0.string == "steps" } == true)
    #expect(found["trees"]?.array?.count == 2)
  }

  @Test("adapters hang on the base that they name, or on the only one that fits")
  func adapters() throws {
    let (size, rank) = (Self.size, 2)
    for (number, seed) in [UInt64(1), 2].enumerated() {
      try write(
        "zoo/base\(number).safetensors",
        [("model.layers.0.q_proj.weight", [size, size], Self.base(seed))])
      try write(
        "zoo/tuned\(number).safetensors",
        [("model.layers.0.q_proj.weight", [size, size], Self.moved(Self.base(seed), 5, 0.05))])
    }
    func adapter(_ folder: String, _ base: String?, _ seed: UInt64) throws {
      try write(
        "zoo/\(folder)/adapter_model.safetensors",
        [
          (
            "base_model.model.model.layers.0.q_proj.lora_A.weight", [rank, size],
            Numbers.numbers(rank * size, seed)
          ),
          (
            "base_model.model.model.layers.0.q_proj.lora_B.weight", [size, rank],
            Numbers.numbers(rank * size, seed + 1)
          ),
        ])
      let named = base.map { ", \"base_model_name_or_path\": \"\($0)\"" } ?? ""
      try #"{"peft_type": "LORA", "r": 2, "lora_alpha": 2\#(named)}"#.write(
        toFile: scratch.path("zoo/\(folder)/adapter_config.json"), atomically: true,
        encoding: .utf8)
    }
    try adapter("lora-a", "base0", 20)
    try adapter("lora-b", "base1", 30)
    try adapter("lora-c", nil, 40)
    let found = try trees("zoo")
    let own = edges(found, "zoo").filter { $0.contains("lora") }
    #expect(own == ["base0 > lora-a (adapter)", "base1 > lora-b (adapter)"])
    // Two trees have the layers of the third.
    #expect(
      found["skipped"]?.array?.contains {
        $0["file"]?.string?.contains("lora-c") == true
          && $0["reason"]?.string?.contains("2 trees") == true
      } == true)
    #expect(found["evidence"]?.array?.contains { $0.string == "documents" } == true)
  }

  @Test("near copies stay on one side of every split")
  func nearCopies() throws {
    var models = ProbeZoo()
    models.count = 24
    // Every fourth model is the one before, rounded; the twelfth has its rows turned round.
    var last: [Float] = []
    let index = try models.index(scratch) { model, values, metadata in
      if model % 4 == 3 {
        values = last.map { ($0 * 256).rounded() / 256 }
      } else if model == 12 {
        values = last.reversed()
      }
      last = values
    }
    let trained = try Tool.run(
      "probe", "train", index, "--target", "grade", "--kind", "dense", "-o",
      scratch.path("probe.h5"), "--json")
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(try trained.json()["nearCopies"]?.integer == 7)
    #expect(try trained.json()["groups"]?.integer == 24 - 7)
  }
}
