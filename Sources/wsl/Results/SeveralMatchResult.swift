import Reports
import Support
import Workbench

/// What `wsl match` says of three networks and more.
struct SeveralMatchResult: Encodable {
  /// A's file, `mean` or `universe`.
  var reference: String
  /// One result a network, each beside A.
  var models: [MatchResult]
  /// The sum of squared distances to the mean, where A is not the reference.
  var spread: MatchResult.Change?
  /// How often all networks were visited, steps of the universe's search included.
  var rounds: Int?
  var normalization: NormalizationRecord?
  var seconds = 0.0
  var seed: UInt64
  var warnings: [String]

  init(
    reference: String, models: [MatchResult], spread: MatchResult.Change?, rounds: Int?,
    seed: UInt64
  ) {
    self.reference = reference
    self.models = models
    self.spread = spread
    self.rounds = rounds
    self.seed = seed
    var seen: Set<String> = []
    warnings = models.flatMap(\.warnings).filter { seen.insert($0).inserted }
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([
      .text("network"), .number("L2 before"), .number("L2 after"), .number("change"),
      .number("R(0.3) before"), .number("R(0.3) after"),
    ])
    for model in models {
      let place = model.alignment.gammas.firstIndex(of: 0.3) ?? 0
      let share = model.l2.before.value == 0 ? 0 : model.l2.after.value / model.l2.before.value - 1
      table.add(
        model.b.escapingControlCharacters,
        NumberFormat.significant(model.l2.before.value, digits: 5),
        NumberFormat.significant(model.l2.after.value, digits: 5), NumberFormat.percent(share),
        NumberFormat.significant(model.alignment.before[place].value, digits: 3),
        NumberFormat.significant(model.alignment.after[place].value, digits: 3))
    }
    var lines = [table.text, ""]
    if let spread, let rounds {
      lines.append(
        "squared distance to the mean \(NumberFormat.significant(spread.before.value, digits: 6)) → "
          + "\(NumberFormat.significant(spread.after.value, digits: 6)) in \(rounds) rounds")
    }
    lines.append(
      "reference \(reference.escapingControlCharacters), \(NumberFormat.seconds(seconds)), "
        + "seed \(seed)")
    return lines.joined(separator: "\n")
  }
}

extension SeveralMatchResult: TabularResult {
  /// A row a network.
  var table: ResultTable {
    ResultTable(
      [
        "b", "reference", "objectiveBefore", "objectiveAfter", "l2Before", "l2After",
        "cosineBefore", "cosineAfter",
      ],
      models.map { model in
        [
          .text(model.b), .text(reference), .number(model.objective.before),
          .number(model.objective.after), .number(model.l2.before), .number(model.l2.after),
          .number(model.cosine.before), .number(model.cosine.after),
        ]
      })
  }
}
