import Archives
import Catalogs
import Foundation
import Merging
import ModelGraph
import Support
import Tensors
import Testing
import WeightFiles

/// Adapters as the sums of their updates, beside NumPy's sums of the products (`Fixtures/make_adapters.py`).
///
/// Other members of the kind that were tried by hand: bf16 and f16 factors, a whole layer among
/// `modules_to_save` (averaged, and refused where one adapter lacks it), embeddings, `lora_A.default`
/// names, adapters of one base with disjoint modules, DoRA, AdaLoRA and LoHa (refused by name).
@Suite("Merging adapters")
struct AdapterMergeTests {
  private static let folder = MergingFixtures.folder + "/adapters"

  /// An adapter of the fixtures in a folder of its own, as PEFT lays it out.
  private func adapter(
    _ name: String, in folder: String, configured: Bool = true
  ) async throws -> AdapterInput {
    let place = "\(folder)/\(name)-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let files = FileManager.default
    try files.copyItem(
      atPath: "\(Self.folder)/\(name).safetensors", toPath: "\(place)/adapter_model.safetensors")
    if configured, files.fileExists(atPath: "\(Self.folder)/\(name).json") {
      try files.copyItem(
        atPath: "\(Self.folder)/\(name).json", toPath: "\(place)/adapter_config.json")
    }
    return try #require(AdapterInput(try await WeightFile.open(place)))
  }

  private func number(_ name: String) throws -> Double {
    let bytes = try Data(contentsOf: URL(filePath: "\(Self.folder)/expected.json"))
    return try #require(try JSONValue(parsing: bytes)[name]?.number)
  }

  private func write(_ merger: AdapterMerger, to folder: String) async throws -> WeightFile {
    let place = "\(folder)/out-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let configuration = try merger.configuration()
    try merger.contents(keepsConfiguration: configuration == nil).write(
      to: "\(place)/adapter_model.safetensors")
    if let configuration {
      try AtomicFile.write(configuration, to: "\(place)/adapter_config.json", overwrites: false)
    }
    return try await WeightFile.open(place)
  }

  /// What a reader makes of a file: each product times its scale, formed here.
  private func updates(_ file: WeightFile) throws -> [String: [Double]] {
    let adapter = try #require(Adapter(file.catalog))
    #expect(adapter.obstacle == nil && adapter.others.isEmpty)
    var result: [String: [Double]] = [:]
    for update in adapter.updates {
      let left = try file.read(update.left).values.map { Double($0) }
      let right = try file.read(update.right).values.map { Double($0) }
      let scale: Double =
        switch update.scale {
        case .known(let scale): scale
        case .tensor(let alpha):
          Double(try file.read(alpha).values[0]) / Double(update.rank)
        case .unknown: 1
        }
      var product = Array(repeating: 0.0, count: update.rows * update.columns)
      for row in 0..<update.rows {
        for place in 0..<update.rank {
          let factor = scale * left[row * update.rank + place]
          for column in 0..<update.columns {
            product[row * update.columns + column] +=
              factor * right[place * update.columns + column]
          }
        }
      }
      result[update.module] = product
    }
    return result
  }

  private func error(
    _ found: [String: [Double]], _ expected: [String: [Double]], _ label: String
  ) throws -> Double {
    var (rest, whole) = (0.0, 0.0)
    #expect(Set(found.keys) == Set(expected.keys), "\(label)")
    for (module, wanted) in expected {
      let values = try #require(found[module])
      try #require(values.count == wanted.count)
      for (one, other) in zip(values, wanted) {
        rest += (one - other) * (one - other)
        whole += other * other
      }
    }
    return (rest / whole).squareRoot()
  }

