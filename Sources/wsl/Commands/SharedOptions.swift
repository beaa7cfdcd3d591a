import ArgumentParser
import Support

/// How results and everything beside them are shown.
struct OutputOptions: ParsableArguments, ShownOptions {
  @Flag(help: "Print one JSON document on standard output, and nothing else there.")
  var json = false

  @Flag(name: [.short, .long], help: "No progress and no warnings.")
  var quiet = false
}

/// The same where the result is a table.
struct TableOptions: ParsableArguments, ShownOptions {
  @Flag(help: "Print one JSON document on standard output, and nothing else there.")
  var json = false

  @Flag(help: "Print the table as comma-separated values with a heading, all digits and columns.")
  var csv = false

  @Flag(name: [.short, .long], help: "No progress and no warnings.")
  var quiet = false

  func validate() throws {
    if csv, json { throw ValidationError("Give --json or --csv, not both.") }
  }
}

/// The same where several files give a row or a document each.
struct SeveralOptions: ParsableArguments, ShownOptions {
  @Flag(
    help: """
      Print one JSON document on standard output, and nothing else there: an array where several files \
      are given.
      """)
  var json = false

  @Flag(
    help: """
      Print one JSON document a line, one for each file as soon as it is done; {"file", "error"} for one \
      that cannot be read.
      """)
  var jsonLines = false

  @Flag(help: "Print the table as comma-separated values with a heading, all digits and columns.")
  var csv = false

  @Flag(name: [.short, .long], help: "No progress and no warnings.")
  var quiet = false

  func validate() throws {
    if [csv, json, jsonLines].count(where: { $0 }) > 1 {
      throw ValidationError("Give one of --json, --json-lines and --csv.")
    }
  }

  /// The same for what prints all results at once.
  var table: TableOptions {
    var options = TableOptions()
    (options.json, options.csv, options.quiet) = (json, csv, quiet)
    return options
  }

  /// Prints a file's error as a line, where lines were asked for.
  func printLine(_ error: Diagnostic, of file: String) throws {
    guard jsonLines else { return }
    struct Line: Encodable {
      var file: String
      var error: ErrorResult.Body
    }
    try ResultPrinter.printJSON(Line(file: file, error: ErrorResult(error).error))
  }
}

/// Whether warnings are shown.
protocol ShownOptions {
  var quiet: Bool { get }
}

extension ShownOptions {
  /// Writes a line beside the results to standard error.
  func note(_ line: String) {
    if !quiet { Terminal.printError(line) }
  }

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
