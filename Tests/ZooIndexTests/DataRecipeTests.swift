import Datasets
import LinearAlgebra
import Networks
import Testing
import ZooBuilding

@testable import ZooSpecs

@Suite("The data of a recipe")
struct DataRecipeTests {
  private func data() throws -> Dataset {
    try Dataset(
      examples: (0..<4000).map { Float($0) / 4000 }, exampleShape: [2],
      labels: (0..<2000).map { Int32($0 % 4) })
  }

  private func recipe(_ text: String) throws -> DataRecipe {
    let spec = try ZooSpec(
      parsing: "name: z\ndata: {source: d, \(text)}\nmodel: {kind: mlp, width: 2}", file: "z")
    return try #require(spec.recipes.first).data
  }

  @Test("classes are chosen in both splits and numbered anew")
  func classes() throws {
    let recipe = try recipe("classes: [3, 1]")
    for isTraining in [true, false] {
      let chosen = try data().selected(by: recipe, isTraining: isTraining)
      #expect(chosen.count == 1000 && chosen.classCount == 2)
      // Example 1 has class 1, the second of the list; example 3 has class 3, the first.
      #expect(Array(chosen.labels.prefix(2)) == [1, 0])
      let expected: [Float] = [2 / 4000, 3 / 4000]
      #expect(Array(chosen.examples.prefix(2)) == expected)
    }
  }

  @Test("a fraction is that many examples, once each, of the training split alone")
  func fraction() throws {
    let recipe = try recipe("fraction: 0.25, seed: 2")
    let chosen = try data().selected(by: recipe, isTraining: true)
    #expect(chosen.count == 500)
    #expect(Set(chosen.examples).count == 1000)
    #expect(try data().selected(by: recipe, isTraining: false).count == 2000)
    #expect(try data().selected(by: recipe, isTraining: true).labels == chosen.labels)
    let other = try self.recipe("fraction: 0.25, seed: 3")
    #expect(try data().selected(by: other, isTraining: true).examples != chosen.examples)
  }

  @Test("portions beside each other share no example, and are cut before classes are chosen")
  func portions() throws {
    let all = try data()
    let first = try all.selected(by: recipe("portion: [0, 0.35], seed: 5"), isTraining: true)
    let rest = try all.selected(by: recipe("portion: [0.35, 1], seed: 5"), isTraining: true)
    #expect(first.count == 700 && rest.count == 1300)
    #expect(Set(first.examples + rest.examples) == Set(all.examples))
    let some = try all.selected(
      by: recipe("portion: [0.35, 1], seed: 5, classes: [2, 3]"), isTraining: true)
    #expect(Set(some.examples).isSubset(of: Set(rest.examples)) && some.classCount == 2)
    #expect(
      try all.selected(by: recipe("portion: [0, 0.35], seed: 5"), isTraining: false).count == 2000)
  }

  @Test("corruptions by either spelling, by strength, by scale, drawn once or in every epoch")
  func corruptions() throws {
    #expect(try recipe("corruption: gaussian_noise").corruption == Corruption(.gaussianNoise))
    #expect(
      try recipe("corruption: {type: fog, scale: mnist, strength: 2}").corruption
        == Corruption(.fog, scale: .mnist, strength: 2))
    #expect(try recipe("corruption: none").corruption == nil)
    let data = try Dataset(
      examples: Array(repeating: 0.5, count: 64), exampleShape: [8, 8], labels: [0], classCount: 2)
    let once = try recipe("corruption: gaussian-noise")
    let often = try recipe("corruption: gaussian-noise, draws: epoch")
    #expect(!once.isRedrawn && often.isRedrawn)
    #expect(try data.selected(by: once, isTraining: true).examples != data.examples)
    // The trainer corrupts it, epoch by epoch.
    #expect(try data.selected(by: often, isTraining: true).examples == data.examples)
  }

  @Test("label noise changes its share of the labels, to each other class as often")
  func noise() throws {
    let recipe = try recipe("label-noise: 0.3")
    let clean = try data()
    let noisy = try clean.selected(by: recipe, isTraining: true)
    let steps = zip(clean.labels, noisy.labels).map { ($1 - $0 + 4) % 4 }
    // 600 of 2000 are changed, 200 by each step: within five deviations of the binomial law.
    #expect((498...702).contains(steps.count { $0 != 0 }))
    for step in Int32(1)...3 { #expect((133...267).contains(steps.count { $0 == step })) }
    #expect(try clean.selected(by: recipe, isTraining: false).labels == clean.labels)
  }
}
