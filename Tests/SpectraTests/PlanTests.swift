import Catalogs
import LinearAlgebra
import ModelGraph
import Spectra
import Support
import Tensors
import Testing
import WeightFiles

@Suite("What is analysed")
struct PlanTests {
  @Test(
    "kernels of real files, by their graphs",
    arguments: [
      ("vgg16.torch.h5", "features.3", 9, 4, 3), ("separable.h5", "depthwise_conv2d", 9, 8, 1),
      ("separable.h5", "conv2d_2", 4, 6, 5), ("gru.h5", "gru/kernel[reset]", 1, 5, 3),
      ("lstm.keras", "lstm/recurrentKernel[forget]", 1, 6, 6),
      ("lstm.keras", "embedding", 1, 11, 5),
    ])
  func kernels(_ file: String, _ name: String, _ slices: Int, _ long: Int, _ short: Int)
    async throws
  {
    let file = try await WeightFile.open(Fixture.path(file, of: "ModelGraphTests"))
    let plan = SpectralPlan(file.catalog, graph: try ModelGraph(file.catalog))
    let layer = try #require(plan.layers.first { $0.name == name })
    #expect(layer.sliceCount == slices && layer.longSide == long && layer.shortSide == short)
    let flat = SpectralPlan(
      file.catalog, graph: try ModelGraph(file.catalog), convolutions: .flattened)
    #expect(flat.layers.count == plan.layers.count)
    #expect(flat.layers.allSatisfy { $0.sliceCount == 1 })
    // The two biases of a GRU stand in one tensor of two rows, which is no matrix of weights.
    #expect(!plan.layers.flatMap(\.tensors).contains { $0.hasSuffix("bias") })
    // Nothing goes missing.
    let told = Set(plan.layers.flatMap(\.tensors) + plan.skipped.map(\.name))
    #expect(file.catalog.tensors.allSatisfy { told.contains($0.name) })
  }

  @Test(
    "names and shapes alone",
    arguments: [
      ("a.weight", [4, 9], "dense", "a", 1),
      ("tok_embeddings.weight", [50, 8], "embedding", "tok_embeddings", 1),
      ("conv1.weight", [8, 3, 5, 5], "conv2d", "conv1", 25),
      ("conv.weight", [8, 4, 3], "conv1d", "conv", 3),
      ("experts.up", [6, 20, 30], "stack", "experts.up", 6),
      ("v.weight", [4, 2, 3, 3, 3], "conv3d", "v", 27),
    ])
  func names(_ tensor: String, _ shape: [Int], _ type: String, _ name: String, _ slices: Int) {
    let plan = SpectralPlan(catalog([(tensor, shape)]))
    #expect(plan.layers.map(\.type) == [type])
    #expect(plan.layers.map(\.name) == [name])
    #expect(plan.layers.map(\.sliceCount) == [slices])
  }

