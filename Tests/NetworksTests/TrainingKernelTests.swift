import LinearAlgebra
import ModelGraph
import Tensors
import Testing
import WeightFiles

@testable import Networks

/// What a training step changes besides the gradients: statistics, dropout, the optimisers' loops.
@Suite struct TrainingKernelTests {
  /// Float32 sums of 60 numbers of size 1, averaged once: 1e-6.
  @Test(arguments: [ModelGraph.ChannelOrder.last, .first], [true, false])
  func `running statistics are those of Float64`(
    _ order: ModelGraph.ChannelOrder, _ isImage: Bool
  ) throws {
    var maker = GraphMaker(order)
    let shape = !isImage ? [3] : order == .last ? [4, 5, 3] : [3, 4, 5]
    let normal = try maker.batchNormalization(momentum: 0.75, maker.input(shape))
    let last = try maker.add(.activation(.relu), normal)
    let graph = try maker.graph(last)
    let weights = randomWeights(graph, seed: 2)
    let store = try ParameterStore(isTrained: true)
    let program = try Program(
      graph: graph, batchSize: 6, options: ProgramOptions(isTraining: true), store: store)
    try store.load(weights)
    let inputs = OperationCase(name: "", make: { graph }).inputs(count: 6, shape: shape, seed: 3)
    _ = program.inputs.update(fromContentsOf: inputs.map { $0 + 2 })
    try program.prepareWeights()
    try program.forward()
    let found = try store.weights()

    let spatial = isImage ? 20 : 1
    for channel in 0..<3 {
      let values = inputs.indices.filter { place in
        (order == .first ? place / spatial % 3 : place % 3) == channel
      }.map { Double(inputs[$0] + 2) }
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      // PyTorch averages the unbiased variance in, Keras the biased one.
      let variance = squares / (order == .first ? count - 1 : count)
      for (name, tensor) in found {
        guard let old = weights[name]?.values[channel] else { continue }
        let expected: Double
        if name.hasSuffix(Parameter.Role.movingMean.rawValue) {
          expected = 0.75 * Double(old) + 0.25 * mean
        } else if name.hasSuffix(Parameter.Role.movingVariance.rawValue) {
          expected = 0.75 * Double(old) + 0.25 * variance
        } else {
          expected = Double(old)
        }
        #expect(
          abs(Double(tensor.values[channel]) - expected) < 1e-6 * max(1, abs(expected)), "\(name)")
      }
    }
  }

  @Test func `dropout keeps its share, and other elements for another seed`() {
    let count = 40_001
    func mask(_ rate: Double, seed: UInt64, stream: UInt64 = 0) -> [Float] {
      let ones = Array(repeating: Float(1), count: count)
      return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
        if let base = buffer.baseAddress {
          DropoutMask(rate: rate, stream: stream).apply(ones, into: base, count: count, seed: seed)
        }
        initialized = count
      }
    }
    for rate in [0.1, 0.5, 0.9] {
      let found = mask(rate, seed: 7)
      let kept = found.count { $0 != 0 }
      // Four standard deviations of a binomial.
      let spread = 4 * (rate * (1 - rate) * Double(count)).squareRoot()
      #expect(abs(Double(kept) - (1 - rate) * Double(count)) < spread)
      #expect(found.allSatisfy { $0 == 0 || $0 == Float(1 / (1 - rate)) })
      #expect(found == mask(rate, seed: 7))
      // Independent masks agree in a share r² + (1 − r)² of the places.
      for other in [mask(rate, seed: 8), mask(rate, seed: 7, stream: 1)] {
        let agreeing = zip(found, other).count { $0 == $1 }
        let share = rate * rate + (1 - rate) * (1 - rate)
        #expect(abs(Double(agreeing) / Double(count) - share) < 0.02)
      }
    }
  }

  /// Vectors, their remainders and shares of threads give the bits that one element at a time gives.
  @Test(arguments: [
    Optimizer.sgd(), .sgd(momentum: 0.9), .sgd(momentum: 0.9, nesterov: true), .adam(), .adamW(),
  ])
  func `an element does not depend on its neighbours`(_ optimizer: Optimizer) throws {
    let count = 1037
    var generator = SeededGenerator(seed: 4)
    let start = (0..<count).map { _ in Float(generator.normal()) }
    let gradients = (0..<count).map { _ in Float(generator.normal()) }
    func run(by size: Int) -> [[Float]] {
      var arrays = [start, Array(repeating: 0, count: count), Array(repeating: 0, count: count)]
      for number in 1...3 {
        let step = OptimizerStep(optimizer: optimizer, rate: 0.1, weightDecay: 0.01, number: number)
        for place in stride(from: 0, to: count, by: size) {
          let end = min(count, place + size)
          var parts = arrays.map { Array($0[place..<end]) }
          let slice = Array(gradients[place..<end])
          var (weights, first, second) = (parts[0], parts[1], parts[2])
          weights.withUnsafeMutableBufferPointer { w in
            first.withUnsafeMutableBufferPointer { m in
              second.withUnsafeMutableBufferPointer { v in
                guard let w = w.baseAddress, let m = m.baseAddress, let v = v.baseAddress else {
                  return
                }
                step.apply(
                  to: w, gradients: slice,
                  state: Array([m, v].prefix(optimizer.stateCount)), count: end - place)
              }
            }
          }
          parts = [weights, first, second]
          for (index, part) in parts.enumerated() {
            arrays[index].replaceSubrange(place..<end, with: part)
          }
        }
      }
      return arrays
    }
    let whole = run(by: count)
    #expect(whole[0] != start)
    #expect(whole == run(by: 1))
    #expect(whole == run(by: 13))
  }
}
