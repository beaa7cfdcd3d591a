import Support
import Testing

@Suite("Words with names left open")
struct WordingTests {
  private static let shouting = Wording.Vocabulary(
    setting: { $0.words.joined(separator: "_").uppercased() }, action: { "do " + $0.rawValue })

  private static let table: [(words: Wording, plain: String, other: String)] = [
    ("copy it again", "copy it again", "copy it again"),
    ("raise \(setting: .maxMemory)", "raise 'max memory'", "raise MAX_MEMORY"),
    ("\(action: .zooIndex) lists \("them")", "`zoo index` lists them", "`do zoo index` lists them"),
    (
      "make \(action: .zooIndex, of: "F", with: .output, "a b")", "make `zoo index F 'output' a b`",
      "make `do zoo index F OUTPUT a b`"
    ),
    (
      "\(Wording("or ") + "\(setting: .where)")\(Wording("!"))", "or 'where'!", "or WHERE!"
    ),
    ("", "", ""),
  ]

  @Test("the same words, by two vocabularies", arguments: table.indices)
  func words(_ row: Int) {
    let (words, plain, other) = Self.table[row]
    #expect(words.text(in: .plain) == plain)
    #expect(words.text(in: Self.shouting) == other)
  }

  @Test("a library that nobody told its names has plain ones")
  func unspoken() {
    let error = Diagnostic(.failed, "too large", remedy: "raise \(setting: .maxMemory)")
    #expect(error.description == "too large; raise 'max memory'")
    #expect(Diagnostic(.failed, "which?", remedy: "name one").description == "which? Name one")
  }
}
