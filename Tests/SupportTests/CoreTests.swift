import Foundation
import Support
import Synchronization
import Testing

@Suite("Diagnostics")
struct DiagnosticTests {
  @Test("one line: places, message, remedy")
  func text() {
    let error = Diagnostic(.badData, "too short", at: ["", "kernel"], remedy: "copy it again")
    #expect(error.inside("a.h5").description == "a.h5 › kernel: too short; copy it again")
    #expect(error.inside("kernel") == error)
    #expect(error.code.exitCode == 65)
  }

  @Test("a name from a file cannot forge lines or colours")
  func escaping() {
    let error = Diagnostic(.badData, "bad", at: ["a\n\u{1B}[31mb"])
    #expect(error.description == #"a\u{a}\u{1b}[31mb: bad"#)
  }
}

@Suite("Parallel loops")
struct ParallelTests {
  @Test("results come in order, whatever the jobs", arguments: [1, 2, 7, nil])
  func order(jobs: Int?) throws {
    #expect(try Parallel.map(count: 100, jobs: jobs) { $0 * $0 } == (0..<100).map { $0 * $0 })
    #expect(try Parallel.map(count: 0, jobs: jobs) { $0 } == [])
  }

  @Test("an error stops the loop and is thrown")
  func failure() {
    let begun = Mutex(0)
    let error = #expect(throws: Diagnostic.self) {
      try Parallel.forEach(count: 100_000, jobs: 2) { index in
        begun.withLock { $0 += 1 }
        if index == 5 { throw Diagnostic(.failed, "five") }
      }
    }
    #expect(error?.message == "five")
    #expect(begun.withLock { $0 } < 100_000)
  }
}

@Suite("JSON")
struct JSONTests {
  @Test("true is not 1")
  func kinds() throws {
    let text = #"{"a": true, "b": 1, "c": [null, "x", 2.5], "d": false, "e": 0}"#
    let value = try JSONValue(parsing: text.utf8)
    #expect(value["a"] == .bool(true) && value["d"] == .bool(false))
    #expect(value["b"]?.integer == 1 && value["e"]?.integer == 0 && value["b"]?.bool == nil)
    #expect(value["c"]?[0] == .null && value["c"]?[1]?.string == "x" && value["c"]?[9] == nil)
    #expect(value["c"]?[2]?.number == 2.5 && value["c"]?[2]?.integer == nil)
  }

  @Test(
    "numbers are those that the text says, to the last bit",
    arguments: [
      0.30000000000000004, 0.1 + 0.7, 0.6999999999999998, 1.0 / 3, 2.0 / 3, 1e-300,
      .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0x1p53, -123.45678901234567, 0.7,
    ])
  func exactNumbers(number: Double) throws {
    let value = try JSONValue(parsing: "[\(number)]".utf8)
    #expect(value[0]?.number?.bitPattern == number.bitPattern)
  }

  @Test("damaged text is an error", arguments: ["", "{", "{\"a\":}"])
  func damaged(text: String) {
    #expect(throws: Diagnostic.self) { try JSONValue(parsing: text.utf8) }
  }

  @Test("deep nesting is an error, not a crash")
  func deep() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: Diagnostic.self) { try JSONValue(parsing: text.utf8) }
  }

  @Test("numbers that are not finite are null")
  func finite() throws {
    let data = try JSONEncoder().encode([FiniteNumber(1.5), FiniteNumber(.nan)])
    #expect(String(decoding: data, as: UTF8.self) == "[1.5,null]")
  }
}

@Suite("Paths and documents")
struct PathAndDocumentTests {
  @Test(
    "the folder of a path, also of one letter",
    arguments: [
      ("x", ""), ("a/x", "a"), ("/x", "/"), ("/", "/"), ("a/b/x", "a/b"), ("a/b/", "a"), ("", ""),
      ("//x", "/"), ("a//x", "a"), ("ä/ö", "ä"),
    ])
  func folders(_ path: String, _ folder: String) {
    #expect(path.folderOfPath == folder)
  }

  @Test("what is written is read again, whole numbers as such; what is not finite is an error")
  func documents() throws {
    let text = #"{"a":[1,2.5,null,true,"x"],"b":{}}"#
    let value = try JSONValue(parsing: text.utf8)
    let bytes = try value.encoded()
    #expect(try JSONValue(parsing: bytes) == value)
    #expect(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace } == text)
    #expect(throws: Diagnostic.self) { try JSONValue.number(.infinity).encoded() }
  }
}
