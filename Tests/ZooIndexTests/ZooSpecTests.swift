import ModelGraph
import Networks
import Support
import Testing
import ZooSpecs

@Suite("Zoo specs")
struct ZooSpecTests {
  static let base = """
    name: z
    data: digits
    model: {kind: mlp, widths: [8, 4]}
    training: {epochs: 2, batch-size: 32}
    """

  @Test("a spec without variation is one model with the stated values and the defaults")
  func single() throws {
    let spec = try ZooSpec(parsing: Self.base, file: "z.yaml")
    let recipe = try #require(spec.recipes.first)
    #expect(spec.recipes.count == 1 && recipe.name == "z" && recipe.data.source == "digits")
    #expect(recipe.architecture == .perceptron(widths: [8, 4], activation: .relu))
    let options = recipe.training.options
    #expect(options.epochs == 2 && options.batchSize == 32 && options.seed == 0)
    #expect(options.optimizer == .adam() && options.learningRate == 1e-3)
    #expect(spec.storage.deflateLevel == 4)
  }

  @Test("seeds and a grid multiply, in the order of the spec")
  func grid() throws {
    let text =
      Self.base + """

        grid:
          model.widths: [[16], [16, 16]]
          training.learning-rate: [0.1, 0.01]
        seeds: [3, 5]
        """
    let recipes = try ZooSpec(parsing: text, file: "z.yaml").recipes
    #expect(recipes.count == 8)
    #expect(recipes[0].name == "z-widths16-learning-rate0.1-seed3")
    #expect(recipes[7].name == "z-widths16x16-learning-rate0.01-seed5")
    #expect(recipes[7].architecture == .perceptron(widths: [16, 16], activation: .relu))
    let options = recipes[7].training.options
    #expect(options.learningRate == 0.01 && options.seed == 5 && options.epochs == 2)
  }

  static let wrong: [(change: String, message: String)] = [
    ("nme: x", "z.yaml › line 5: unknown key 'nme'; did you mean 'name'?"),
    ("seeds: []", "z.yaml › line 5: there are no values"),
    (
      "seeds: [1, 1]",
      "z.yaml › line 1: two models would be called z-seed1; remove one of the values"
    ),
    ("seeds: [-1]", "z.yaml › line 5: -1 is not in 0 or more"),
    (
      "grid: {training.epoch: [1]}",
      "z.yaml › line 5: unknown key 'epoch'; did you mean 'epochs'?"
    ),
    ("grid: {training.epochs: [-1]}", "z.yaml › line 5: -1 is not in 0…1000000"),
    (
      "storage: {compression: lzma}",
      "z.yaml › line 5: 'lzma' is not known here; use deflate, none"
    ),
    ("storage: {level: 12}", "z.yaml › line 5: 12 is not in 1…9"),
    ("name: ../x", "z.yaml › line 1: the key name is there twice"),
  ]

  @Test("what cannot be is named with its line before any work", arguments: wrong)
  func errors(change: String, message: String) {
    let error = #expect(throws: Diagnostic.self) {
      try ZooSpec(parsing: Self.base + "\n" + change, file: "z.yaml")
    }
    #expect(error?.code == .badData)
    #expect(error?.description.prefix(40) == message.prefix(40))
    #expect(error?.description == message || change == "name: ../x")
  }

  @Test(
    "what is missing is named",
    arguments: [
      "data: digits\nmodel: {kind: mlp, widths: [1]}", "name: z\nmodel: {kind: mlp, widths: [1]}",
      "name: z\ndata: digits", "name: z\ndata: digits\nmodel: {widths: [1]}",
      "name: z\ndata: digits\nmodel: {kind: mlp}", "name: ../z\ndata: digits",
    ])
  func missing(text: String) {
    #expect(throws: Diagnostic.self) { try ZooSpec(parsing: text, file: "z.yaml") }
  }

  @Test("a missing file is a missing input")
  func noFile() {
    let error = #expect(throws: Diagnostic.self) { try ZooSpec(contentsOf: "/nonexistent.yaml") }
    #expect(error?.code == .noInput)
  }
}
