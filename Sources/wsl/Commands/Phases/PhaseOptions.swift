import ArgumentParser
import Foundation
import Phases
import Studies
import WorkbenchCore

/// How a map of phases is made.
struct PhaseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Thresholds, such as loss=0.1,connectivity=1,similarity=0.65; those left out are found.",
      valueName: "list"))
  var thresholds: String?

  @Option(
    help: ArgumentHelp(
      """
      Which columns hold the measures where their names do not say it, such as \
      loss=tl,connectivity=mc,similarity=cka,eigenvalue=ev,trace=tr,accuracy=acc.
      """, valueName: "list"))
  var columns: String?

  @Option(
    help: "Columns of further results, with commas, to see whether the phase tells them.")
  var outcomes: String?

  @Option(help: "How often the zoo is drawn again for intervals and confidence.")
  var draws = 200

  @Option(help: "The seed of the draws.")
  var seed: UInt64 = 0

  func validate() throws {
    if !(0...100_000).contains(draws) {
      throw ValidationError("--draws takes a number from 0 to 100000.")
    }
  }

  private static let measures: [String: PhaseMeasure] = [
    "loss": .trainLoss, "eigenvalue": .hessianTopEigenvalue, "trace": .hessianTrace,
    "connectivity": .connectivity, "similarity": .similarity, "accuracy": .testAccuracy,
  ]

  /// The columns that the flags name.
  func chosen(load: String?, temperature: String?) throws -> PhaseColumns {
    var chosen = PhaseColumns()
    chosen.load = load
    chosen.temperature = temperature
    for (name, value) in try Self.pairs(columns, flag: "--columns") {
      guard let measure = Self.measures[name] else {
        throw Self.unknown(name, flag: "--columns", among: Self.measures.keys.sorted())
      }
      chosen.measures[measure] = value
    }
    chosen.outcomes = ZooListCommand.names(outcomes)
    return chosen
  }

  /// The options of the map.
  func options(jobs: Int?) throws -> PhaseMap.Options {
    var options = PhaseMap.Options()
    options.draws = draws
    options.seed = seed
    options.jobs = jobs
    for (name, text) in try Self.pairs(thresholds, flag: "--thresholds") {
      guard let value = Double(text), value.isFinite else {
        throw Diagnostic(
          .usage, "the threshold '\(text)' of \(name) is no number",
          remedy: "for example: --thresholds loss=0.1,connectivity=1,similarity=0.65")
      }
      switch name {
      case "loss": options.thresholds.loss = value
      // The depth of a barrier: a sign means the same.
      case "connectivity": options.thresholds.connectivity = abs(value)
      case "similarity": options.thresholds.similarity = value
      default:
        throw Self.unknown(
          name, flag: "--thresholds", among: ["connectivity", "loss", "similarity"])
      }
    }
    return options
  }

  private static func unknown(_ name: String, flag: String, among names: [String]) -> Diagnostic {
    Diagnostic(
      .usage, "\(flag) knows no '\(name)'", remedy: "it takes \(names.joined(separator: ", "))")
  }

  private static func pairs(_ list: String?, flag: String) throws -> [(String, String)] {
    try ZooListCommand.names(list).map { item in
      let parts = item.split(separator: "=", maxSplits: 1).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard parts.count == 2, !parts[1].isEmpty else {
        throw Diagnostic(
          .usage, "'\(item)' of \(flag) is no pair", remedy: "write NAME=VALUE, with commas between"
        )
      }
      return (parts[0].lowercased(), parts[1])
    }
  }
}
