public import Phases
import Support
import ZooIndex

/// Which column of a table or an index is what.
public struct PhaseColumns: Sendable {
  /// The column of the load; nil means by its name.
  public var load: String?
  /// The column of the temperature; nil means by its name.
  public var temperature: String?
  /// The columns of measures that are named; others are found by their names.
  public var measures: [PhaseMeasure: String] = [:]
  /// Columns of further results that the phase may tell.
  public var outcomes: [String] = []

  /// Finds all columns by their names.
  public init() {}

  static let loads = ["load", "width", "model_width", "model::width"]
  static let temperatures = [
    "temperature", "bs", "batch_size", "batchsize", "training::batchsize",
  ]

  /// The usual names of the measures, the better first; those that begin with log_ hold logarithms.
  static let names: [PhaseMeasure: [String]] = [
    .trainLoss: ["train_loss", "training_loss", "trainloss", "hessian_trainloss"],
    .hessianTopEigenvalue: [
      "hessian_top_eigenvalue", "hessian_topeigenvalue", "top_eigenvalue", "hessiantopeigenvalue",
      "log_top_ev", "log_hessian_top_ev", "log_hessian_top_eigenvalue",
    ],
    .hessianTrace: [
      "hessian_trace", "hessiantrace", "trace", "log_trace", "log_hessian_trace",
      "log_hessian_trace_train",
    ],
    .connectivity: [
      "connectivity", "mode_connectivity", "mc", "connectivity_mc", "connectivity_connectivity",
      "curve_mc_train_error", "curve_mc_test_error",
    ],
    .similarity: [
      "similarity", "cka", "similarity_cka", "similarity_similarity", "representation_similarity",
    ],
    .testAccuracy: [
      "test_accuracy", "test_acc", "testaccuracy", "accuracy", "hessian_testaccuracy",
    ],
  ]

  /// Results that are taken where a zoo has them.
  static let outcomes = [
    "averaging_gain", "averaging_epochsgain", "averaging_seedsgain", "wiseft_acc_test_delta",
    "gitrebasin_acc_test_delta", "transfer_accuracy",
    "pruned_accuracy", "pruning_accuracy", "pruning_lost",
  ]

  /// The column of an axis of the grid: the one that is named, or the first with a usual name.
  ///
  /// - Throws: `Diagnostic` of code `usage` where there is none.
  static func axis(
    _ given: String?, _ usual: [String], _ what: String, in heading: [String]
  ) throws -> String {
    if let given { return try column(given, in: heading) }
    if let found = first(of: usual, in: heading) { return found }
    throw Diagnostic(
      .usage, "no column is called as a \(what) usually is (\(usual.joined(separator: ", ")))",
      remedy: "name it; there are: \(heading.prefix(20).joined(separator: ", "))")
  }

  /// The first of some names that a heading has, spelled as there.
  static func first(of names: [String], in heading: [String]) -> String? {
    all(of: names, in: heading).first
  }

  /// All of some names that a heading has, spelled as there, in the order of the names.
  static func all(of names: [String], in heading: [String]) -> [String] {
    let spelled = Dictionary(heading.map { ($0.lowercased(), $0) }) { first, _ in first }
    return names.compactMap { spelled[$0] }
  }

  /// The column of a name, spelled as in the heading; what has a hyphen is also called with a low line.
  ///
  /// - Throws: `Diagnostic` of code `usage` with what is alike.
  static func column(_ name: String, in heading: [String]) throws -> String {
    let usual = name.lowercased()
    if let found = first(of: [usual, usual.replacing("-", with: "_")], in: heading) {
      return found
    }
    let alike = SimilarNames.of(name, among: heading)
    throw Diagnostic(
      .usage, "there is no column '\(name)'",
      remedy: alike.isEmpty
        ? "there are: \(heading.prefix(20).joined(separator: ", "))"
        : "there is \(alike.joined(separator: ", "))")
  }
}
