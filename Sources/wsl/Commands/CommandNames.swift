import ArgumentParser
import Support
import ZooIndex

/// Commands that there are none of: the parser only calls them unexpected arguments.
enum CommandNames {
  /// Refuses arguments that begin with a command's name which does not exist.
  ///
  /// - Throws: `Diagnostic` of code `usage` that names the commands that are alike.
  static func check(_ arguments: some Sequence<String>) throws {
    var command: any ParsableCommand.Type = Workbench.self
    var words: [String] = []
    for argument in arguments {
      let known = command.configuration.subcommands
      if known.isEmpty || argument.hasPrefix("-") || argument == "help" { return }
      let names = known.compactMap { $0.configuration.commandName }
      guard let next = known.first(where: { $0.configuration.commandName == argument }) else {
        let alike = SimilarNames.of(argument, among: names)
        throw Diagnostic(
          .usage, "there is no command `\((["wsl"] + words + [argument]).joined(separator: " "))`",
          remedy: alike.isEmpty
            ? "there are: \(names.joined(separator: ", "))"
            : "did you mean \(alike.joined(separator: ", or "))?")
      }
      words.append(argument)
      command = next
    }
  }
}
