import CatalogWire
import CHDF5
import Glibc

/// The three things that the worker does.
///
///     wsl-catalog catalog SPACE SECONDS OFFSET LENGTH          catalogue of standard input → 1
///     wsl-catalog read    SPACE SECONDS OFFSET LENGTH NAME     elements → 1, outcome → 2
///     wsl-catalog patch   SPACE SECONDS                        changes from 0 into 1, outcome → 2
///
/// A `Server` runs them too, each in a process of its own.
enum Worker {
  /// Runs one request; returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    guard let mode = arguments.first, arguments.count >= 3, let space = UInt64(arguments[1]),
      let seconds = UInt64(arguments[2])
    else { return 64 }
    var answer = Answer(descriptor: mode == "catalog" ? 1 : 2)
    do {
      try Limits(addressSpace: space, processorSeconds: seconds).apply()
      chdf5_silence()
      switch mode {
      case "catalog":
        let file = try openWindow(arguments)
        try CatalogWalk.run(file: file, into: &answer)
        answer.send(.end)
        answer.flush()
        // Closing the file would only take its cache apart, entry by entry.
        _exit(0)
      case "read":
        let file = try openWindow(arguments)
        guard arguments.count == 6 else { return 64 }
        try readElements(of: arguments[5], in: file)
      case "patch":
        // A limit on the size of files is an error of the write, and not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        try Patch.apply(from: 0, to: 1)
      default: return 64
      }
      answer.send(.end)
    } catch let error as WorkerError {
      answer.send(.failure(message: error.message))
    } catch let error as WireError {
      answer.send(.failure(message: error.message))
    } catch {
      answer.send(.failure(message: "unknown error"))
    }
    answer.flush()
    return 0
  }

  private static func openWindow(_ arguments: [String]) throws -> Identifier {
    guard arguments.count >= 5, let offset = UInt64(arguments[3]),
      let length = UInt64(arguments[4])
    else { throw WorkerError(message: "the request has no window") }
    return try Identifier(chdf5_open_window(0, offset, length, false))
  }
}
