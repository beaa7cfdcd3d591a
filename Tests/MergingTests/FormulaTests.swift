import Catalogs
import Merging
import Testing
import WeightFiles

/// Every formula against NumPy in Float64 on the same inputs: see `Fixtures/make_fixtures.py`.
@Suite("Merging formulas")
struct FormulaTests {
  struct Case: CustomTestStringConvertible {
    var name: String
    var recipe: MergeRecipe
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    ("mean", .mean, [0.5, 0.25, 0.25], 1), ("task-arithmetic", .taskArithmetic, [1, 2, -0.5], 0.3),
    ("ties", .ties(density: 0.3, trimming: .global), [1, 1, 1], 1),
    ("ties-weighted", .ties(density: 0.3, trimming: .global), [1, 0.5, 2], 0.7),
    ("ties-all", .ties(density: 1, trimming: .global), [1, 1, 1], 1),
    ("ties-none", .ties(density: 0, trimming: .global), [1, 1, 1], 1),
    ("ties-tensor", .ties(density: 0.3, trimming: .tensor), [1, 1, 1], 1),
    ("dare", .dare(drop: 0.75, elects: false), [1, 0.5, 1], 1),
    ("dare-ties", .dare(drop: 0.75, elects: true), [1, 1, 1], 1),
    ("breadcrumbs", .breadcrumbs(bottom: 0.6, top: 0.1, elects: false), [1, 1, 0.5], 1),
    ("breadcrumbs-ties", .breadcrumbs(bottom: 0.6, top: 0.1, elects: true), [1, 1, 1], 1),
    ("model-stock", .modelStock, [1, 1, 1], 1),
    ("tall-masks", .tallMasks(threshold: 0.4, agreement: 2, task: nil), [1, 1, 1], 0.5),
    ("tall-masks-task", .tallMasks(threshold: 0.4, agreement: 2, task: 1), [1, 1, 1], 0.5),
  ].map { name, method, weights, scale in
    Case(name: name, recipe: MergeRecipe(method, weights: weights, scale: scale, seed: 7))
  }

  @Test("NumPy and this agree in Float64", arguments: cases)
  func formula(_ test: Case) async throws {
    let expected = try await MergingFixtures.values("expected.safetensors")
    try await MergingFixtures.withFolder { folder in
      var models: [WeightFile] = []
      for name in ["a", "b", "c"] {
        models.append(
          try await MergingFixtures.model(name, of: "inputs.safetensors", in: folder))
      }
      let base =
        test.recipe.needsBase
        ? try await MergingFixtures.model("base", of: "inputs.safetensors", in: folder) : nil
      let merged = try await MergingFixtures.merge(models, base: base, test.recipe, in: folder)
      try Self.compare(merged, expected, test.name)
    }
  }

  @Test("slerp goes along the arc, and straight where there is none")
  func slerp() async throws {
    let expected = try await MergingFixtures.values("expected.safetensors")
    try await MergingFixtures.withFolder { folder in
      let a = try await MergingFixtures.model("a", of: "inputs.safetensors", in: folder)
      let b = try await MergingFixtures.model("b", of: "inputs.safetensors", in: folder)
      let recipe = MergeRecipe(.slerp(at: 0.3), weights: [0.7, 0.3])
      let merged = try await MergingFixtures.merge([a, b], base: nil, recipe, in: folder)
      try Self.compare(merged, expected, "slerp")
    }
  }

  static let mergekit: [Case] = [
    ("linear", .mean, [0.5, 1, 2], 1), ("task-arithmetic", .taskArithmetic, [1, 2, -0.5], 0.3),
    ("ties", .ties(density: 0.3, trimming: .tensor), [1, 0.5, 2], 0.7),
    ("breadcrumbs", .breadcrumbs(bottom: 0.6, top: 0.1, elects: false), [1, 1, 0.5], 1),
    ("breadcrumbs-ties", .breadcrumbs(bottom: 0.6, top: 0.1, elects: true), [1, 1, 1], 1),
    ("model-stock", .modelStock, [1, 1, 1], 1), ("slerp", .slerp(at: 0.3), [0.7, 0.3], 1),
  ].map { name, method, weights, scale in
    Case(
      name: name,
      recipe: MergeRecipe(method, weights: weights, scale: scale, convention: .mergekit))
  }

  @Test("mergekit 0.1.5 and this agree where its rules are asked for", arguments: mergekit)
  func compatible(_ test: Case) async throws {
    let expected = try await MergingFixtures.values("mergekit.safetensors")
    try await MergingFixtures.withFolder { folder in
      var models: [WeightFile] = []
      for name in ["a", "b", "c"].prefix(test.recipe.weights.count) {
        models.append(
          try await MergingFixtures.model(name, of: "mergekit.safetensors", in: folder))
      }
      let base =
        test.recipe.needsBase
        ? try await MergingFixtures.model("base", of: "mergekit.safetensors", in: folder) : nil
      let merged = try await MergingFixtures.merge(models, base: base, test.recipe, in: folder)
      // mergekit does its part in Float32 for slerp and for the magnitudes it sorts.
      try Self.compare(merged, expected, test.name, within: 1e-12)
    }
  }

  @Test("for mergekit, what chance leaves keeps the sum of its magnitudes")
  func rescaling() async throws {
    let expected = try await MergingFixtures.values("expected.safetensors")
    try await MergingFixtures.withFolder { folder in
      var models: [WeightFile] = []
      for name in ["a", "b", "c"] {
        models.append(
          try await MergingFixtures.model(name, of: "inputs.safetensors", in: folder))
      }
      let base = try await MergingFixtures.model("base", of: "inputs.safetensors", in: folder)
      let recipe = MergeRecipe(
        .dare(drop: 0.75, elects: false), weights: [1, 1, 1], seed: 7, convention: .mergekit)
      let merged = try await MergingFixtures.merge(models, base: base, recipe, in: folder)
      try Self.compare(merged, expected, "mergekit-dare")
    }
  }

  private static func compare(
    _ merged: WeightFile, _ expected: [String: [Double]], _ recipe: String,
    within tolerance: Double = 1e-14
  ) throws {
    #expect(merged.catalog.tensors.count == 5)
    for entry in merged.catalog.tensors {
      let values = MergingFixtures.doubles(try merged.readBytes(entry))
      let wanted = try #require(expected["\(recipe)/\(entry.name)"])
      #expect(values.count == wanted.count && !wanted.isEmpty)
      let worst = zip(values, wanted).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 1
      #expect(worst <= tolerance, "\(recipe)/\(entry.name)")
    }
  }
}
