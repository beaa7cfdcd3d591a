import Foundation
import ModelGraph
import Networks
import Support
import Testing

@testable import ZooSpecs

@Suite("What a spec describes")
struct VariantTests {
  private func recipes(_ text: String) throws -> [ModelRecipe] {
    try ZooSpec(parsing: "name: z\ndata: digits\n" + text, file: "z.yaml").recipes
  }

  @Test("short forms of networks are what they say")
  func architectures() throws {
    func architecture(_ text: String) throws -> ArchitectureRecipe {
      try #require(try recipes("model: \(text)").first).architecture
    }
    #expect(
      try architecture("{kind: mlp, width: 7, depth: 3}")
        == .perceptron(widths: [7, 7, 7], activation: .relu))
    #expect(
      try architecture("{kind: vgg, width: 4, blocks: [2, 1]}")
        == architecture("{kind: vgg, layers: [4, 4, M, 8, M]}"))
    #expect(
      try architecture("{kind: vgg, depth: 11, width-multiplier: 0.25}")
        == architecture("{kind: vgg, layers: [16, M, 32, M, 64, 64, M, 128, 128, M, 128, 128, M]}"))
    #expect(
      try architecture("{kind: resnet, depth: 20, width-multiplier: 0.5}")
        == architecture("{kind: resnet, width: 8, blocks: [3, 3, 3]}"))
    // torchvision's parameter counts, of 1000 classes.
    for (depth, count) in [(18, 11_689_512), (50, 25_557_032)] {
      let graph = try architecture("{kind: resnet, depth: \(depth), stem: large}")
        .graph(inputShape: [3, 224, 224], classCount: 1000)
      let trained = graph.parameters.filter { ![.movingMean, .movingVariance].contains($0.role) }
      #expect(trained.reduce(0) { $0 + $1.shape.reduce(1, *) } == count)
    }
  }

  @Test("an image that is too small is named with the line of the model")
  func pooling() throws {
    let recipe = try #require(try recipes("model: {kind: vgg, depth: 11}").first)
    #expect(recipe.locations.model == ["z.yaml", "line 3"])
    let error = #expect(throws: Diagnostic.self) {
      try recipe.architecture.graph(inputShape: [8, 8], classCount: 10)
    }
    #expect(error?.message == "images of 8 × 8 can be halved 3 times, and the model pools 5 times")
    #expect(throws: Diagnostic.self) {
      try recipe.architecture.graph(inputShape: [64], classCount: 10)
    }
  }

  static let search = """
    model: {kind: mlp, width: 8}
    random:
      count: COUNT
      seed: 3
      fields:
        training.learning-rate: {log-uniform: [0.0001, 0.01]}
        training.weight-decay: {uniform: [0, 0.1]}
        training.batch-size: {integer: [16, 19]}
        model.width: [4, 6]
    """

  @Test("a random search stays in its ranges, covers them, and only grows")
  func random() throws {
    let many = try recipes(Self.search.replacing("COUNT", with: "400"))
    let few = try recipes(Self.search.replacing("COUNT", with: "5"))
    #expect(many.prefix(5).map(String.init(describing:)) == few.map(String.init(describing:)))
    #expect(few.map(\.name) == (0..<5).map { "z-random\($0)" })
    let rates = many.map(\.training.options.learningRate)
    #expect(rates.allSatisfy { (1e-4...1e-2).contains($0) })
    // Half of a log-uniform range is below its geometric middle: 200 ± 5 · √100.
    #expect((150...250).contains(rates.count { $0 < 1e-3 }))
    let decays = many.map(\.training.options.weightDecay)
    #expect((150...250).contains(decays.count { $0 < 0.05 }))
    #expect(Set(many.map(\.training.options.batchSize)) == [16, 17, 18, 19])
    #expect(Set(many.map(\.architecture)).count == 2)
  }

  @Test("a tree multiplies with seeds; own axes branch; what a variant sets stays")
  func tree() throws {
    let models = try recipes(
      """
      model: {kind: mlp, width: 8}
      training: {epochs: 9}
      models:
        - name: leaf
          parent: middle
          training: {seed: 7}
        - name: middle
          parent: root
          data: {fraction: 0.5}
          grid: {training.learning-rate: [0.1, 0.2]}
        - name: root
          training: {epochs: 3}
      seeds: [0, 1]
      """)
    let named = Dictionary(uniqueKeysWithValues: models.map { ($0.name, $0) })
    #expect(models.count == 10)
    #expect(models[0].name == "z-leaf-seed0-learning-rate0.1")
    #expect(named["z-root-seed1"]?.generation == 0 && named["z-root-seed1"]?.parent == nil)
    let middle = try #require(named["z-middle-seed1-learning-rate0.2"])
    #expect(middle.parent == "z-root-seed1" && middle.generation == 1)
    #expect(middle.training.options.epochs == 9 && middle.training.options.seed == 1)
    #expect(middle.data.fraction == 0.5 && middle.training.options.learningRate == 0.2)
    let leaf = try #require(named["z-leaf-seed1-learning-rate0.2"])
    #expect(leaf.parent == middle.name && leaf.generation == 2)
    #expect(leaf.training.options.seed == 7 && leaf.data.fraction == 1)
  }

  @Test("every spec in zoo-specs can be read")
  func shipped() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../zoo-specs").standardized
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files.count >= 3)
    for file in files {
      #expect(try !ZooSpec(contentsOf: folder.path + "/" + file).recipes.isEmpty)
    }
  }
}
