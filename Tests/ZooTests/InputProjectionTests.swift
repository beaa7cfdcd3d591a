import LinearAlgebra
import Networks
import Testing
import WeightFiles
import WorkbenchCore

@testable import Zoo

/// Tried by hand: a size of as many numbers as an example has, augmentation beside it, 'draws: epoch'
/// beside it, a missing size.
@Suite("Projections of inputs")
struct InputProjectionTests {
  private func recipe(_ projection: String, _ training: String = "{}") throws -> ModelRecipe {
    let spec = try ZooSpec(
      parsing: """
        name: z
        data: {source: d, \(projection)}
        model: {kind: mlp, width: 2}
        training: \(training)
        """, file: "z")
    return try #require(spec.recipes.first)
  }

  private func data(_ examples: [Float]) throws -> Dataset {
    try Dataset(
      examples: examples, exampleShape: [2, 2], labels: [0, 1], classCount: 2)
  }

  @Test("it is linear, the same in both splits, and decided by its seed")
  func linear() throws {
    let recipe = try recipe("projection: {size: 3, seed: 5}").data
    let first: [Float] = [1, 0, 0, 0, 0, 1, 0, 0]
    let second: [Float] = [0, 0, 2, 0, 0, 0, 0, 1]
    let sum = zip(first, second).map { $0 + $1 }
    let seen = try [first, second, sum].map {
      try data($0).selected(by: recipe, isTraining: true).examples
    }
    for place in 0..<6 {
      // Rounding of one sum in single precision.
      #expect(abs(seen[0][place] + seen[1][place] - seen[2][place]) < 1e-6)
    }
    let test = try data(first).selected(by: recipe, isTraining: false)
    #expect(test.examples == seen[0] && test.exampleShape == [3] && test.labels == [0, 1])
    let other = try self.recipe("projection: {size: 3, seed: 6}").data
    #expect(try data(first).selected(by: other, isTraining: true).examples != seen[0])
  }

  @Test(
    "what cannot be projected is refused before any work",
    arguments: [
      ("projection: {size: 4}", "{}"), ("projection: {size: 2}", "{augmentation: {shift: 1}}"),
      ("projection: {size: 2}, corruption: fog, draws: epoch", "{}"),
    ])
  func refused(projection: String, training: String) throws {
    let recipe = try recipe(projection, training)
    let examples = try data([0, 0, 0, 0, 0, 0, 0, 0])
    let zoo = ZooData(sets: ["d": (examples, examples)])
    #expect(throws: Diagnostic.self) { try zoo.check(recipe) }
    #expect(throws: Diagnostic.self) { try self.recipe("projection: {seed: 1}") }
  }

  @Test("a file says what it saw the examples through")
  func attributes() throws {
    let attributes = try recipe("projection: {size: 3, seed: 5}").attributes
    #expect(attributes["projection_size"] == .numbers([3]))
    #expect(attributes["projection_seed"] == .numbers([5]))
  }
}
