import Catalogs
import Foundation
import ModelGraph
import Support
import Testing
import WeightFiles

@testable import Spectra

/// Attention kernels as the matrices that they are.
///
/// Other members of the kind that were tried by hand: KerasHub's names (`self_attention_layer/query_dense`,
/// decided by their biases), Flax's Vision Transformer (`MultiHeadDotProductAttention_1/query/kernel`, by
/// the class in the path), Gemma's order of axes (by the output's kernel), kernels whose width is their
/// number of heads (left out, with that reason), an EinsumDense in a file without a configuration (left out).
@Suite("Attention kernels")
struct AttentionTests {
  /// The rows' names in Keras's archive and in the old format, by those of the fixture.
  private static let names: [(key: String, archive: String, legacy: String)] = {
    let parts = [
      ("query", "query"), ("key", "key"), ("value", "value"), ("output", "attention_output"),
    ]
    let layers = [
      ("self", "multi_head_attention", ""), ("plain", "multi_head_attention_1", ""),
      ("grouped", "grouped_query_attention", "_"),
    ]
    var names: [(key: String, archive: String, legacy: String)] = []
    for (own, storage, mark) in layers {
      for (part, legacy) in parts {
        names.append(("\(own)/\(part)", "\(storage)/\(mark)\(part)_dense", "\(own)/\(legacy)"))
      }
    }
    names.append(("to_heads", "einsum_dense", "to_heads"))
    names.append(("from_heads", "einsum_dense_1", "from_heads"))
    names.append(("by_position", "einsum_dense_2", "by_position"))
    names.append(("head", "head", "head"))
    return names
  }()

  private func expected() throws -> JSONValue {
    try JSONValue(parsing: try Fixture.bytes("attention.json"))
  }

  private func check(_ values: [Double], _ expected: JSONValue?, _ name: String) throws {
    let wanted = try #require(expected?.array, "\(name)").compactMap(\.number)
    #expect(values.count == wanted.count, "\(name)")
    // The kernels are Float32, of some hundred elements; eigenvalues are squares.
    let tolerance = 1e-5 * (wanted.last ?? 0)
    for (one, other) in zip(values, wanted) { #expect(abs(one - other) < tolerance, "\(name)") }
  }

  @Test("Keras's own attention and EinsumDense, by their configuration", arguments: [true, false])
  func keras(isArchive: Bool) async throws {
    let file = try await WeightFile.open(
      Fixture.path(isArchive ? "attention.keras" : "attention.h5"))
    let model = try SpectrumAnalysis.run(file)
    let expected = try expected()
    #expect(model.layers.count == Self.names.count && model.failures.isEmpty)
    for (key, archive, legacy) in Self.names {
      let name = isArchive ? archive : legacy
      let row = try #require(model.layers.first { $0.layer.name == name }, "\(name)")
      try check(row.eigenvalues, expected[key], name)
    }
    let reasons = Set(model.skipped.map(\.reason))
    #expect(reasons == ["a bias has no spectrum", "a vector has no spectrum"])
  }

  @Test("a row a head where that is asked for")
  func heads() async throws {
    let file = try await WeightFile.open(Fixture.path("attention.keras"))
    let model = try SpectrumAnalysis.run(file, options: SpectrumOptions(splitsHeads: true))
    let expected = try expected()
    for part in ["query", "key", "value", "output"] {
      for head in 0..<3 {
        let name = "multi_head_attention/\(part)_dense[head \(head)]"
        let row = try #require(model.layers.first { $0.layer.name == name })
        try check(row.eigenvalues, expected["self/\(part) heads"]?[head], name)
      }
    }
  }

  @Test("weights alone: attention by its names, and an EinsumDense is left out, with the reason")
  func weightsAlone() async throws {
    let file = try await WeightFile.open(Fixture.path("attention.weights.h5"))
    let model = try SpectrumAnalysis.run(file)
    let expected = try expected()
    for (key, archive, _) in Self.names where key.contains("/") {
      let row = try #require(model.layers.first { $0.layer.name == archive }, "\(archive)")
      try check(row.eigenvalues, expected[key], archive)
    }
    let undecided = model.skipped.filter { $0.reason.contains("EinsumDense") }.map(\.name)
    #expect(undecided == (["", "_1", "_2"].map { "layers/einsum_dense\($0)/vars/0" }))
  }

  @Test("--compat weightwatcher's plan has none of them, as before")
  func weightWatcher() async throws {
    let file = try await WeightFile.open(Fixture.path("attention.keras"))
    let plan = WeightWatcherPlan(file.catalog, graph: try? ModelGraph(file.catalog))
    #expect(plan.layers.allSatisfy { !$0.layer.name.contains("attention") })
  }

  /// A tensor, what stands beside it, and the rows [longer side, shorter side] it gives, or the word that
  /// its reason has.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var shape: [Int]
    var beside: [(String, [Int])] = []
    var rows: [[Int]] = []
    var reason: String?

    var testDescription: String { "\(name) \(shape) beside \(beside.map(\.1))" }
  }

