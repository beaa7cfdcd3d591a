import LinearAlgebra
import Testing

@testable import Probes

@Suite struct ProbeNetworkTests {
  /// ViT-B with 100 labels, Stable Diffusion with CLIP's 768 numbers a class: the published counts; the
  /// others by hand.
  @Test(arguments: [
    (768, 768, ProbeNetworkShape.Head.linear(outputs: 100), 2_306_788),
    (1280, 1280, .aligned(textWidth: 768), 2_523_392),
    (2, 3, .linear(outputs: 1), 128 * 3 + 128 * 2 + 128 * 128 * 128 + 128 + 128 + 1),
  ])
  func parameterCount(
    _ rows: Int, _ columns: Int, _ head: ProbeNetworkShape.Head, _ count: Int
  ) {
    let shape = ProbeNetworkShape(rows: rows, columns: columns, head: head)
    #expect(shape.parameterCount == count)
  }

  /// The gradient against the slope between two near points, in Float64: what is left is the error of
  /// the difference, about step² and 10⁻¹⁶ / step.
  @Test(arguments: ReferenceProbe.names)
  func gradientIsTheSlope(_ name: String) async throws {
    let reference = try await ReferenceProbe(name)
    let stack = LayerStack<Double>(widening: reference.stack)
    let texts = reference.texts.map { Matrix<Double>(widening: $0) }
    var network = ProbeNetwork<Double>(
      shape: reference.shape, parameters: reference.before.map(Double.init))
    let batch = ReferenceProbe.batch(0)
    func loss() throws -> Double {
      try network.gradient(of: batch, in: stack, targets: reference.targets, texts: texts).loss
    }
    let gradient = try network.gradient(
      of: batch, in: stack, targets: reference.targets, texts: texts
    ).gradient
    let step = 1e-5
    for at in stride(from: 0, to: gradient.count, by: 3) {
      let own = network.parameters[at]
      network.parameters[at] = own + step
      let above = try loss()
      network.parameters[at] = own - step
      let below = try loss()
      network.parameters[at] = own
      let slope = (above - below) / (2 * step)
      #expect(
        abs(slope - gradient[at]) < 1e-7 * max(1, abs(slope)),
        "parameter \(at): \(gradient[at]), not \(slope)")
    }
  }

  /// The first gradient in Float64 against autograd's: rounding of the file's Float32 only.
  @Test(arguments: ReferenceProbe.names)
  func gradientIsThatOfPyTorch(_ name: String) async throws {
    let reference = try await ReferenceProbe(name)
    let network = ProbeNetwork<Double>(
      shape: reference.shape, parameters: reference.before.map(Double.init))
    let (loss, gradient) = try network.gradient(
      of: ReferenceProbe.batch(0), in: LayerStack(widening: reference.stack),
      targets: reference.targets, texts: reference.texts.map { Matrix<Double>(widening: $0) })
    #expect(abs(loss - Double(reference.losses[0])) < 1e-6 * max(1, loss))
    for (own, theirs) in zip(gradient, reference.gradient) {
      #expect(abs(own - Double(theirs)) < 1e-6 * max(1, abs(own)))
    }
  }

  /// Twenty steps of Adam in Float32 against PyTorch's in Float64.
  /// Models are taken one by one, and together as small matrices are.
  @Test(arguments: ReferenceProbe.names, [false, true])
  func stepsAreThoseOfPyTorch(_ name: String, together: Bool) async throws {
    let reference = try await ReferenceProbe(name)
    var options = ProbeTrainingOptions()
    (options.learningRate, options.weightDecay) = (1e-2, 1e-3)
    var state = AdamState(
      ProbeNetwork(shape: reference.shape, parameters: reference.before), options)
    let views =
      together ? ProbeViews(reference.stack, branches: reference.shape.branches) : nil
    let pass = ProbePass<Float>(reference.shape, capacity: 8, views: views)
    #expect((pass.views != nil) == together)
    for step in 0..<20 {
      let loss = try state.step(
        ReferenceProbe.batch(step), on: reference.stack, targets: reference.targets,
        texts: reference.texts, pass: pass, jobs: 2)
      #expect(abs(loss - Double(reference.losses[step])) < 1e-4 * max(1, loss))
    }
    for (own, theirs) in zip(state.network.parameters, reference.after) {
      #expect(abs(own - theirs) < 1e-4)
    }
  }

  /// Without the rectifier ProbeX is a dense linear map whose tensor is
  /// W_ijk = Σ G_alc V_ai U_jl T_kc, with (M_l)_ca = G_alc (proposition 2 of the paper).
  @Test func linearVariantIsADenseMapOfLowTuckerRank() throws {
    let shape = ProbeNetworkShape(
      rows: 5, columns: 6, probeCount: 3, projectionCount: 2, representationCount: 4,
      rectifies: false, head: .linear(outputs: 3))
    let network = ProbeNetwork<Double>(shape: shape, seed: 7)
    var generator = SeededGenerator(seed: 8)
    let stack = LayerStack<Double>(
      rows: 5, columns: 6, values: (0..<90).map { _ in generator.normal() })
    func part(_ name: String) -> [Double] {
      guard let block = shape.blocks.first(where: { $0.name == name }) else { return [] }
      return Array(network.parameters[block.range])
    }
    let (u, v) = (part("outputs/probes"), part("outputs/projection"))
    let (m, t) = (part("encoder/kernel"), part("head/kernel"))
    let (inner, outer) = (part("encoder/bias"), part("head/bias"))
    let scores = try network.scores(of: [0, 1, 2], in: stack)
    for model in 0..<3 {
      for k in 0..<3 {
        var sum = outer[k]
        for c in 0..<4 { sum += t[k * 4 + c] * inner[c] }
        for i in 0..<5 {
          for j in 0..<6 {
            var weight = 0.0
            for l in 0..<3 {
              for a in 0..<2 {
                for c in 0..<4 {
                  weight += m[c * 6 + l * 2 + a] * v[a * 5 + i] * u[j * 3 + l] * t[k * 4 + c]
                }
              }
            }
            sum += weight * stack.values[model * 30 + i * 6 + j]
          }
        }
        #expect(abs(sum - scores[model, k]) < 1e-12)
      }
    }
  }

  /// Small matrices that are multiplied together give the loss and the gradient that each alone gives, to
  /// the rounding of sums in another order, with pieces that are full and one that is not.
  @Test(arguments: [[ProbeBranch.outputs], ProbeBranch.allCases], [1, 40, 70])
  func togetherIsAsAlone(_ branches: [ProbeBranch], count: Int) throws {
    let shape = ProbeNetworkShape(
      rows: 9, columns: 21, probeCount: 5, projectionCount: 4, representationCount: 20,
      branches: branches, standardises: branches.count > 1, head: .linear(outputs: 2))
    var generator = SeededGenerator(seed: 1)
    let stack = LayerStack<Double>(
      rows: 9, columns: 21, values: (0..<189 * 80).map { _ in generator.normal() })
    let targets = ProbeTargets.classes((0..<80).map { $0 % 2 }, count: 2)
    let network = ProbeNetwork<Double>(shape: shape, seed: 3)
    let batch = Array(generator.permutation(count: 80).prefix(count))
    func gradient(_ views: ProbeViews<Double>?) throws -> (Double, [Double]) {
      let pass = ProbePass<Double>(shape, capacity: 80, views: views)
      var gradient = [Double](repeating: .nan, count: network.parameters.count)
      let loss = try network.descend(
        batch, in: stack, targets: targets, texts: nil, jobs: 2, pass, into: &gradient)
      return (loss, gradient)
    }
    let views = try #require(ProbeViews(stack, branches: branches))
    let (alone, together) = (try gradient(nil), try gradient(views))
    #expect(abs(alone.0 - together.0) < 1e-12)
    for (one, other) in zip(alone.1, together.1) {
      #expect(abs(one - other) < 1e-12 * max(1, abs(one)))
    }
    #expect(alone.1.contains { abs($0) > 1e-3 })
  }

  /// Large matrices, and factors, are not taken together.
  @Test func largeMatricesAndFactorsAreTakenAlone() {
    let large = LayerStack<Float>(
      rows: 1, columns: 100, values: Array(repeating: 1, count: 100))
    #expect(ProbeViews(large, branches: [.outputs]) != nil)
    #expect(ProbeViews(large, branches: ProbeBranch.allCases) == nil)
    let factors = LayerStack<Float>(
      rows: 4, columns: 4, rank: 1, values: Array(repeating: 1, count: 8))
    #expect(ProbeViews(factors, branches: [.outputs]) == nil)
  }

  /// One thread or many: the same bits.
  @Test(arguments: [[ProbeBranch.outputs], ProbeBranch.allCases])
  func numbersDoNotDependOnThreads(_ branches: [ProbeBranch]) throws {
    let shape = ProbeNetworkShape(
      rows: 9, columns: 7, probeCount: 5, projectionCount: 4, representationCount: 20,
      branches: branches, standardises: branches.count > 1, head: .linear(outputs: 2))
    var generator = SeededGenerator(seed: 1)
    let stack = LayerStack<Float>(
      rows: 9, columns: 7, values: (0..<63 * 40).map { _ in Float(generator.normal()) })
    let targets = ProbeTargets.classes((0..<40).map { $0 % 2 }, count: 2)
    let network = ProbeNetwork<Float>(shape: shape, seed: 3)
    let one = try network.gradient(of: Array(0..<40), in: stack, targets: targets, jobs: 1)
    for jobs in [2, 3, 8] {
      let other = try network.gradient(of: Array(0..<40), in: stack, targets: targets, jobs: jobs)
      #expect(other.gradient == one.gradient)
    }
  }

  /// (B·R)·(R⁻¹·A) is B·A: scores and inner products see the product, not how it is split.
  @Test func factorsAreSeenAsTheirProduct() throws {
    var generator = SeededGenerator(seed: 4)
    let (rows, columns, rank, count) = (6, 5, 2, 4)
    var (plain, factors, turned): ([Float], [Float], [Float]) = ([], [], [])
    for _ in 0..<count {
      let left = Matrix<Float>(rows: rows, columns: rank) { _, _ in Float(generator.normal()) }
      let right = Matrix<Float>(rows: rank, columns: columns) { _, _ in Float(generator.normal()) }
      plain += BLAS.product(left, right).values
      factors += left.values + right.values
      // R = [[2, 1], [1, 1]], R⁻¹ = [[1, −1], [−1, 2]].
      let change = Matrix<Float>(rows: 2, columns: 2, values: [2, 1, 1, 1])
      let back = Matrix<Float>(rows: 2, columns: 2, values: [1, -1, -1, 2])
      turned += BLAS.product(left, change).values + BLAS.product(back, right).values
    }
    let dense = LayerStack<Float>(rows: rows, columns: columns, values: plain)
    let shape = ProbeNetworkShape(
      rows: rows, columns: columns, probeCount: 3, projectionCount: 3, representationCount: 4,
      branches: ProbeBranch.allCases, standardises: true, head: .linear(outputs: 2))
    let network = ProbeNetwork<Float>(shape: shape, seed: 5)
    let expected = try network.scores(of: [0, 1, 2, 3], in: dense)
    let products = try LayerGram.centred(dense)
    for values in [factors, turned] {
      let stack = LayerStack<Float>(rows: rows, columns: columns, rank: rank, values: values)
      let scores = try network.scores(of: [0, 1, 2, 3], in: stack)
      for (own, other) in zip(scores.values, expected.values) { #expect(abs(own - other) < 1e-4) }
      let gram = try LayerGram.centred(stack)
      for (own, other) in zip(gram.values, products.values) { #expect(abs(own - other) < 1e-3) }
    }
  }
}
