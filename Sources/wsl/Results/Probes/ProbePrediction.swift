import Probes
import Reports
import Support
import Workbench

/// What `wsl probe predict` says of a model.
struct ProbePrediction: Encodable {
  /// A class, the labels that hold, or a number; null where nothing can be said.
  enum Answer: Encodable {
    case word(String)
    case words([String])
    case number(FiniteNumber)

    /// The answer for a person.
    var text: String {
      switch self {
      case .word(let word): word
      case .words(let words): words.joined(separator: ";")
      case .number(let number): NumberFormat.significant(number.value)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .word(let word): try container.encode(word)
      case .words(let words): try container.encode(words)
      case .number(let number): try container.encode(number)
      }
    }
  }

  /// How unlike the models that the probe learned from a model is, in what its network sees of it.
  struct OneClassScores: Encodable {
    /// The mean distance from the two nearest of them.
    var nearest: FiniteNumber
    /// The Mahalanobis distance from all of them.
    var mahalanobis: FiniteNumber

    init(_ scores: OneClass.Scores) {
      nearest = FiniteNumber(scores.nearest)
      mahalanobis = FiniteNumber(scores.mahalanobis)
    }
  }

  var file: String
  @OrNull var prediction: Answer?
  var scores: [String: FiniteNumber] = [:]
  @OrNull var tree: String?
  @OrNull var known: Bool?
  @OrNull var distance: FiniteNumber?
  /// Null where the probe is no network, or is one for each tree.
  @OrNull var oneClass: OneClassScores?
  @OrNull var error: String?

  init(_ file: String, _ outcome: ProbeReading.Outcome, _ manifest: ProbeManifest) {
    self.file = file
    let answer = ProbeAnswer(outcome.scores, manifest)
    if let number = answer.number {
      prediction = .number(FiniteNumber(number))
    } else if manifest.task == "labels" {
      prediction = .words(answer.classes)
    } else {
      prediction = answer.classes.first.map { .word($0) }
    }
    for (name, share) in zip(manifest.classes, answer.shares) { scores[name] = FiniteNumber(share) }
    tree = outcome.isKnown == true ? outcome.tree : nil
    known = outcome.isKnown
    distance = outcome.distance.map(FiniteNumber.init)
    oneClass = outcome.oneClass.map(OneClassScores.init)
  }

  init(_ file: String, _ error: Diagnostic, _ manifest: ProbeManifest) {
    self.file = file
    var error = error
    error.location.removeAll { $0 == file }
    self.error = error.description
  }

  /// Predictions for a person.
  static func text(_ rows: [ProbePrediction]) -> String {
    var table = TextTable([
      .text("file"), .text("prediction"), .text("scores"), .text("tree"),
    ])
    for row in rows where row.error == nil {
      let best = row.scores.sorted { ($1.value.value, $0.key) < ($0.value.value, $1.key) }
      let shares = best.prefix(5).map {
        "\($0.key) \(NumberFormat.fixed($0.value.value, decimals: 3))"
      }
      table.add(
        row.file.escapingControlCharacters, (row.prediction?.text ?? "").escapingControlCharacters,
        shares.joined(separator: ", ").escapingControlCharacters,
        row.known == false ? "unknown" : row.tree ?? "")
    }
    let failures = rows.compactMap { row in
      row.error.map { "failed: \(row.file): \($0)".escapingControlCharacters }
    }
    return (failures.count == rows.count ? failures : [table.text] + failures)
      .joined(separator: "\n")
  }
}

extension ProbePrediction: TabularResult {
  /// The file's row, with a column for each class's score.
  var table: ResultTable {
    let classes = scores.keys.sorted()
    return ResultTable(
      ["file", "prediction", "tree", "known", "distance", "error"] + classes.map { "score \($0)" },
      [
        [
          .text(file), .text(prediction?.text), .text(tree), .flag(known), .number(distance),
          .text(error),
        ] + classes.map { .number(scores[$0]) }
      ])
  }
}
