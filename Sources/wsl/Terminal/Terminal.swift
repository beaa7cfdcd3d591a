import Foundation
import Reports
import Support
import Synchronization

/// The two streams: results on standard output, everything else on standard error.
enum Terminal {
  /// Whether standard error is a terminal, where progress can be drawn.
  static var showsProgress: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// How results are laid out: as wide as the terminal, with bold headings; without an end and plain
  /// where standard output is something else.
  static var layout: TextLayout {
    guard isatty(STDOUT_FILENO) == 1 else { return TextLayout() }
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return TextLayout(
      width: isKnown ? Int(size.ws_col) : nil, isEmphasized: showsColours,
      advice: "a wider terminal shows them, and --json has all")
  }

  /// Whether terminals get colours: NO_COLOR is not set (https://no-color.org), and the terminal can.
  private static var showsColours: Bool {
    let environment = ProcessInfo.processInfo.environment
    return environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
  }

  /// Whether anything was written to standard output.
  static var hasResults: Bool { writtenResults.load(ordering: .relaxed) }
  private static let writtenResults = Atomic(false)

  /// Makes sure that the numbers of the three streams are taken: where one is closed, a file that is
  /// opened later would get its number, and what is meant for the stream.
  static func takeStreams() {
    for (descriptor, mode) in [
      (STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
    ] where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is this one. Results cannot be written there, and that is said.
      _ = open("/dev/null", mode)
    }
  }

  /// Writes a line of results. See `printText`.
  static func print(_ line: String) { printText(line + "\n") }

  /// Writes results. Where that fails, the process says so and ends: what is lost is not to be taken
  /// for what there is.
  static func printText(_ text: String) {
    writtenResults.store(true, ordering: .relaxed)
    let reason = write(text, to: STDOUT_FILENO)
    if reason != 0 { endUnwritten(reason) }
  }

  /// Checks that what was written has arrived: some file systems tell only when a file is closed.
  static func finishResults() {
    let copy = dup(STDOUT_FILENO)
    if copy >= 0, close(copy) != 0, errno != EINTR { endUnwritten(errno) }
  }

  private static func endUnwritten(_ reason: Int32) -> Never {
    Leftovers.removeAll()
    if reason == EPIPE {
      // Nobody reads any more, and asked for nothing else.
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    let error = Diagnostic(
      .cannotWrite, "standard output cannot be written: \(String(cString: strerror(reason)))")
    printError("error: \(error)")
    exit(error.code.exitCode)
  }

  /// Writes a line of anything else. On a terminal its first word says in colour what it is.
  static func printError(_ line: String) {
    var line = line
    if isatty(STDERR_FILENO) == 1, showsColours {
      for (word, colour) in [("error:", "1;31"), ("warning:", "33")] where line.hasPrefix(word) {
        line = "\u{1B}[\(colour)m\(word)\u{1B}[0m" + line.dropFirst(word.count)
      }
    }
    _ = write(line + "\n", to: STDERR_FILENO)
  }

  /// Writes text, in as many pieces as the stream takes.
  ///
  /// - Returns: the system's number of what went wrong, or 0.
  @discardableResult
  static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        switch errno {
        case EINTR: continue
        case EAGAIN:
          // Whoever opened the stream does not wait; this does.
          var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&state, 1, -1)
          continue
        default: return errno
        }
      }
      rest = rest.dropFirst(count)
    }
    return 0
  }
}
