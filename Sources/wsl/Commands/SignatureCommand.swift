import ArgumentParser

/// `wsl signature`: robust weight signatures.
struct SignatureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signature",
    abstract: "Extract, show, compare, verify, sweep and study robust weight signatures.",
    discussion: """
      A signature is how training against a corruption moved a network's weights, apart from what \
      ordinary training does. `wsl patch` adds it to another network, and takes it off again bit \
      for bit.
      """,
    subcommands: [
      SignatureExtractCommand.self, SignatureInfoCommand.self, SignatureCompareCommand.self,
      SignatureVerifyCommand.self, SignatureSweepCommand.self, SignatureStudyCommand.self,
    ])
}
