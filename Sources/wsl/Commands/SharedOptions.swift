import ArgumentParser
import Support

/// How results and everything beside them are shown.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON document on standard output, and nothing else there.")
  var json = false

  @Flag(name: [.short, .long], help: "No progress and no warnings.")
  var quiet = false

  /// Writes warnings to standard error.
  func warn(_ warnings: [String]) {
    guard !quiet else { return }
    for warning in warnings { Terminal.printError("warning: \(warning)") }
  }
}

/// How many cores are used.
struct JobOptions: ParsableArguments {
  @Option(help: "How many cores to use (default: all).")
  var jobs: Int?

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs takes a number from 1 up.") }
  }
}
