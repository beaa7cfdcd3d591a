import Phases
import Reports
import Workbench
import Support

/// What `wsl zoo multiplicity` says.
struct ZooMultiplicityResult: Encodable {
  struct Member: Encodable {
    var file: String
    var accuracy: Double
  }

  struct Example: Encodable {
    var index: Int
    var label: Int
    /// How many models say each class, by class.
    var votes: [String: Int]
    var disagreement: Double
    var variation: Double
    /// `boundary` where two classes have nine votes in ten, else `outlier`.
    var kind: String
  }

  struct PerExample: Encodable {
    /// The share of pairs of models that differ, for every example.
    var disagreement: [Double]
    /// The standard deviation of the probability that varies most, for every example.
    var variation: [Double]
    /// The examples of which models say different classes, those with the most disagreement first.
    var ambiguous: [Example]
  }

  var index: String
  var data: String
  var split: String
  var within: Double
  /// How many models are in the set.
  var models: Int
  var measured: Int
  var examples: Int
  var baseline: Member
  var ambiguity: Double
  var discrepancy: Double
  var disagreement: Double
  var variation: Double
  var members: [Member]
  var perExample: PerExample
  var skipped: [ProbeModels.Skipped]
  var warnings: [String]

  init(index: String, data: String, split: String, within: Double, found: ZooMultiplicity) {
    self.index = index
    self.data = data
    self.split = split
    self.within = within
    let tally = found.tally
    models = tally.models
    measured = found.measured
    examples = found.labels.count
    members = found.members.map { Member(file: $0.file, accuracy: $0.accuracy) }
    baseline = members[0]
    ambiguity = tally.ambiguity
    discrepancy = tally.discrepancy
    let (shares, spreads) = (tally.disagreement, tally.variation)
    let count = Double(max(1, shares.count))
    disagreement = shares.reduce(0, +) / count
    variation = spreads.reduce(0, +) / count
    perExample = PerExample(
      disagreement: shares, variation: spreads,
      ambiguous: tally.ambiguous.map { example in
        let votes = tally.votes(example)
        let first = votes.sorted(by: >).prefix(2).reduce(0, +)
        return Example(
          index: example, label: found.labels[example],
          votes: votes.enumerated().reduce(into: [:]) { named, vote in
            if vote.element > 0 { named[String(vote.offset)] = vote.element }
          }, disagreement: shares[example], variation: spreads[example],
          kind: 10 * first >= 9 * tally.models ? "boundary" : "outlier")
      })
    skipped = found.skipped
    warnings = found.notes + found.assumptions.map(\.warning) + SkippedWarning.lines(found.skipped)
    if models == 1 {
      warnings.append("one model is in the set: nothing can differ; widen --within")
    }
  }

  var text: String {
    var lines = [
      "\(models) of \(measured) models are within \(NumberFormat.percent(within, decimals: 2)) of the "
        + "best, \(baseline.file) (\(NumberFormat.percent(baseline.accuracy, decimals: 2)))",
      "ambiguity \(NumberFormat.percent(ambiguity, decimals: 2)): some model says another class",
      "discrepancy \(NumberFormat.percent(discrepancy, decimals: 2)): one model, at most",
      "disagreement \(NumberFormat.percent(disagreement, decimals: 2)): two models, on average",
      "variation of probabilities \(NumberFormat.significant(variation, digits: 3)) on average",
    ].map(\.escapingControlCharacters)
    guard !perExample.ambiguous.isEmpty else { return lines.joined(separator: "\n") }
    var table = TextTable([
      .number("example"), .number("label"), .text("votes"), .number("disagreement"),
      .number("variation"), .text("kind"),
    ])
    for example in perExample.ambiguous.prefix(10) {
      table.add(
        "\(example.index)", "\(example.label)",
        example.votes.sorted { $0.value > $1.value }.map { "\($0.key): \($0.value)" }
          .joined(separator: ", "), NumberFormat.fixed(example.disagreement, decimals: 3),
        NumberFormat.fixed(example.variation, decimals: 3), example.kind)
    }
    lines.append(table.text)
    return lines.joined(separator: "\n")
  }
}

extension ZooMultiplicityResult: TabularResult {
  /// A row a model that is about as good as the best.
  var table: ResultTable {
    ResultTable(
      ["file", "accuracy"], members.map { [.text($0.file), .number($0.accuracy)] })
  }
}
