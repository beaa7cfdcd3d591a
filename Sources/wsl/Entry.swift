import ArgumentParser
import Foundation
import Reports
import Support

/// The process: parses the arguments, runs the command, turns errors into exit codes.
@main
enum Entry {
  static func main() async {
    Terminal.takeStreams()
    Wording.speak(with: .commandLine)
    // Before anything takes memory.
    do { try ProcessLimits.prepare() } catch {
      Terminal.printError("error: \(error)")
      // An ordinary exit waits for OpenBLAS's threads, and these for memory that they cannot have.
      _exit((error as? Diagnostic)?.code.exitCode ?? 1)
    }
    Interruption.exitsResumably()
    do {
      try await TextLayout.$current.withValue(Terminal.layout) { try await run() }
      Terminal.finishResults()
    } catch let error as Diagnostic {
      fail(error)
    } catch let error as CancellationError {
      fail(
        Diagnostic(
          .interrupted, "interrupted (\(error))", remedy: "run the same command again"))
    } catch {
      // As `Workbench.exit(withError:)`, which does not notice what cannot be written.
      let code = Workbench.exitCode(for: error)
      let message = Workbench.fullMessage(for: error)
      if !message.isEmpty {
        if code.isSuccess {
          Terminal.print(message)
        } else {
          var said = ParserMessage.diagnostic(message)
          said.code = Diagnostic.Code(rawValue: code.rawValue) ?? .failed
          report(said)
        }
      }
      Terminal.finishResults()
      exit(code.rawValue)
    }
  }

  private static func run() async throws {
    try CommandNames.check(CommandLine.arguments.dropFirst())
    var command = try Workbench.parseAsRoot()
    Interruption.prepare(for: command)
    if var command = command as? any AsyncParsableCommand {
      try await command.run()
    } else {
      try command.run()
    }
  }

  private static func fail(_ error: Diagnostic) -> Never {
    report(error)
    Terminal.finishResults()
    exit(error.code.exitCode)
  }

  /// Says an error to people, and to programs that asked for JSON.
  private static func report(_ error: Diagnostic) {
    Terminal.printError("error: \(error)")
    ErrorResult.printIfAsked(error)
  }
}

/// The root of the command line.
struct Workbench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wsl",
    abstract: "Study neural networks through their weights.",
    discussion: """
      Exit codes: 0 done; 1 failed; 2 done, and a check found something; \
      3 done, and some items failed; 64 bad usage; 65 bad \
      data; 66 no such input; 74 could not write; 75 interrupted, run again to resume.
      """,
    // The libraries are asked only where the answer is shown.
    version: CommandLine.arguments.contains("--version") ? ToolVersion.text : Workbench.version,
    subcommands: [
      InspectCommand.self, ConvertCommand.self, DiffCommand.self, KinCommand.self,
      SpectrumCommand.self,
      MatchCommand.self, PermuteCommand.self, MergeCommand.self, ConnectCommand.self,
      SignatureCommand.self, PatchCommand.self, EvaluateCommand.self, RunCommand.self,
      DataCommand.self,
      HessianCommand.self, LandscapeCommand.self, SimilarityCommand.self, ZooCommand.self,
      ProbeCommand.self, PhasesCommand.self, ReportCommand.self, ServeCommand.self,
      DoctorCommand.self, TermsCommand.self,
    ])

  /// The tool's version; it stands in the files that the tool writes.
  static let version = "0.1.0"
}
