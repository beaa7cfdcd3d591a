import Foundation
import Testing

/// Libraries do not know how their user speaks: in a text of theirs no flag and no command is named. What
/// the user can set or do stands there as a `Wording`, and the executable has the names.
@Suite("The words of the libraries")
struct LibraryWordsTests {
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

  /// Words that look like a flag or a command and are none of ours: the style sheet's properties, the
  /// scheduler's options, the mark in the header of a packed zoo.
  private static let foreign: [String: Set<String>] = [
    "Serving/Assets/Assets+Stylesheet.swift": ["--"],
    "ZooIndex/Submitting/ScanJobs.swift": [
      "--job-name=wsl-", "--array=", "--signal=", "--requeue", "--open-mode=", "--output=",
      "--parsable", "--dependency=", "--partition=",
    ],
    "Catalogs/Catalog+Kinds.swift": ["wsl packed zoo"],
  ]

  nonisolated(unsafe) private static let literal = /"(?:[^"\\]|\\.)*"/
  nonisolated(unsafe) private static let named = /--[a-z]|\bwsl [a-z]/

  /// The lines that name a flag or a command, each as `file:line: text`.
  static func found(in text: String, file: String) -> [String] {
    var isInside = false
    var result: [String] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let marks = line.ranges(of: "\"\"\"").count
      defer { if marks == 1 { isInside.toggle() } }
      if !isInside, line.drop(while: \.isWhitespace).hasPrefix("//") { continue }
      let pieces = isInside || marks > 0 ? [line] : line.matches(of: literal).map(\.output)
      for piece in pieces {
        let bare = foreign[file, default: []].reduce(String(piece)) { $0.replacing($1, with: "") }
        if bare.contains(named) { result.append("\(file):\(number + 1): \(piece)") }
      }
    }
    return result
  }

  @Test("what is looked for is found, and code and comments are not")
  func search() {
    let text = #"""
      // Not here: "--graph".
      let a = "give --graph" // "x"
      for i in 0..<2 { count -= 1 } // --no
      let b = """
        run wsl match now
        """
      let c = "wsl is the tool", d = "a--b", e = "made by `wsl zoo index`"
      """#
    #expect(
      Self.found(in: text, file: "x").map { $0.prefix(4) } == [
        "x:2:", "x:5:", "x:7:", "x:7:", "x:7:",
      ])
  }

  @Test("no text of a library names a flag or a command")
  func libraries() throws {
    var seen = 0
    for folder in try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    where folder != "wsl" {
      let files = FileManager.default.enumerator(
        atPath: Self.sources.appending(path: folder).path)
      for case let file as String in try #require(files) where file.hasSuffix(".swift") {
        let path = "\(folder)/\(file)"
        let text = try String(contentsOf: Self.sources.appending(path: path), encoding: .utf8)
        #expect(Self.found(in: text, file: path) == [])
        seen += 1
      }
    }
    #expect(seen > 500)
  }
}
