import Probes
import Reports
import Support
import Workbench

/// What `wsl probe search` says.
struct ProbeSearchResult: Encodable {
  /// A model, and how near it is.
  struct Row: Encodable {
    var file: String
    /// The cosine.
    var score: FiniteNumber
    @OrNull var prediction: ProbePrediction.Answer?
    @OrNull var tree: String?
    @OrNull var known: Bool?
    @OrNull var oneClass: ProbePrediction.OneClassScores?
  }

  var probe: String
  var index: String
  @OrNull var textVector: String?
  @OrNull var like: String?
  /// What models are compared in: `text`, `representation` or `scores`.
  var space: ProbeSearch.Space
  /// How many models were compared.
  var models: Int
  /// The nearest first.
  var results: [Row]
  var skipped: [ProbeModels.Skipped]
  var warnings: [String] = []

  init(
    _ command: ProbeSearchCommand, file: ProbeFile, space: ProbeSearch.Space, models: ProbeModels,
    hits: [ProbeSearch.Hit]
  ) {
    probe = command.probe
    index = command.index
    textVector = command.textVector
    like = command.like
    self.space = space
    self.models = hits.count
    let order = hits.indices.sorted {
      (hits[$1].score, models.files[$0]) < (hits[$0].score, models.files[$1])
    }
    results = order.prefix(command.limit).map { place in
      let said = ProbePrediction(models.files[place], hits[place].outcome, file.manifest)
      return Row(
        file: said.file, score: FiniteNumber(hits[place].score), prediction: said.prediction,
        tree: said.tree, known: said.known, oneClass: said.oneClass)
    }
    skipped = models.skipped
    warnings += SkippedWarning.lines(skipped)
    let unknown = results.count { $0.known == false }
    if unknown > 0 {
      warnings.append("\(unknown) of these lie outside all trees that the probe knows")
    }
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([
      .number("cosine"), .text("file"), .text("prediction"), .text("tree"),
    ])
    for row in results {
      table.add(
        NumberFormat.fixed(row.score.value, decimals: 4), row.file.escapingControlCharacters,
        row.prediction?.text.escapingControlCharacters ?? "",
        row.known == false ? "unknown" : row.tree ?? "")
    }
    return table.text
  }
}

extension ProbeSearchResult: TabularResult {
  /// A row a model that was found.
  var table: ResultTable {
    ResultTable(
      ["file", "score", "prediction", "tree", "known"],
      results.map { row in
        [
          .text(row.file), .number(row.score), .text(row.prediction?.text), .text(row.tree),
          .flag(row.known),
        ]
      })
  }
}
