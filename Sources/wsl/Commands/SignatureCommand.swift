import ArgumentParser

/// `wsl signature`: robust weight signatures.
struct SignatureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signature", abstract: "Robust weight signatures.",
    subcommands: [SignatureStudyCommand.self])
}
