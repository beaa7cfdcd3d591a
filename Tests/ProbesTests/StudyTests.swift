import LinearAlgebra
import Testing

@testable import Probes

@Suite struct StudyTests {
  private func report(
    _ method: any ProbeMethod, _ layers: [(String, LayerStack<Float>)], _ targets: ProbeTargets,
    jobs: Int? = nil, seeds: Int = 2
  ) throws -> ProbeReport {
    let groups = Array(0..<targets.count)
    let splits = try (0..<seeds).map {
      try ProbeSplit.folds(targets, groups: groups, count: 4, seed: UInt64($0))
    }
    var options = ProbeStudy.Options(method: method, splits: splits, groups: groups)
    options.baselines = [MajorityProbe(), NearestProbe()]
    options.jobs = jobs
    options.settings.probeCount = 4
    options.settings.projectionCount = 4
    options.settings.representationCount = 4
    options.settings.training.epochs = 120
    options.settings.training.learningRate = 1e-2
    var study = ProbeStudy(targets, options: options)
    for (name, stack) in layers { try study.add(name, ProbeInput(stack: stack), .layer) }
    try study.add("", ProbeInput(numbers: Matrix(zeros: targets.count, 0)), .nothing)
    return try study.report()
  }

  /// Of two layers the one that tells is chosen, and what it tells is found.
  @Test(arguments: ["probex", "mvprobe", "dense", "moments"])
  func theLayerThatTellsIsChosen(_ name: String) throws {
    let models = SyntheticModels(count: 80, signal: 3)
    let noise = SyntheticModels(count: 80, signal: 0, seed: 9)
    let report = try report(
      ProbeMethods.named(name), [("noise", noise.stack), ("signal", models.stack)], models.targets)
    #expect(report.layer == "signal")
    #expect(report.test.mean > 0.85)
    #expect(report.test.low <= report.test.mean && report.test.mean <= report.test.high)
    #expect(report.test.folds.count == 8)
    let majority = try #require(report.baselines.first { $0.method == "majority" })
    #expect(abs(majority.test.mean - report.chance) < 0.1)
    #expect(report.confusion.joined().reduce(0, +) == 160)
  }

  /// Where nothing tells, choosing among twenty layers must not look like telling: the test models do
  /// not see the choice. The interval of 60 coins is ±0.13.
  @Test func choosingLayersDoesNotLeak() throws {
    let targets = ProbeTargets.classes((0..<60).map { $0 % 2 }, count: 2)
    let layers = (0..<20).map { layer in
      ("layer\(layer)", SyntheticModels(count: 60, signal: 0, seed: UInt64(100 + layer)).stack)
    }
    let report = try report(DenseProbe(), layers, targets, seeds: 4)
    #expect(report.test.mean < 0.63, "\(report.test)")
    #expect(report.validation.mean > report.test.mean)
  }

  @Test(arguments: ["probex", "dense"])
  func resultsDoNotDependOnThreads(_ name: String) throws {
    let models = SyntheticModels(count: 40, signal: 1)
    let method = try ProbeMethods.named(name)
    let one = try report(method, [("a", models.stack)], models.targets, jobs: 1, seeds: 1)
    let many = try report(method, [("a", models.stack)], models.targets, jobs: 3, seeds: 1)
    #expect(one.test == many.test && one.validation == many.validation)
  }

  /// Numbers are predicted in their own unit, by networks too.
  @Test(arguments: ["probex", "dense"])
  func numbersKeepTheirUnit(_ name: String) throws {
    let models = SyntheticModels(count: 80, signal: 3)
    let targets = ProbeTargets.numbers(models.classes.map { 1000 + 50 * Double($0) })
    let report = try report(ProbeMethods.named(name), [("a", models.stack)], targets)
    #expect(report.test.mean > 0.5)
    #expect(report.calibration == nil && report.confusion.isEmpty)
  }
}

