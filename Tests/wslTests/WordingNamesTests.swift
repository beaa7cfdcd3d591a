import Foundation
import Support
import TestSupport
import Testing

/// Libraries name settings and actions by their idea (`Wording`); here the command line must have each.
@Suite("The names of settings and actions") struct WordingNamesTests {
  private static func flags(_ command: JSONValue) -> Set<String> {
    let own = (command["arguments"]?.array ?? []).flatMap { $0["names"]?.array ?? [] }
    return (command["subcommands"]?.array ?? []).reduce(
      into: Set(own.compactMap { $0["name"]?.string })
    ) { $0.formUnion(flags($1)) }
  }

  private static func commands(_ command: JSONValue, below parent: [String]) -> [String] {
    (command["subcommands"]?.array ?? []).flatMap { inner in
      let path = parent + [inner["commandName"]?.string ?? ""]
      return [path.joined(separator: " ")] + commands(inner, below: path)
    }
  }

  @Test("each setting is a flag, each action a command")
  func names() throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(["--experimental-dump-help"], in: scratch.url)
    let root = try #require(try outcome.json()["command"])
    let flags = Self.flags(root)
    for setting in Wording.Setting.allCases {
      #expect(flags.contains(setting.words.joined(separator: "-")), "\(setting)")
    }
    let commands = Set(Self.commands(root, below: []))
    for action in Wording.Action.allCases {
      #expect(commands.contains(action.rawValue), "\(action)")
    }
  }

  @Test(
    "an error from a library names the flag or the command",
    arguments: [
      ("zoo list none.sqlite", "make it with `wsl zoo index FOLDER -o none.sqlite`"),
      ("zoo scan none.sqlite --shard 9/8 -o x", "for example: --shard 1/8"),
    ])
  func rendered(_ words: String, _ remedy: String) throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(words.split(separator: " ").map(String.init), in: scratch.url)
    #expect(outcome.errors.contains(remedy), "\(outcome.errors)")
  }
}
