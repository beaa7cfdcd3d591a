import Catalogs
import Foundation
import Merging
import Support
import Tensors
import Testing
import WeightFiles

/// Recipes of mergekit, beside what mergekit 0.1.5 made of them (`Fixtures/make_mergekit.py`).
///
/// Tried by hand as well, with the built tool, beside mergekit: the results of `passthrough` and `slerp`
/// load in transformers 5.24 without missing or unexpected weights, that of `ties` in three shards without error.
@Suite("Recipes of mergekit") struct MergekitRecipeTests {
  private static let folder = MergingFixtures.folder + "/mergekit"

  /// mergekit computes in Float32, here it is Float64 rounded once: some units in the last place of numbers
  /// around 1. Types of 16 bits are compared bit by bit.
  private static let tolerance = 1e-6

  private static let names = try? FileManager.default.contentsOfDirectory(
    atPath: folder + "/recipes"
  ).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(Self.folder)/recipes/\(name).yaml", encoding: .utf8)
  }

  private func merger(_ text: String) async throws -> MergekitMerger {
    let recipe = try MergekitRecipe(parsing: text, file: "recipe.yaml")
    var files: [String: WeightFile] = [:]
    var configurations: [String: [UInt8]] = [:]
    for model in recipe.models {
      let file = try await WeightFile.open("\(Self.folder)/\(model)")
      files[model] = file
      configurations[model] = try FolderCopy(of: file)?.document("config.json")
    }
    return try MergekitMerger(recipe, files: files, configurations: configurations)
  }

  @Test("every recipe of the fixtures is there")
  func recipes() { #expect(Self.names?.count == 15) }

  @Test("the same numbers as mergekit", arguments: names ?? [])
  func numbers(_ name: String) async throws {
    let merger = try await merger(try text(name))
    try await MergingFixtures.withFolder { folder in
      let path = folder + "/out.safetensors"
      try merger.contents(seed: 0).write(to: path)
      let made = try await WeightFile.open(path)
      let expected = try await WeightFile.open(Self.folder + "/expected.safetensors")
      let wanted = expected.catalog.tensors.filter { $0.name.hasPrefix(name + "/") }
      #expect(made.catalog.tensors.count == wanted.count && !wanted.isEmpty)
      for entry in wanted {
        let own = try made.entry(named: String(entry.name.dropFirst(name.count + 1)))
        #expect(own.shape == entry.shape && own.elementType == entry.elementType)
        let (bytes, right) = (try made.readBytes(own), try expected.readBytes(entry))
        guard entry.elementType == .float32 else {
          #expect(bytes == right, "\(entry.name)")
          continue
        }
        let far = zip(Self.floats(bytes), Self.floats(right)).map { abs(Double($0) - Double($1)) }
        #expect((far.max() ?? 1) <= Self.tolerance, "\(entry.name): \(far.max() ?? -1)")
      }
    }
  }

  @Test(
    "the configuration has the number of layers and the type of the result", arguments: names ?? [])
  func configuration(_ name: String) async throws {
    let all = try JSONValue(
      parsing: Data(contentsOf: URL(filePath: Self.folder + "/expected.json")))
    let document = try JSONValue(
      parsing: try #require(try await merger(text(name)).configuration()))
    #expect(document["num_hidden_layers"] == all[name]?["layers"])
    #expect(document["dtype"] == all[name]?["dtype"])
    #expect(document["hidden_size"]?.integer == 8)
  }

  private static func floats(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<(raw.count / 4)).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  @Test("dare drops the share that was asked for, and keeps the sum of magnitudes")
  func dare() async throws {
    let recipe = """
      merge_method: dare_linear
      base_model: base
      models: [{model: math, parameters: {density: 0.5, weight: 1}}]
      """
    let merger = try await merger(recipe)
    try await MergingFixtures.withFolder { folder in
      let path = folder + "/out.safetensors"
      try merger.contents(seed: 3).write(to: path)
      var sums: [(kept: Double, whole: Double)] = []
      var (changed, count) = (0, 0)
      let files = [
        try await WeightFile.open(path), try await WeightFile.open(Self.folder + "/base"),
        try await WeightFile.open(Self.folder + "/math"),
      ]
      for entry in files[0].catalog.tensors where entry.shape.count == 2 {
        let values = try files.map { file in
          Self.floats(try file.readBytes(try file.entry(named: entry.name))).map(Double.init)
        }
        let deltas = zip(values[0], values[1]).map { $0 - $1 }
        let whole = zip(values[2], values[1]).map { $0 - $1 }
        sums.append(
          (deltas.reduce(0) { $0 + abs($1) }, whole.reduce(0) { $0 + abs($1) }))
        changed += deltas.count { abs($0) > 1e-7 }
        count += deltas.count
      }
      // Float32 elements of about 1, so that sums of about 100 differences of 0.05 are exact to 1e-5.
      #expect(sums.allSatisfy { abs($0.kept - $0.whole) < 1e-4 })
      // 2 000 draws of probability 1/2 have a standard deviation of 1.1 %.
      #expect(abs(Double(changed) / Double(count) - 0.5) < 0.06)
    }
  }

  /// A recipe, and what its error names.
  private static let refused: [(String, String)] = [
    ("merge_method: nuslerp\nmodels: [{model: math}]", "there is no merge_method 'nuslerp'"),
    ("merge_method: linear\nmodles: [{model: math}]", "did you mean 'models'"),
    ("models: [{model: math}]", "no 'merge_method'"),
    ("merge_method: linear\nmodules: {}\nmodels: [{model: math}]", "'modules' is not there"),
    (
      "merge_method: linear\nchat_template: auto\nmodels: [{model: math}]",
      "'chat_template' is not there"
    ),
    ("merge_method: linear\nmodels: [{model: math}]", "nothing says weight of math"),
    (
      "merge_method: linear\nmodels: [{model: math, parameters: {density: 1}}]",
      "linear has no parameter 'density'"
    ),
    (
      "merge_method: ties\nmodels: [{model: math, parameters: {weight: 1}}]", "needs a base_model"
    ),
    (
      "merge_method: slerp\nbase_model: math\nparameters: {t: 0.5}\n"
        + "models: [{model: math}, {model: code}, {model: base}]", "slerp takes two models"
    ),
    ("merge_method: slerp\nbase_model: math\nmodels: [{model: code}]", "nothing says t"),
    (
      "merge_method: passthrough\nslices: [{sources: [{model: math, layer_range: [2, 5]}]}]",
      "it has 4 layers"
    ),
    (
      "merge_method: passthrough\nslices: [{sources: [{model: math, layer_range: [2, 2]}]}]",
      "[first, behind the last]"
    ),
    (
      "merge_method: linear\nparameters: {weight: 1}\nslices: [{sources: "
        + "[{model: math, layer_range: [0, 2]}, {model: code, layer_range: [0, 3]}]}]",
      "same number of layers"
    ),
    (
      "merge_method: linear\ndtype: int8\nmodels: [{model: math, parameters: {weight: 1}}]",
      "'int8' is no type"
    ),
    (
      "merge_method: linear\nmodels: [{model: math, parameters: {weight: [1, {value: 2}]}}]",
      "expected a number"
    ),
    (
      "merge_method: linear\nmodels: [{model: math, parameters: {weight: []}}]",
      "an empty list sets nothing"
    ),
    (
      "merge_method: linear\nmodels: [{model: math, parameters: {weight: 1}}, "
        + "{model: code, parameters: {weight: -1}}]", "the weights add up to 0"
    ),
    (
      "merge_method: ties\nbase_model: base\nparameters: {rescale: true, weight: 1}\n"
        + "models: [{model: math}]", "rescale is only there for"
    ),
    (
      "merge_method: linear\nmodels: [{model: math, parameters: {weight: 1}}, "
        + "{model: math, parameters: {weight: 1}}]", "a model is there twice"
    ),
  ]

  @Test("what is not understood is an error that names it", arguments: refused.indices)
  func refusals(_ place: Int) async throws {
    let (text, words) = Self.refused[place]
    let error = await #expect(throws: Diagnostic.self) {
      try await merger(text).contents(seed: 0)
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }
}