@Suite struct TreeTests {
  /// The heights of scipy 1.x's `linkage(…, 'average')` on the same distances.
  @Test func heightsAreThoseOfSciPy() {
    func place(_ index: Int) -> Double { Double((index * index * 7 + 3 * index) % 23) }
    let distances = Matrix<Double>(rows: 9, columns: 9) { row, column in
      row == column ? 0 : abs(place(row) - place(column)) + 0.1 * Double(abs(row - column))
    }
    let heights = AverageLinkage(distances).joins.map(\.height)
    let expected: [Double] = [1.1, 1.75, 2.1, 2.566667, 3.2, 4.9, 7.791667, 11.078571]
    for (own, other) in zip(heights, expected) { #expect(abs(own - other) < 1e-5) }
    #expect(heights.count == expected.count)
  }

  @Test func treesAreFoundAndOthersRejected() throws {
    let models = SyntheticModels(count: 60, trees: 4, signal: 1, apart: 10)
    let known = (0..<60).filter { models.trees[$0] != 3 }
    let gram = try LayerGram.centred(models.stack)
    let found = try TreeCentres(models.stack, gram: gram, models: known)
    #expect(found.names == ["tree-1", "tree-2", "tree-3"])
    #expect(found.groups == known.map { models.trees[$0] })
    for model in 0..<60 {
      let routing = try #require(
        TreeRouting(models.stack, model, centres: found.centres, radii: found.radii))
      #expect(routing.isKnown == (models.trees[model] != 3))
      if routing.isKnown { #expect(routing.tree == models.trees[model]) }
    }
  }

  @Test func modelsOfOneTreeAreOne() throws {
    let models = SyntheticModels(count: 30, signal: 1, apart: 10)
    let found = try TreeCentres(
      models.stack, gram: LayerGram.centred(models.stack), models: Array(0..<30))
    #expect(found.names == ["tree-1"])
  }
}

@Suite struct HeritageTests {
  /// All ways to give parents to four nodes, the cheapest of them.
  @Test(arguments: 0..<20)
  func arborescenceIsTheCheapest(_ seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let count = 5
    let costs = Matrix<Double>(rows: count, columns: count) { _, _ in generator.uniform() }
    func total(_ parents: [Int]) -> Double? {
      for start in 1..<count {
        var (node, steps) = (start, 0)
        while node != 0 {
          guard steps < count else { return nil }
          node = parents[node]
          steps += 1
        }
      }
      return (1..<count).reduce(0) { $0 + costs[parents[$1], $1] }
    }
    var least = Double.infinity
    for code in 0..<625 {
      let digits = [code % 5, code / 5 % 5, code / 25 % 5, code / 125]
      let parents = [-1] + digits
      if zip(1..., digits).contains(where: { $0 == $1 }) { continue }
      if let cost = total(parents) { least = min(least, cost) }
    }
    let found = MinimumArborescence.parents(costs, root: 0)
    #expect(found[0] == -1)
    #expect(abs((total(found) ?? .infinity) - least) < 1e-12)
  }

  /// Two roots; children that drift in pairs, so that the two are nearer to each other than to the root;
  /// grandchildren that go on from a child, each with a copy. Every edge is found.
  @Test func descentIsToldFromSiblings() throws {
    var generator = SeededGenerator(seed: 6)
    let size = 200
    func step(_ length: Double) -> [Double] { (0..<size).map { _ in length * generator.normal() } }
    func moved(_ from: [Double], _ by: [Double]) -> [Double] { zip(from, by).map { $0 + $1 } }
    var (models, truth): ([[Double]], [Int]) = ([], [])
    func add(_ values: [Double], _ parent: Int) -> Int {
      models.append(values)
      truth.append(parent)
      return models.count - 1
    }
    for _ in 0..<2 {
      let root = add(step(10), -1)
      for pair in 0..<4 {
        let drift = step(1)
        for number in 0..<2 {
          let child = add(moved(models[root], moved(drift, step(0.5))), root)
          guard pair == 0, number == 0 else { continue }
          let grandchild = add(moved(models[child], step(0.5)), child)
          _ = add(models[grandchild], grandchild)
        }
      }
    }
    let stack = LayerStack<Float>(
      rows: 20, columns: 10, values: models.joined().map { Float($0) })
    let distances = LayerGram.squaredDistances(try LayerGram.centred(stack)).mapped {
      $0.squareRoot()
    }
    let heritage = Heritage(
      distances: distances, kurtosis: Array(repeating: 0, count: models.count))
    #expect(heritage.roots.count == 2 && heritage.groupsWithDirection == 0)
    var found = Array(repeating: -1, count: models.count)
    for edge in heritage.edges { found[edge.child] = edge.parent }
    // A model and its copy are the same: either may be the other's parent.
    for (model, parent) in truth.enumerated() where models[model] != models[max(0, parent)] {
      let isCopied = zip(models, models.indices).contains { $0 == models[model] && $1 != model }
      if !isCopied { #expect(found[model] == parent, "model \(model)") }
    }
    #expect(heritage.edges.count { $0.distance == 0 } == 2)
  }

  /// A weighted mean of two fine-tunes descends from both. What lies half of the way from the root to a
  /// fine-tune is none, and neither is a model beside the line between two: by 0.07 of its length.
  @Test func meansOfTwoModelsAreMerges() throws {
    func model(_ parts: [Int: Double], far: Double = 0) -> [Float] {
      (0..<8).map { Float((parts[$0] ?? 0) + ($0 == 7 ? far : 0)) }
    }
    let models: [[Float]] = [
      model([:]), model([0: 1]), model([1: 1]), model([2: 1]), model([0: 0.3, 1: 0.7]),
      model([3: 0.5]), model([3: 1]), model([1: 0.5, 2: 0.5, 4: 0.1]),
      // A second tree, far away, so that the first is a group.
      model([:], far: 100), model([0: 1], far: 100), model([1: 1], far: 100),
    ]
    let distances = Matrix<Double>(rows: models.count, columns: models.count) { one, other in
      zip(models[one], models[other]).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        .squareRoot()
    }
    let heritage = Heritage(
      distances: distances, kurtosis: Array(repeating: 0, count: models.count))
    #expect(heritage.roots == [0, 8])
    let merged = Dictionary(uniqueKeysWithValues: heritage.edges.map { ($0.child, $0.merged) })
    #expect(merged[4] == [2, 1])
    #expect(merged.filter { !$0.value.isEmpty }.keys.sorted() == [4])
    #expect(heritage.edges.first { $0.child == 4 }?.parent == 2)
    #expect(heritage.edges.first { $0.child == 6 }.map { [5, 0].contains($0.parent) } == true)
  }
}
