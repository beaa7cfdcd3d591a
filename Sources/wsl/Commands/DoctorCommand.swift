import ArgumentParser
import Foundation
import LinearAlgebra
import Networks
import Reports
import Support
import WeightFiles

/// `wsl doctor`: what this installation runs on, and what it lacks.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show versions, processor and limits; say what is missing.")

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func run() async throws {
    let result = await DoctorResult.examine()
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(result.text)
    }
    if !result.problems.isEmpty { throw ExitCode(2) }
  }
}
