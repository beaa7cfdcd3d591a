import Foundation
import LinearAlgebra
import ModelGraph
import Support
import Tensors
import Testing

@testable import Matching

/// Lining networks up by all of their symmetries.
@Suite("Matching by symmetries")
struct GaugeMatchingTests {
  static let sketches: [SymmetryCatalogueTests.Row] = SymmetryCatalogueTests.rows

  /// B is A, changed by a random element of every group, with other gains and sizes of factors that are
  /// not seen in what it computes; then with noise.
  private func planted(_ sketch: TransformerSketch, noise: Float) throws -> (
    graph: ModelGraph, a: Weights, b: Weights
  ) {
    let (graph, a) = try sketch.made()
    let symmetries = try GaugeMatching.usable(graph, a, a, level: .auto)
    var generator = SeededGenerator(seed: 77)
    // The canonical form has gains of one and balanced factors: other numbers than A's.
    var change = try Canonicalization(a, symmetries).transform
    for group in symmetries.groups {
      for step in try GroupElement.random(group, using: &generator).steps(group) {
        change.append(step)
      }
    }
    var b = try change.applied(to: a)
    if noise > 0 {
      for name in b.keys.sorted() {
        guard let values = b[name]?.values else { continue }
        b[name]?.values = values.map { $0 + noise * Float(generator.normal()) }
      }
    }
    return (graph, a, b)
  }

  private func largestDifference(_ a: Weights, _ b: Weights) -> Double {
    a.reduce(0.0) { largest, entry in
      zip(entry.value.values, b[entry.key]?.values ?? []).reduce(largest) {
        max($0, abs(Double($1.0) - Double($1.1)))
      }
    }
  }

  /// Every tensor comes back, in A's own form: gains, shifts, biases and sizes of factors. 1e-4 is a
  /// thousand roundings of Float32; without a match the largest difference is above 1.
  @Test(arguments: sketches)
  func plantedElementsAreFound(_ row: SymmetryCatalogueTests.Row) throws {
    let (graph, a, b) = try planted(row.sketch, noise: 0)
    #expect(largestDifference(a, b) > 1)
    let found = try GaugeMatching.match(a, b, graph: graph)
    let matched = try found.transform.applied(to: b)
    #expect(largestDifference(a, matched) < 1e-4)
    #expect(found.objectiveAfter < 1e-6 * found.objectiveBefore)
    // The change can be undone.
    let back = try found.transform.inverse.applied(to: matched)
    #expect(largestDifference(back, b) < 1e-4)
  }

  @Test(arguments: sketches)
  func noiseStaysSmall(_ row: SymmetryCatalogueTests.Row) throws {
    let (graph, a, b) = try planted(row.sketch, noise: 0.01)
    let found = try GaugeMatching.match(a, b, graph: graph)
    #expect(found.objectiveAfter < 0.01 * found.objectiveBefore)
    for (before, after) in zip(found.objectives, found.objectives.dropFirst()) {
      #expect(after <= before + 1e-6 * found.objectiveBefore)
    }
  }

  /// What is matched computes what B computed, whatever was found.
  @Test(arguments: sketches)
  func functionIsKept(_ row: SymmetryCatalogueTests.Row) throws {
    let (graph, a) = try row.sketch.made()
    var other = row.sketch
    other.seed = 9
    let b = try other.made().weights
    let found = try GaugeMatching.match(a, b, graph: graph)
    func run(_ transform: GaugeTransform) throws -> [Double] {
      var tensors: [String: DoubleTensor] = [:]
      for name in b.keys { tensors[name] = try transform.tensor(name, of: b) }
      return ReferenceForward(graph: graph, tensors: tensors).run([3, 7, 1, 30, 12]).flatMap { $0 }
    }
    let (before, after) = (try run(GaugeTransform()), try run(found.transform))
    let largest = before.map(abs).max() ?? 0
    let change = zip(before, after).map { abs($0 - $1) }.max() ?? .infinity
    #expect(change < 1e-9 * largest)
    #expect(found.objectiveAfter < found.objectiveBefore)
  }

  /// More of the symmetries come closer.
  @Test func levelsAreOrdered() throws {
    let (graph, a) = try TransformerSketch.llama.made()
    var other = TransformerSketch.llama
    other.seed = 9
    let b = try other.made().weights
    var after: [Double] = []
    for level in [SymmetryLevel.permutation, .signed, .orthogonal] {
      var options = GaugeMatching.Options()
      options.level = level
      options.restarts = 3
      after.append(
        try GaugeMatching.match(a, b, graph: graph, options: options).objectiveAfter)
    }
    #expect(after[1] < after[0])
    #expect(after[2] < after[1])
  }

  /// Experts in another order, with their hidden units in another order and the stream rotated, come back.
  @Test(arguments: [Routing.Gate.softmax, .sigmoid], [false, true])
  func expertsAreFound(_ gate: Routing.Gate, _ isGPT: Bool) throws {
    let sketch = SymmetryCatalogueTests.sketch(isGPT ? .gpt : .llama) {
      $0.middle = .experts(Routing(gate: gate, mostExperts: 2))
    }
    let (graph, a, b) = try planted(sketch, noise: 0.001)
    let symmetries = try graph.symmetries()
    #expect(symmetries.experts.count == 2)
    var change = GaugeTransform()
    for (index, experts) in symmetries.experts.enumerated() {
      let order = index == 0 ? [1, 2, 0] : [2, 1, 0]
      change.append(.exchange(ExpertExchange(tensors: experts.tensors, order: order)))
      change.append(.map(experts.router.map(UnitPlaces.init), .order(order, factors: nil)))
    }
    let exchanged = try change.applied(to: b)
    func run(_ weights: Weights) -> [Double] {
      let tensors = weights.mapValues {
        DoubleTensor(shape: $0.shape, values: $0.values.map(Double.init))
      }
      return ReferenceForward(graph: graph, tensors: tensors).run([3, 7, 1, 30]).flatMap { $0 }
    }
    let (before, after) = (run(b), run(exchanged))
    #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-9 })
    let found = try GaugeMatching.match(a, exchanged, graph: graph)
    let matched = try found.transform.applied(to: exchanged)
    #expect(largestDifference(a, matched) < 0.05)
    let back = try found.transform.inverse.applied(to: matched)
    #expect(largestDifference(back, exchanged) < 1e-4)
    #expect(found.groups.filter { $0.kind == "experts" }.map(\.moved) == [3, 2])
    let read = try GaugeTransform(
      JSONValue(parsing: Array(try JSONEncoder().encode(found.transform))))
    #expect(read == found.transform)
  }

  @Test func transformsAreReadAsWritten() throws {
    let (graph, a, b) = try planted(.gpt, noise: 0)
    let found = try GaugeMatching.match(a, b, graph: graph)
    let bytes = Array(try JSONEncoder().encode(found.transform))
    let read = try GaugeTransform(JSONValue(parsing: bytes))
    #expect(read == found.transform)
    #expect(throws: Diagnostic.self) {
      try GaugeTransform(JSONValue(parsing: Array(#"[{"step":"map","places":[]}]"#.utf8)))
    }
    #expect(throws: Diagnostic.self) {
      try found.transform.applied(
        to: [:].merging(a) { $1 }.filter { $0.key == "h.0.attention.o.bias" })
    }
  }
}