  @Test("recurrent cells of PyTorch by gate, attention by projection")
  func blocks() {
    let plan = SpectralPlan(
      catalog([
        ("rnn.weight_ih_l0", [20, 3]), ("rnn.weight_hh_l0", [20, 5]),
        ("gru.weight_ih_l0", [15, 9]), ("gru.weight_hh_l0", [15, 5]),
        ("att.in_proj_weight", [24, 8]), ("rnn.bias_ih_l0", [20]), ("one.weight", [1, 30]),
        ("count", []), ("optimizer.m", [4, 4]), ("none.weight", [0, 4]),
      ]))
    #expect(plan.layers.count == 4 + 4 + 3 + 3 + 3)
    #expect(plan.layers[1].name == "rnn.weight_ih_l0[forget]" && plan.layers[1].longSide == 5)
    #expect(
      plan.skipped.map(\.name) == [
        "rnn.bias_ih_l0", "one.weight", "count", "optimizer.m", "none.weight",
      ])
    #expect(plan.skipped.allSatisfy { !$0.reason.isEmpty })
  }

  @Test("a slice's spectrum is that of the matrix cut out by hand")
  func gateValues() throws {
    let tensor = normals([5, 12], seed: 4)
    let layer = SpectralLayer(
      name: "g", type: "gru", tensors: ["g"],
      source: .slice(shape: [5, 3, 4], roles: [.column, .slice, .row], index: 2), longSide: 5,
      shortSide: 4, sliceCount: 1)
    let values = try SpectrumAnalysis.singularValues(of: layer, precision: .double) { _ in tensor }
    let cut = Matrix<Float>(rows: 5, columns: 4) { tensor.values[$0 * 12 + 8 + $1] }
    let exact = try SingularValueDecomposition(cut).values
    #expect(values.count == 1)
    for (one, two) in zip(values[0], exact) { #expect(abs(one - two) < 1e-12) }
  }

  @Test("a low-rank pair has the spectrum of its product, times its scale", arguments: [1, 3, 8])
  func product(_ rank: Int) throws {
    let (down, up) = (normals([rank, 7], seed: 1), normals([9, rank], seed: 2))
    var held = catalog([
      ("x.lora_A.weight", [rank, 7]), ("x.lora_B.weight", [9, rank]), ("y.lora_A.weight", [2, 7]),
    ])
    held.documents["adapter_config.json"] = Array(#"{"lora_alpha": 16, "r": \#(rank)}"#.utf8)
    let model = try SpectrumAnalysis.run(held, graph: nil) { name in
      name.contains("lora_B") ? up : name.hasPrefix("x") ? down : normals([2, 7], seed: 3)
    }
    let spectrum = try #require(model.layers.first { $0.layer.type == "lora" })
    #expect(model.layers.count == 2 && spectrum.layer.name == "x")
    let left = Matrix<Float>(rows: 9, columns: rank, values: up.values)
    let right = Matrix<Float>(rows: rank, columns: 7, values: down.values)
    let exact = try SingularValueDecomposition(BLAS.product(left, right)).values
    #expect(spectrum.eigenvalues.count == min(rank, 7))
    for (value, exact) in zip(spectrum.eigenvalues.reversed(), exact) {
      #expect(
        abs(value.squareRoot() - exact * 16 / Double(rank)) < 1e-5 * 16 / Double(rank) * exact
          + 1e-4)
    }
  }

  @Test("what is not finite fails alone, and any number of jobs gives the same")
  func failures() throws {
    var broken = normals([20, 30], seed: 5)
    broken.values[7] = .nan
    let bad = broken
    let tensors = catalog([
      ("a.weight", [20, 30]), ("b.weight", [20, 30]), ("c.weight", [40, 30]),
    ])
    let read: SpectrumAnalysis.TensorReading = { name in
      name == "b.weight" ? bad : normals(name == "a.weight" ? [20, 30] : [40, 30], seed: 6)
    }
    let options = SpectrumOptions(replicates: 5, shuffles: true, fixesAspect: true)
    let one = try SpectrumAnalysis.run(tensors, graph: nil, options: options, jobs: 1, read: read)
    let two = try SpectrumAnalysis.run(tensors, graph: nil, options: options, jobs: 3, read: read)
    #expect(one.layers == two.layers && one.layers.map(\.layer.name) == ["a", "c"])
    #expect(one.failures.map(\.name) == ["b"] && one.failures[0].reason.contains("finite"))
    #expect(one.layers[0].fixedAspectAlpha != nil)
    let names = one.layers[0].metrics.map(\.name)
    #expect(names.contains("alpha") && names.contains("traps") && Set(names).count == names.count)
  }

  @Test("a model beside itself did not move; beside another, by no more than its weights did")
  func comparison() async throws {
    let a = try await WeightFile.open(Fixture.path("vgg.safetensors"))
    let same = try SpectrumComparison(a, a)
    #expect(same.rows.count == 9)
    #expect(same.rows.allSatisfy { $0.spectralDistance == 0 && $0.weightDistance == 0 })
    let one = try await WeightFile.open(Fixture.path("mlp.h5", of: "ModelGraphTests"))
    let other = try await WeightFile.open(Fixture.path("mlp_other.h5", of: "ModelGraphTests"))
    let moved = try SpectrumComparison(one, other)
    #expect(!moved.rows.isEmpty)
    // Mirsky's inequality.
    for row in moved.rows {
      #expect(row.spectralDistance > 0 && row.spectralDistance <= (row.weightDistance ?? 0) + 1e-9)
    }
    #expect(throws: Diagnostic.self) { try SpectrumComparison(a, one) }
  }
}
