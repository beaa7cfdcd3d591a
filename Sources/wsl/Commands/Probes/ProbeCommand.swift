import ArgumentParser

/// `wsl probe`: what models were trained on, read from their weights.
struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Train probes that tell from weights what a model was trained on, and use them.",
    subcommands: [
      ProbeTrainCommand.self, ProbePredictCommand.self, ProbeEvaluateCommand.self,
      ProbeSearchCommand.self,
    ])
}
