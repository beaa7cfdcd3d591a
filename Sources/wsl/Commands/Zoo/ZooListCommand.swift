import ArgumentParser
import Foundation
import Support
import ZooIndex

/// `wsl zoo list`: ask the index.
struct ZooListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Ask an index: which models, trained how, with what results.",
    discussion: """
      --where takes an SQL expression over the columns; --show-columns lists them. Examples:
        wsl zoo list zoo.sqlite --where "test_accuracy > 0.9 and width = 64"
        wsl zoo list zoo.sqlite --group-by optimizer --aggregate "avg(test_accuracy)"
        wsl zoo list zoo.sqlite --of tensors --where "elements > 1000000" --sort \\
          -elements
        wsl zoo list zoo.sqlite --of statistics --where "nan > 0" --csv
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(
    help: ArgumentHelp(
      "What the rows are: models, tensors, or a metric's results.", valueName: "subject"))
  var of = "models"

  @Flag(help: "Short for --of tensors.")
  var tensors = false

  @Option(name: .customLong("where"), help: "Take the rows for which this SQL expression holds.")
  var filter: String?

  @Option(help: "The columns to show, with commas between them; 'all' shows all.")
  var columns: String?

  @Option(
    parsing: .unconditional,
    help: "Sort by these columns; '-' before a name, or 'desc' after it, turns the order.")
  var sort: String?

  @Option(help: "Count the rows of each combination of these columns.")
  var groupBy: String?

  @Option(help: "With --group-by or --count: an SQL aggregate, such as \"max(test_accuracy)\".")
  var aggregate: [String] = []

  @Flag(help: "Only count the rows.")
  var count = false

  @Option(help: "The most rows to show.")
  var limit: Int?

  @Option(help: "The most seconds that SQLite may take.")
  var timeout = 60.0

  @Flag(help: "Show which columns there are, and where their values come from.")
  var showColumns = false

  @OptionGroup(title: "The machine and the output") var shown: TableOptions

  func validate() throws {
    if tensors && of != "models" { throw ValidationError("--tensors and --of exclude each other.") }
    if let limit, limit < 0 { throw ValidationError("--limit takes a number from 0 up.") }
    if !(timeout > 0) { throw ValidationError("--timeout takes a number above 0.") }
    if !aggregate.isEmpty && groupBy == nil && !count {
      throw ValidationError("--aggregate needs --group-by or --count.")
    }
    if columns != nil && (groupBy != nil || count) {
      throw ValidationError("--columns is for rows; --group-by names the columns of groups.")
    }
  }

  private var subject: IndexQuery.Subject {
    if tensors || of == "tensors" { return .tensors }
    return of == "models" ? .models : .results(of)
  }

  func run() throws {
    let zoo = try ZooIndex.open(reading: index)
    if showColumns {
      let result = ZooColumnsResult(index: index, columns: try zoo.columns(of: subject))
      if shown.json { try ResultPrinter.printJSON(result) } else { Terminal.print(result.text) }
      return
    }
    var query = IndexQuery()
    query.subject = subject
    query.filter = filter
    query.groups = Self.names(groupBy)
    query.aggregates = aggregate
    query.countsOnly = count
    query.limit = limit
    query.seconds = timeout
    query.order = try Self.names(sort).map(Self.order)
    query.columns = Self.names(columns)
    if columns == "all" { query.columns = try zoo.columns(of: subject).map(\.name) }
    // A table shows what a terminal has room for; a program may want any column.
    if shown.json || shown.csv && subject == .models, columns == nil, groupBy == nil, !count {
      query.columns = try zoo.columns(of: subject).map(\.name)
    }
    let answer = try zoo.ask(query)
    let result = ZooListResult(index: index, subject: of, query: query, answer: answer)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else if shown.csv {
      Terminal.printText(CommaSeparated.text(answer))
    } else {
      Terminal.print(result.text)
    }
  }

  /// Names with commas between them.
  static func names(_ list: String?) -> [String] {
    (list ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  private static func order(_ text: String) throws -> (column: String, descends: Bool) {
    if text.hasPrefix("-") { return (String(text.dropFirst()), true) }
    let words = text.split(separator: " ").map(String.init)
    switch (words.count, words.last?.lowercased()) {
    case (1, _): return (words[0], false)
    case (2, "asc"): return (words[0], false)
    case (2, "desc"): return (words[0], true)
    default:
      throw Diagnostic(
        .usage, "'\(text)' is no order", remedy: "for example: --sort -test_accuracy")
    }
  }
}