  static let cases: [Case] = [
    // PyTorch's fused projections, by rows; GPT-2's, by columns; those of timm.
    Case(
      name: "attn.in_proj_weight", shape: [24, 8], rows: [[8, 8], [8, 8], [8, 8]]),
    Case(name: "h.0.attn.c_attn.weight", shape: [8, 24], rows: [[8, 8], [8, 8], [8, 8]]),
    Case(name: "h.0.attn.c_attn.weight", shape: [24, 8], rows: [[8, 8], [8, 8], [8, 8]]),
    Case(name: "blocks.0.attn.qkv.weight", shape: [24, 8], rows: [[8, 8], [8, 8], [8, 8]]),
    // Head by head, and multi-query: one matrix.
    Case(name: "h.0.query_key_value.weight", shape: [24, 8], rows: [[24, 8]]),
    Case(name: "h.0.attn.c_attn.weight", shape: [8, 12], rows: [[12, 8]]),
    // Masks and tables.
    Case(name: "h.0.attn.bias", shape: [1, 1, 6, 6], reason: "mask"),
    Case(name: "attn.tril", shape: [6, 6], reason: "mask"),
    Case(name: "layers.0.blocks.1.attn_mask", shape: [4, 9, 9], reason: "mask"),
    Case(name: "rotary_emb.cos_cached", shape: [1, 1, 6, 4], reason: "rotary"),
    Case(name: "attn.relative_position_bias_table", shape: [25, 3], reason: "relative"),
    Case(name: "block.0.relative_attention_bias.weight", shape: [32, 8], reason: "relative"),
    // Flax: the class in the path; a bias; the output's kernel.
    Case(
      name: "MultiHeadDotProductAttention_1/query/kernel", shape: [12, 3, 4], rows: [[12, 12]]),
    Case(
      name: "MultiHeadDotProductAttention_1/out/kernel", shape: [3, 4, 10], rows: [[12, 10]]),
    Case(
      name: "attention.key.kernel", shape: [12, 2, 4], beside: [("attention.key.bias", [2, 4])],
      rows: [[12, 8]]),
    Case(name: "attention.key.bias", shape: [2, 4], reason: "bias"),
    Case(
      name: "attn/value/kernel", shape: [12, 2, 4], beside: [("attn/out/kernel", [6, 4, 12])],
      rows: [[12, 8]]),
    // Gemma's order.
    Case(
      name: "attn/query/kernel", shape: [3, 12, 4], beside: [("attn/out/kernel", [3, 4, 12])],
      rows: [[12, 12]]),
    // As many heads as the width is: nothing decides.
    Case(
      name: "attn/query/kernel", shape: [12, 12, 4], beside: [("attn/out/kernel", [12, 4, 12])],
      reason: "heads"),
    Case(name: "attn/query/kernel", shape: [12, 3, 4], reason: "heads"),
    Case(name: "layers/einsum_dense/vars/0", shape: [12, 3, 4], reason: "EinsumDense"),
    // No attention: experts, and a query that is a convolution.
    Case(name: "experts.down_proj", shape: [4, 40, 30], rows: [[40, 30]]),
    Case(name: "block.query.weight", shape: [8, 16, 1], rows: [[16, 8]]),
  ]

  @Test("by names and shapes", arguments: cases)
  func named(_ one: Case) throws {
    let plan = SpectralPlan(catalog([(one.name, one.shape)] + one.beside))
    let rows = plan.layers.filter { $0.tensors == [one.name] }
    #expect(rows.map { [$0.longSide, $0.shortSide] } == one.rows)
    let reason = plan.skipped.first { $0.name == one.name }?.reason
    #expect((reason == nil) == (one.reason == nil))
    #expect(reason?.contains(one.reason ?? "") ?? true)
  }

  @Test(
    "equations",
    arguments: [
      ("abc,cde->abde", [SpectralLayer.AxisRole.row, .column, .column]),
      ("btnh,nhd->btd", [.row, .row, .column]), ("...x,xy->...y", [.row, .column]),
      ("btd,tde->bte", [.slice, .row, .column]), ("ab, bc -> ac", [.row, .column]),
      ("abc,cd->ab", nil), ("abc->abc", nil), ("a,b,c->abc", nil), ("ab,ab->ab", nil),
    ])
  func equations(_ text: String, _ roles: [SpectralLayer.AxisRole]?) {
    #expect(EinsumEquation(text)?.roles == roles)
  }
}
