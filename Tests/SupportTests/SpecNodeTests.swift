import Testing

@testable import Specs
@testable import Support

@Suite("YAML with places")
struct SpecNodeTests {
  static let wrong: [(yaml: String, message: String)] = [
    ("epoch: 3", "spec.yaml › line 1: unknown key 'epoch'; did you mean 'epochs'?"),
    ("\n\nzzz: 3", "spec.yaml › line 3: unknown key 'zzz'; known keys: epochs, rate"),
    ("epochs: many", "spec.yaml › line 1: expected a whole number, not 'many'"),
    ("rate: 0.1\nepochs: 0", "spec.yaml › line 2: 0 is not in 1…1000"),
    ("epochs: [1, 2]", "spec.yaml › line 1: expected a whole number, not a list"),
    ("rate: -1", "spec.yaml › line 1: -1.0 is not in 0.0 or more"),
    ("rate: .nan", "spec.yaml › line 1: nan is not in 0.0 or more"),
    ("- 1", "spec.yaml › line 1: expected a mapping with the keys epochs, rate"),
  ]

  @Test("what is wrong is said with file and line", arguments: wrong)
  func errors(yaml: String, message: String) throws {
    let error = #expect(throws: Diagnostic.self) {
      let members = try SpecNode(parsing: yaml, file: "spec.yaml").members(["epochs", "rate"])
      _ = try members["epochs"]?.integer(in: 1...1000)
      _ = try members["rate"]?.number(in: 0...Double.infinity)
    }
    #expect(error?.description == message)
    #expect(error?.code == .badData)
  }

  @Test("text that is not YAML", arguments: ["a: [1", "a: b: c", "\"", "", "a: 1\na: 2"])
  func notYAML(text: String) {
    let error = #expect(throws: Diagnostic.self) { try SpecNode(parsing: text, file: "x.yaml") }
    #expect(error?.location.first == "x.yaml")
  }

  @Test("a field is replaced, made where it is missing, and keeps its place")
  func setting() throws {
    let spec = try SpecNode(parsing: "model:\n  width: 4\nvary:\n  - 8", file: "f")
    let new = try #require(try spec.members(["model", "vary"])["vary"]).list()[0]
    let changed = try spec.setting(["model", "width"], to: new)
      .setting(["training", "seed"], to: new)
    let members = try changed.members(["model", "vary", "training"])
    let width = try #require(try members["model"]?.members(["width"])["width"])
    #expect(try width.integer(in: 0...10) == 8)
    #expect(try members["training"]?.members(["seed"])["seed"]?.integer(in: 0...10) == 8)
    #expect(width.error("x").description == "f › line 4: x")
    #expect(throws: Diagnostic.self) { try spec.setting(["model", "width", "deep"], to: new) }
  }
}
