import Foundation
import WorkbenchCore

/// What Ctrl-C and a polite kill do: the process says so and ends with the code that means "run me
/// again". Outputs appear only when they are complete, so there is nothing to clean up but temporary
/// files that have names.
enum Interruption {
  static func exitsResumably() {
    for number in [SIGINT, SIGTERM] {
      // Only calls that are safe inside a signal handler.
      signal(number) { _ in
        let words: StaticString = "\nerror: interrupted; run the same command again to go on\n"
        Leftovers.removeAll()
        _ = Foundation.write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
        _exit(75)
      }
    }
  }
}
