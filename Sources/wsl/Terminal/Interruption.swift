import Foundation
import Support

/// What Ctrl-C and a polite kill do: the process says so and ends with the code that means "run me
/// again". Outputs appear only when they are complete, so there is nothing to clean up but temporary
/// files that have names.
enum Interruption {
  /// What is said. Set before the work begins, and read by a signal handler.
  nonisolated(unsafe) private static var words: StaticString =
    "\nerror: interrupted; nothing was written\n"

  static func exitsResumably() {
    for number in [SIGINT, SIGTERM] {
      // Only calls that are safe inside a signal handler.
      signal(number) { _ in
        Leftovers.removeAll()
        let words = Interruption.words
        _ = Foundation.write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
        _exit(75)
      }
    }
  }

  /// Takes over what a command says of its own interruption.
  static func prepare(for command: Any) {
    if let command = command as? any InterruptedCommand { words = command.interruption.words }
  }

  /// What is there after an interruption, and how to go on.
  enum Outcome {
    /// Nothing is there.
    case nothing
    /// The same command goes on where it was.
    case goesOn
    /// A zoo of which finished models are kept.
    case keepsModels
    /// The same, where they would be made anew.
    case keepsModelsAgainstForce
    /// Of several files some may be there, whole.
    case someFiles

    fileprivate var words: StaticString {
      switch self {
      case .nothing: "\nerror: interrupted; nothing was written\n"
      case .goesOn: "\nerror: interrupted; run the same command again to go on\n"
      case .keepsModels:
        "\nerror: interrupted; finished models are kept: run it again with --resume to go on\n"
      case .keepsModelsAgainstForce:
        """

        error: interrupted; finished models are kept: run it again with --resume in place of --force to \
        go on

        """
      case .someFiles:
        """

        error: interrupted; the files that were written are whole, others are missing: run it again \
        with --force

        """
      }
    }
  }
}

/// A command that leaves more behind than nothing when it is interrupted.
protocol InterruptedCommand {
  /// What is there then.
  var interruption: Interruption.Outcome { get }
}
