import LinearAlgebra
import ModelGraph
import Tensors
import Testing

@testable import Matching

/// Every row of the catalogue of symmetries, on random networks in Float64: a random element of the group
/// that the graph is found to have changes nothing, to 1e-12; its failing twin, a change that looks like it
/// and is none, changes the outputs by a tenth and more.
///
/// What is random is drawn from the derived groups, so these tests also prove the derivation.
@Suite("Catalogue of symmetries")
struct SymmetryCatalogueTests {
  /// A network, in canonical form or as it is, with its outputs.
  struct Bench {
    var graph: ModelGraph
    var weights: Weights
    var symmetries: NetworkSymmetries
    var canonical: GaugeTransform
    var outputs: [[Double]]

    init(_ sketch: TransformerSketch) throws {
      (graph, weights) = try sketch.made()
      symmetries = try GaugeMatching.usable(graph, weights, weights, level: .auto)
      canonical = try Canonicalization(weights, symmetries).transform
      outputs = []
      outputs = try run(GaugeTransform())
    }

    func group(_ name: String) throws -> SymmetryGroup {
      try #require(symmetries.groups.first { $0.name == name })
    }

    func run(_ transform: GaugeTransform) throws -> [[Double]] {
      var tensors: [String: DoubleTensor] = [:]
      for name in weights.keys { tensors[name] = try transform.tensor(name, of: weights) }
      return ReferenceForward(graph: graph, tensors: tensors).run([3, 7, 1, 30, 12, 7])
    }

    /// The largest change of an output, relative to the largest output.
    func change(_ transform: GaugeTransform) throws -> Double {
      let (before, after) = (outputs.joined(), try run(transform).joined())
      let largest = before.map(abs).max() ?? 0
      return (zip(before, after).map { abs($0 - $1) }.max() ?? .infinity) / largest
    }

    func change(_ steps: [GaugeStep], folded: Bool = true) throws -> Double {
      var transform = folded ? canonical : GaugeTransform()
      for step in steps { transform.append(step) }
      return try change(transform)
    }

    /// What a random element of a group changes; the same again after undoing it.
    func random(_ group: SymmetryGroup, folded: Bool = true) throws -> Double {
      var generator = SeededGenerator(seed: 5)
      return try change(GroupElement.random(group, using: &generator).steps(group), folded: folded)
    }
  }

  static let exact = 1e-12
  static let broken = 0.1

  struct Row: CustomTestStringConvertible {
    var testDescription: String
    var sketch: TransformerSketch
    /// The kind that is found for the residual stream.
    var kind: SymmetryGroup.Kind
    /// A kind that the stream does not have, whose elements have to fail.
    var twin: SymmetryGroup.Kind
    /// Whether the twin is tried on folded weights.
    var twinFolded = true
  }

  static func sketch(_ base: TransformerSketch, _ change: (inout TransformerSketch) -> Void)
    -> TransformerSketch
  {
    var result = base
    change(&result)
    return result
  }

  static let rows: [Row] = [
    Row(
      testDescription: "layer norm, folded: rotations that keep the mean; generic ones fail",
      sketch: .gpt, kind: .orthogonalFixingMean, twin: .orthogonal),
    Row(
      testDescription: "layer norm, not folded: rotations fail",
      sketch: .gpt, kind: .orthogonalFixingMean, twin: .orthogonalFixingMean, twinFolded: false),
    Row(
      testDescription: "layer norm: signs fail", sketch: .gpt, kind: .orthogonalFixingMean,
      twin: .signed),
    Row(
      testDescription: "RMS norm, folded: rotations; not folded they fail",
      sketch: .llama, kind: .orthogonal, twin: .orthogonal, twinFolded: false),
    Row(
      testDescription: "RMS norm of Gemma, which stores gains less one",
      sketch: sketch(.llama) { $0.norm = .rms(offset: 1) }, kind: .orthogonal, twin: .orthogonal,
      twinFolded: false),
    Row(
      testDescription: "layer norm after the sum: orders; signs fail",
      sketch: sketch(.gpt) { $0.placement = .after }, kind: .permutation, twin: .signed),
    Row(
      testDescription: "layer norm after the sum: rotations fail",
      sketch: sketch(.gpt) { $0.placement = .after }, kind: .permutation,
      twin: .orthogonalFixingMean),
    Row(
      testDescription: "RMS norm on branches: orders and signs; rotations fail",
      sketch: sketch(.llama) { $0.placement = .branches }, kind: .signed, twin: .orthogonal),
    Row(
      testDescription: "RMS norm after the sum: orders and signs; rotations fail",
      sketch: sketch(.llama) { $0.placement = .after }, kind: .signed, twin: .orthogonal),
    Row(
      testDescription: "tied tables under RMS norm: orders and signs; rotations fail",
      sketch: sketch(.llama) { $0.isTied = true }, kind: .signed, twin: .orthogonal),
    Row(
      testDescription: "tied tables under layer norm: orders; rotations fail",
      sketch: sketch(.gpt) { $0.isTied = true }, kind: .permutation, twin: .orthogonalFixingMean),
    Row(
      testDescription: "layer scales go into what they scale",
      sketch: sketch(.gpt) { $0.hasScales = true }, kind: .orthogonalFixingMean, twin: .orthogonal),
    Row(
      testDescription: "a mixture of experts on a rotated stream",
      sketch: sketch(.llama) { $0.middle = .experts(Routing(mostExperts: 2)) },
      kind: .orthogonal, twin: .orthogonal, twinFolded: false),
    Row(
      testDescription: "projections head by head with a rotation of a part of the channels",
      sketch: sketch(.gpt) {
        $0.projections = .byHead
        $0.rotary = Rotary(width: 2)
        $0.positions = nil
      }, kind: .orthogonalFixingMean, twin: .orthogonal),
  ]

  @Test(arguments: rows)
  func stream(_ row: Row) throws {
    let bench = try Bench(row.sketch)
    var group = try bench.group("embed")
    #expect(group.kind == row.kind, "\(group.reason ?? "")")
    #expect(try bench.random(group) < Self.exact)
    group.kind = row.twin
    #expect(try bench.random(group, folded: row.twinFolded) > Self.broken)
  }

  /// Folding, moving of constants, centring and balancing change nothing, and can be undone.
  @Test(arguments: rows)
  func canonicalForm(_ row: Row) throws {
    let bench = try Bench(row.sketch)
    #expect(!bench.canonical.tensors.isEmpty)
    #expect(try bench.change(bench.canonical) < Self.exact)
    var both = bench.canonical
    both.append(bench.canonical.inverse)
    for name in bench.weights.keys {
      let back = try both.tensor(name, of: bench.weights)
      let stored = try #require(bench.weights[name])
      let largest = zip(back.values, stored.values).map { abs($0 - Double($1)) }.max() ?? 0
      #expect(largest < Self.exact, "\(name)")
    }
  }

  @Test(arguments: rows)
  func headsAndHiddenUnits(_ row: Row) throws {
    let bench = try Bench(row.sketch)
    let others = bench.symmetries.groups.filter { $0.name != "embed" }
    #expect(others.contains { $0.kind == .heads })
    for group in others { #expect(try bench.random(group) < Self.exact, "\(group.name)") }
  }
}
