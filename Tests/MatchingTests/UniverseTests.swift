import LinearAlgebra
import ModelGraph
import Support
import Tensors
import Testing

@testable import Matching

@Suite("Universe matching") struct UniverseTests {
  /// Noisy copies of one network, each in an order of its own.
  private func copies(
    _ architecture: Architecture, width: Int, count: Int
  ) -> (models: [Weights], planted: [[[Int]]], groups: [PermutationGroup]) {
    let groups = architecture.groups(width: width)
    let first = architecture.weights(width: width, seed: 1)
    let planted = (0..<count).map { Permuting.random(for: groups, seed: 50 + UInt64($0)) }
    let others = planted.enumerated().map { index, permutations in
      noisy(
        Permuting.apply(permutations, of: groups, to: first), amount: 0.05, seed: UInt64(index))
    }
    return ([first] + others, planted, groups)
  }

  @Test("finds the way back, and all ways agree", arguments: Architecture.allCases)
  func recoversPlantedPermutations(_ architecture: Architecture) throws {
    let (models, planted, groups) = copies(architecture, width: 16, count: 3)
    let found = try UniverseMatching.match(models, groups: groups, options: .init(restarts: 4))
    #expect(found.permutations[0] == Permuting.identity(for: groups))
    #expect(Array(found.permutations.dropFirst()) == planted.map { $0.map(Permuting.inverse) })
    #expect(found.objectiveAfter < 0.05 * found.objectiveBefore)
    // From each network to each other: what goes through the universe is what the two give alone.
    for a in models.indices {
      for b in models.indices where a != b {
        let through = zip(found.permutations[a], found.permutations[b]).map { own, other in
          Permuting.inverse(own).map { other[$0] }
        }
        let direct = try WeightMatching.match(
          models[a], models[b], groups: groups, options: .init(restarts: 8))
        #expect(through == direct.permutations)
      }
    }
  }

  @Test("unrelated networks: no worse than one by one, the same for any number of jobs")
  func unrelated() throws {
    var total = (universe: 0.0, mean: 0.0)
    for architecture in [Architecture.multilayerPerceptron, .residual, .recurrent] {
      let groups = architecture.groups(width: 24)
      let models = (0..<5).map { architecture.weights(width: 24, seed: $0) }
      let found = try UniverseMatching.match(models, groups: groups, options: .init(jobs: 1))
      let again = try UniverseMatching.match(models, groups: groups, options: .init(jobs: 2))
      #expect(found.permutations == again.permutations)
      let raw = try UniverseMatching.match(models, groups: groups, polishes: false)
      #expect(found.objectiveAfter <= raw.objectiveAfter + 1e-6)
      #expect(raw.objectiveAfter < raw.objectiveBefore)
      total.universe += found.objectiveAfter
      total.mean += try MergeMany.match(models, groups: groups).objectiveAfter
    }
    #expect(total.universe <= total.mean)
  }

