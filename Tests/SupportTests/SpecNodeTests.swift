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

  /// Composing hashes keys with all that they hold: seen by fuzzing, 484 bytes of which took minutes. Each of
  /// these would do so.
  @Test(
    "aliases of aliases are no keys",
    arguments: [
      "? *a9\n: x", "[*a9, ?*a9 : 1]", "{*a9: 1}", "*a9 : 1", "{[*a9]: 1}", "? [*a9, *a9]\n: 1",
      "{{k: *a9}: 1}", "- ? *a9", "&x [*a9] : 1",
    ])
  func bombs(use: String) {
    var lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    for level in 1...9 {
      let one = "*a\(level - 1)"
      lines.append(
        "a\(level): &a\(level) [\(Array(repeating: one, count: 8).joined(separator: ", "))]")
    }
    let text = lines.map { "- {\($0)}" }.joined(separator: "\n") + "\n- \(use)"
    let error = #expect(throws: Diagnostic.self) { try SpecNode(parsing: text, file: "x.yaml") }
    #expect(error?.message.contains("keys that are no plain words") == true)
  }

  @Test(
    "aliases and odd keys apart are read",
    arguments: [
      "a: &x [1, 2]\nb: *x", "a: &x {k: 1}\nb: [*x, *x]\nc: 'what? yes'", "{[1, 2]: 3}",
      "? [1]\n: 2",
      "a: 2 * 3\nb: {c: [4], d: 5}",
      "a: &x [\"?\"]\nb: *x",
    ])
  func harmless(text: String) throws { _ = try SpecNode(parsing: text, file: "x.yaml") }

  @Test("a value is what it can be read as")
  func values() throws {
    let node = try SpecNode(
      parsing: "a: 3\nb: 2.5\nc: yes\nd: [x, '7']\ne: {k: v}\nf: ~", file: "f")
    #expect(node["a"]?.wholeNumber == 3 && node["a"]?.realNumber == 3 && node["a"]?.text == "3")
    #expect(node["b"]?.wholeNumber == nil && node["b"]?.realNumber == 2.5)
    #expect(node["c"]?.truth == true && node["c"]?.line == 3)
    #expect(node["d"]?.elements?.compactMap(\.text) == ["x", "7"] && node["d"]?.pairs == nil)
    #expect(node["e"]?["k"]?.text == "v" && node["e"]?.isMapping == true)
    #expect(node["f"]?.isNull == true && node["g"] == nil && node["a"]?["b"] == nil)
    let made = SpecNode(members: [(SpecNode("k"), SpecNode(list: [SpecNode("4")]))])
    #expect(made["k"]?.elements?.first?.wholeNumber == 4 && made.line == nil)
    #expect(SpecNode("4", isText: true).text == "4")
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