  private func expected(_ label: String) async throws -> [String: [Double]] {
    let all = try await MergingFixtures.values("adapters/expected.safetensors")
    let prefix = label + "/"
    return Dictionary(
      uniqueKeysWithValues: all.filter { $0.key.hasPrefix(prefix) }
        .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }

  @Test(
    "the mean is that of the updates, with their scales, at the sum of the ranks",
    arguments: [
      // Other scales; other ranks and a stabilised scale, in both orders; patterns.
      ("a+b", ["a", "b"], [0.5, 0.5]), ("a+c", ["a", "c"], [0.5, 0.5]),
      ("c+a", ["c", "a"], [0.5, 0.5]), ("d+a", ["d", "a"], [0.5, 0.5]),
      ("a+d", ["a", "d"], [0.5, 0.5]), ("a+b+c", ["a", "b", "c"], [0.5, 0.2, 0.3]),
      // A module that one of them lacks counts as zero.
      ("a+e", ["a", "e"], [0.5, 0.5]), ("e+a", ["e", "a"], [0.5, 0.5]),
      // kohya's names with and without alpha, and diffusers'; with a convolution.
      ("k+l", ["k", "l"], [0.5, 0.5]), ("m+k", ["m", "k"], [0.5, 0.5]),
      ("o+p", ["o", "p"], [0.5, 0.5]),
    ])
  func means(_ label: String, _ names: [String], _ shares: [Double]) async throws {
    try await MergingFixtures.withFolder { folder in
      var inputs: [AdapterInput] = []
      for name in names { inputs.append(try await adapter(name, in: folder)) }
      let merger = try AdapterMerger(
        inputs, recipe: AdapterRecipe(factors: shares, areShares: true))
      let file = try await write(merger, to: folder)
      // One rounding to Float32.
      #expect(try error(updates(file), await expected(label), label) < 1e-7)
      #expect(merger.distances.error == 0)
      #expect(merger.notes.isEmpty == !["a+e", "e+a"].contains(label))
      if label == "a+b" {
        let wanted = try number("distance a, a+b")
        #expect(abs(merger.distances.l2[0] - wanted) < 1e-6 * wanted)
        #expect(merger.ranks.map(\.rank) == [8, 8, 8])
        let document = try JSONValue(parsing: try #require(try merger.configuration()))
        #expect(document["r"]?.integer == 8 && document["lora_alpha"]?.integer == 16)
        #expect(document["base_model_name_or_path"]?.string == "base")
        #expect(document["target_modules"]?.array?.count == 2)
      }
    }
  }

  @Test("half precision is rounded to half precision")
  func half() async throws {
    try await MergingFixtures.withFolder { folder in
      let input = try await adapter("h", in: folder)
      let merger = try AdapterMerger(
        [input, input], recipe: AdapterRecipe(factors: [0.5, 0.5], areShares: true))
      let file = try await write(merger, to: folder)
      #expect(file.catalog.tensors.allSatisfy { $0.elementType == .float16 })
      // Halves of halves are exact.
      #expect(try error(updates(file), await expected("h+h"), "h+h") < 1e-7)
    }
  }

  @Test("cut to a rank, the error is that of the singular values left out")
  func cut() async throws {
    try await MergingFixtures.withFolder { folder in
      let inputs = [try await adapter("a", in: folder), try await adapter("c", in: folder)]
      let merger = try AdapterMerger(
        inputs, recipe: AdapterRecipe(factors: [0.5, 0.5], areShares: true, rank: 3))
      let file = try await write(merger, to: folder)
      let wanted = try number("a+c@3")
      #expect(abs(merger.distances.error - wanted) < 1e-9)
      #expect(abs(try error(updates(file), await expected("a+c"), "a+c") - wanted) < 1e-6)
      #expect(merger.ranks.allSatisfy { $0.rank == 3 })
      // A rank that is no bound changes nothing.
      let wide = try AdapterMerger(
        inputs, recipe: AdapterRecipe(factors: [0.5, 0.5], areShares: true, rank: 64))
      let whole = try await write(wide, to: folder)
      #expect(try error(updates(whole), await expected("a+c"), "a+c") < 1e-7)
    }
  }

  @Test("a file of another name keeps the configuration as a text, and is read with it")
  func alone() async throws {
    try await MergingFixtures.withFolder { folder in
      let inputs = [try await adapter("a", in: folder), try await adapter("b", in: folder)]
      let merger = try AdapterMerger(
        inputs, recipe: AdapterRecipe(factors: [0.5, 0.5], areShares: true))
      try merger.contents(keepsConfiguration: true).write(to: "\(folder)/out.safetensors")
      let file = try await WeightFile.open("\(folder)/out.safetensors")
      #expect(file.catalog.text("format") == "pt")
      #expect(try error(updates(file), await expected("a+b"), "a+b") < 1e-7)
    }
  }

  @Test("unknown scales: all of them are a note, some of them are refused")
  func unknown() async throws {
    try await MergingFixtures.withFolder { folder in
      let a = try await adapter("a", in: folder, configured: false)
      let b = try await adapter("b", in: folder, configured: false)
      let recipe = AdapterRecipe(factors: [0.5, 0.5], areShares: true)
      let merger = try AdapterMerger([a, b], recipe: recipe)
      #expect(merger.notes.contains { $0.contains("nothing says") })
      #expect(try merger.configuration() == nil)
      let known = try await adapter("b", in: folder)
      #expect(throws: Diagnostic.self) { try AdapterMerger([a, known], recipe: recipe) }
    }
  }

  @Test("what does not go together is refused")
  func refusals() async throws {
    try await MergingFixtures.withFolder { folder in
      let (a, k, o) = (
        try await adapter("a", in: folder), try await adapter("k", in: folder),
        try await adapter("o", in: folder)
      )
      let recipe = AdapterRecipe(factors: [0.5, 0.5], areShares: true)
      // Names of two libraries.
      #expect(throws: Diagnostic.self) { try AdapterMerger([a, k], recipe: recipe) }
      #expect(throws: Diagnostic.self) {
        try AdapterMerger([a], recipe: recipe)
      }
      #expect(throws: Diagnostic.self) {
        try AdapterMerger(
          [a, a], recipe: AdapterRecipe(factors: [0.5, 0.5], areShares: true, rank: 0))
      }
      #expect(throws: Diagnostic.self) {
        try AdapterRecipe(MergeRecipe(.ties(density: 0.2, trimming: .global), weights: [1, 1]))
      }
      #expect(try AdapterMerger([o, o], recipe: recipe).tensorCount == 4)
    }
  }
}
