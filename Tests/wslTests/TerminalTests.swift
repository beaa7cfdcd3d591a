import Foundation
import Support
import TestSupport
import Testing

/// What programs read: errors as JSON, comma-separated values; and what people look up.
///
/// Tried by hand beside these, with the built tool: `inspect`, `spectrum`, `zoo list` in terminals of 60, 80 and
/// 200 columns, with NO_COLOR and TERM=dumb.
@Suite("The terminal") struct TerminalTests {
  static let failures: [(words: String, code: String, exitCode: Int)] = [
    ("inspect none.h5 --json", "noInput", 66), ("zoo list none.sqlite --json", "noInput", 66),
    ("diff none.h5 m.safetensors --json", "noInput", 66),
    ("match m.safetensors --json", "usage", 64), ("bogus --json", "usage", 64),
    ("inspect text.h5 --json", "badData", 65), ("spectrum text.h5 --json", "badData", 65),
    ("convert m.safetensors -o m.safetensors --json", "usage", 64),
    ("connect m.safetensors m.safetensors --evaluator false --json", "failed", 1),
  ]

  private static func folder() throws -> Scratch {
    let scratch = try Scratch()
    var maker = SafetensorsMaker()
    maker.add("fc1.weight", [3, 2], [1, 2, 3, 4, 5, 6])
    maker.add("fc2.weight", [2, 3], [1, -2, 3, 4, 5, 6.5])
    try maker.file.write(to: scratch.url.appendingPathComponent("m.safetensors"))
    try Data("not a weight file\n".utf8).write(to: scratch.url.appendingPathComponent("text.h5"))
    return scratch
  }

  @Test(
    "under --json a failure is one document, and the line for people is the same",
    arguments: failures)
  func failure(_ words: String, _ code: String, _ exitCode: Int) throws {
    let scratch = try Self.folder()
    let outcome = try Tool.run(words.split(separator: " ").map(String.init), in: scratch.url)
    let error = try #require(try outcome.json()["error"])
    #expect(Int(outcome.code) == exitCode, "\(outcome.errors)")
    #expect(error["exitCode"]?.number == Double(exitCode) && error["code"]?.string == code)
    let message = try #require(error["message"]?.string)
    let places = (error["where"]?.array ?? []).compactMap(\.string)
    let line = outcome.errors.split(separator: "\n").last { $0.hasPrefix("error: ") } ?? ""
    #expect(line.contains(message) && places.allSatisfy(line.contains), "\(line)")
    if let remedy = error["remedy"]?.string {
      #expect(line.lowercased().hasSuffix(remedy.lowercased()))
    }
  }

  @Test("without --json, after -- and beside results nothing is added to standard output")
  func noDocument() throws {
    let scratch = try Self.folder()
    #expect(try Tool.run(["inspect", "none.h5"], in: scratch.url).output.isEmpty)
    #expect(try Tool.run(["inspect", "--", "none.h5", "--json"], in: scratch.url).output.isEmpty)
    // One of two files: the document is the other's.
    let partly = try Tool.run(["inspect", "none.h5", "m.safetensors", "--json"], in: scratch.url)
    #expect(try partly.code == 3 && partly.json().array?.count == 1)
    // A check that found something is no failure.
    let found = try Tool.run(
      ["diff", "m.safetensors", "n.safetensors", "--fail-above", "0", "--json"],
      in: try Self.withChange(scratch).url)
    #expect(try found.code == 2 && found.json()["exceeds"]?.bool == true)
  }

  private static func withChange(_ scratch: Scratch) throws -> Scratch {
    var maker = SafetensorsMaker()
    maker.add("fc1.weight", [3, 2], [1, 2, 3, 4, 5, 6.25])
    maker.add("fc2.weight", [2, 3], [1, -2, 3, 4, 5, 6.5])
    maker.add("a,b.weight", [1], [1])
    try maker.file.write(to: scratch.url.appendingPathComponent("n.safetensors"))
    return scratch
  }

  @Test(
    "comma-separated values have all digits of the JSON, and names in quotes where they need them")
  func commaSeparated() throws {
    let scratch = try Self.withChange(Self.folder())
    let words = ["diff", "m.safetensors", "n.safetensors"]
    let lines = try Tool.run(words + ["--csv"], in: scratch.url).output.split(separator: "\n")
    let document = try Tool.run(words + ["--json"], in: scratch.url).json()
    let columns = lines[0].split(separator: ",", omittingEmptySubsequences: false)
    let place = try #require(columns.firstIndex(of: "l2"))
    for (line, row) in zip(lines.dropFirst(), document["tensors"]?.array ?? []) {
      // No name and no shape of these rows has a comma but the shape, which is in quotes.
      let cells = line.replacing(/"[^"]*"/, with: "").split(
        separator: ",", omittingEmptySubsequences: false)
      #expect(Double(cells[place]) == row["l2"]?.number)
    }
    #expect(lines.contains { $0.hasPrefix("\"a,b.weight\"") && $0.contains(",added,") })
    let both = try Tool.run(words + ["--csv", "--json"], in: scratch.url)
    #expect(both.code == 64)
  }

  @Test("the version names the libraries; the terms are there under help and as a command")
  func lookedUp() throws {
    let version = try Tool.run("--version").output
    #expect(
      version.hasPrefix("wsl 0.") && version.contains("HDF5 1.") && version.contains("zstd 1."))
    let terms = try Tool.run("terms").output
    let help = try Tool.run("help", "terms").output
    for word in ["barrier:", "stable rank", "mCE", "fingerprint"] {
      #expect(terms.contains(word) && help.contains(word), "\(word)")
    }
  }
}
