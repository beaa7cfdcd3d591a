import Archives
import ArgumentParser
import Support
import ZooIndex

/// `wsl zoo export`: a table of the index for other programs.
struct ZooExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a table of an index as CSV, or as JSON, an object a line.",
    discussion: """
      All columns of models, tensors, or a metric's results. With --features, a row a model with \
      seven numbers a tensor: 'minmax' as Unterthiner et al. (quantiles, deviation, mean), 'statnn' \
      as Zhou et al. (mean, unbiased variance, quantiles), 'p01' as Schürholt et al. (mean, \
      variance, quantiles from 1 to 99 per cent). Examples:
        wsl zoo export zoo.sqlite -o models.csv
        wsl zoo export zoo.sqlite --of statistics -o statistics.jsonl
        wsl zoo export zoo.sqlite --features minmax -o features.csv
      """)

  @Argument(help: "The index.", completion: .file())
  var index: String

  @Option(
    help: ArgumentHelp(
      "What the rows are: models, tensors, or a metric's results.", valueName: "subject"))
  var of = "models"

  @Option(name: .customLong("where"), help: "Take the rows for which this SQL expression holds.")
  var filter: String?

  @Option(help: "Features of tensors, in this convention: minmax, statnn, p01.")
  var features: String?

  @Option(name: [.short, .long], help: "The file: .csv or .jsonl.", completion: .file())
  var output: String

  @Flag(help: "Replace the file where it exists.")
  var force = false

  @OptionGroup(title: "The machine and the output") var shown: OutputOptions

  func validate() throws {
    guard output.hasSuffix(".csv") || output.hasSuffix(".jsonl") else {
      throw ValidationError("-o takes a file that ends in .csv or .jsonl.")
    }
    if let features, StatisticsConvention(rawValue: features) == nil {
      throw ValidationError("--features takes minmax, statnn or p01.")
    }
  }

  func run() throws {
    try OutputPath.check(output, inputs: [index], overwrites: force)
    let zoo = try ZooIndex.open(reading: index)
    var answer: IndexAnswer
    var leftOut = 0
    if let convention = features.flatMap(StatisticsConvention.init) {
      (answer, leftOut) = try zoo.features(convention, where: filter)
      if leftOut > 0 {
        shown.warn([
          "\(leftOut) of \(leftOut + answer.rows.count) models have other tensors than most, and were "
            + "left out"
        ])
      }
    } else {
      var query = IndexQuery()
      query.subject = of == "models" ? .models : of == "tensors" ? .tensors : .results(of)
      query.filter = filter
      query.columns = try zoo.columns(of: query.subject).map(\.name)
      answer = try zoo.ask(query)
    }
    let text =
      output.hasSuffix(".csv")
      ? CommaSeparated.text(answer) : try ZooListResult.lines(answer)
    try AtomicFile.write(Array(text.utf8), to: output, overwrites: force)
    let result = ZooExportResult(
      index: index, output: output, rows: answer.rows.count, columns: answer.columns,
      leftOut: leftOut)
    if shown.json {
      try ResultPrinter.printJSON(result)
    } else {
      Terminal.print(
        "\(output.escapingControlCharacters): \(result.rows) rows, \(result.columns.count) columns"
          + (leftOut > 0 ? "; \(leftOut) models are left out" : ""))
    }
  }
}

/// What `wsl zoo export` says.
struct ZooExportResult: Encodable {
  var index: String
  var output: String
  var rows: Int
  var columns: [String]
  /// How many models are left out, because they have other tensors than most.
  var leftOut: Int
}