  /// Against matrices multiplied out, on tensors with one and two permuted axes.
  @Test("a step's images and its polynomial are exact", arguments: Architecture.allCases)
  func step(_ architecture: Architecture) throws {
    let groups = architecture.groups(width: 5)
    let models = (0..<3).map { architecture.weights(width: 5, seed: $0) }
    let from = (0..<3).map { Permuting.random(for: groups, seed: 10 + $0) }
    let to = (0..<3).map { Permuting.random(for: groups, seed: 20 + $0) }
    let tensors = try UniverseTensor.all(of: groups, in: models[0])
    let step = UniverseStep(
      tensors.map { tensor in
        UniverseStep.products(3) { model in
          let values = models[model][tensor.name]?.values ?? []
          let image = UniverseImage(tensor, values, at: from[model])
          let ahead = image.ahead(tensor, values, to: to[model])
          return [image.whole, ahead.across, ahead.end]
        }
      })
    for t in [0, 0.3, 1] {
      var sum = 0.0
      for tensor in tensors {
        let images = models.indices.map { model in
          let values = models[model][tensor.name]?.values ?? []
          var image = UniverseImage(tensor, values, at: from[model])
          image.move(image.ahead(tensor, values, to: to[model]), by: Float(t))
          let slow = mixed(tensor, values, (from[model], 1 - t), (to[model], t))
          #expect(zip(image.whole, slow).allSatisfy { abs(Double($0) - $1) < 1e-5 })
          return slow
        }
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
          sum += zip(images[a], images[b]).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
      #expect(abs(step.value(at: t) - sum) < 1e-4 * max(1, abs(sum)))
    }
    let slope = (step.value(at: 1e-6) - step.value(at: 0)) / 1e-6
    #expect(abs(step.slope - slope) < 1e-3 * max(1, abs(slope)))
    let best = (0...10_000).map { step.value(at: Double($0) / 10_000) }.max() ?? 0
    #expect(step.value(at: step.best) >= best - 1e-9 * max(1, abs(best)))
  }

  @Test("the first climb's step goes where the objective rises")
  func barycentre() throws {
    let (models, _, groups) = copies(.multilayerPerceptron, width: 12, count: 2)
    var run = try UniverseRun(models, groups: groups, jobs: 1)
    #expect(try run.climb(maximumSteps: 200) { _ in } > 0)
    let found = try run.rounded()
    for permutations in found {
      for permutation in permutations { #expect(permutation.sorted() == Array(0..<12)) }
    }
  }

  @Test("kernels, biases and frozen groups are those that were asked for")
  func scope() throws {
    let (clean, planted, groups) = copies(.multilayerPerceptron, width: 16, count: 3)
    let graph = ModelGraph(
      source: "test", channelOrder: .last,
      layers: [
        Layer(
          name: "dense1", operation: .dense(units: 16), inputs: [],
          parameters: (1...3).map {
            Parameter(role: .bias, tensor: "b\($0)", shape: [16], axes: [.output])
          })
      ], outputs: [0])
    // Biases that say nothing, and much louder than the kernels.
    var models = clean
    for index in models.indices {
      for name in ["b1", "b2", "b3"] {
        var generator = SeededGenerator(seed: UInt64(900 + index))
        models[index][name]?.values = (0..<16).map { _ in Float(100 * generator.normal()) }
      }
    }
    for reference in Matcher.CommonReference.allCases {
      var options = Matcher.Options()
      options.search.restarts = 4
      options.usesBiases = false
      func match(_ models: [Weights]) throws -> [[[Int]]] {
        try Matcher(options).match(models, reference: reference, graph: graph, groups: groups)
          .permutations
      }
      #expect(try Array(match(models).dropFirst()) == planted.map { $0.map(Permuting.inverse) })
      options.usesBiases = true
      #expect(try Array(match(models).dropFirst()) != planted.map { $0.map(Permuting.inverse) })
      options.frozenGroups = ["dense2"]
      for permutations in try match(clean) { #expect(permutations[1] == Array(0..<16)) }
      options.frozenGroups = []
      options.kernel = .cosine
      // A tensor a thousand times as large counts no more than before.
      let louder = clean.map { model in
        var copy = model
        copy["w2"]?.values = (model["w2"]?.values ?? []).map { $0 * 1024 }
        return copy
      }
      #expect(try match(louder) == match(clean))
      options.frozenGroups = ["nobody"]
      #expect(throws: Diagnostic.self) { try match(clean) }
    }
  }

  private func mixed(
    _ tensor: UniverseTensor, _ values: [Float], _ first: ([[Int]], Double),
    _ second: ([[Int]], Double)
  ) -> [Double] {
    var result = values.map { Double($0) }
    for place in tensor.axes.indices {
      let axis = tensor.axes[place].axis
      let length = tensor.shape[axis]
      let inner = tensor.shape[(axis + 1)...].reduce(1, *)
      var matrix = Array(repeating: Array(repeating: 0.0, count: length), count: length)
      for (permutations, share) in [first, second] {
        var gather = AxisGather(shape: [length])
        for (group, member) in tensor.axes[place].members {
          var member = member
          member.axis = 0
          gather.add(member, permutation: permutations[group])
        }
        for (place, source) in (gather.sources[0] ?? Array(0..<length)).enumerated() {
          matrix[place][source] += share
        }
      }
      let old = result
      for index in old.indices {
        let entry = index / inner % length
        result[index] = (0..<length).reduce(0.0) {
          $0 + matrix[entry][$1] * old[index + ($1 - entry) * inner]
        }
      }
    }
    return result
  }
}
