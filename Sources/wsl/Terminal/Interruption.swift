import Foundation
import WorkbenchCore

/// What Ctrl-C and a polite kill do: the process says so and ends with the code that means "run me
/// again". Outputs appear only when they are complete, so there is nothing to clean up but the
/// temporary file that an evaluator reads.
enum Interruption {
  /// The paths of a temporary file and its folder, as C strings that are never freed.
  struct Scratch {
    let file: UnsafeMutablePointer<CChar>
    let folder: UnsafeMutablePointer<CChar>
  }

  /// What the signal handler removes. One word, written once before the file is made: the handler
  /// sees all of it or nothing.
  nonisolated(unsafe) fileprivate static var scratch: UnsafeMutablePointer<Scratch>?

  /// Has a temporary file and its folder removed where the process is interrupted.
  static func removes(file: String, folder: String) {
    guard let file = strdup(file), let folder = strdup(folder) else { return }
    let entry = UnsafeMutablePointer<Scratch>.allocate(capacity: 1)
    entry.initialize(to: Scratch(file: file, folder: folder))
    scratch = entry
  }

  static func exitsResumably() {
    for number in [SIGINT, SIGTERM] {
      // Only calls that are safe inside a signal handler.
      signal(number) { _ in
        let words: StaticString = "\nerror: interrupted; run the same command again to go on\n"
        if let scratch = Interruption.scratch {
          unlink(scratch.pointee.file)
          rmdir(scratch.pointee.folder)
        }
        _ = Foundation.write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
        _exit(75)
      }
    }
  }
}
