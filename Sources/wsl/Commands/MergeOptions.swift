public import ArgumentParser
import Foundation
public import Merging
import Support

/// The formula of a merge, and its numbers.
struct MergeOptions: ParsableArguments {
  /// The formulas.
  enum Method: String, ExpressibleByArgument, CaseIterable {
    case mean
    case taskArithmetic = "task-arithmetic"
    case ties, dare
    case dareTies = "dare-ties"
    case breadcrumbs
    case breadcrumbsTies = "breadcrumbs-ties"
    case modelStock = "model-stock"
    case slerp
    case tallMasks = "tall-masks"
  }

  @Option(
    name: .customLong("method"),
    help: ArgumentHelp(
      "The formula (default: mean; the others are told above).", valueName: "method"))
  var givenMethod: Method?
  var method: Method { givenMethod ?? .mean }

  @Option(
    help: "What the models were trained from, for the methods that count from it.",
    completion: .file())
  var base: String?

  @Option(
    help: """
      A number for each model, separated by commas: shares that add up to 1 for the mean, factors \
      of the differences otherwise (default: equal shares; 1).
      """)
  var weights: String?

  @Option(help: "What the merged difference from the base is multiplied by (default: 1).")
  var scale: Double?

  @Option(help: "ties: the share of the largest differences that stays (default: 0.2).")
  var density: Double?

  @Option(
    help: """
      ties: over what the largest are sought: global, over all tensors of a model, or tensor \
      (default: global).
      """)
  var trim: MergeRecipe.Trimming?

  @Option(help: "dare: the share of the differences that is dropped by chance (default: 0.9).")
  var drop: Double?

  @Option(help: "breadcrumbs: the share of the smallest that is dropped (default: 0.85).")
  var dropBottom: Double?

  @Option(help: "breadcrumbs: the share of the largest that is dropped (default: 0.007).")
  var dropTop: Double?

  @Option(help: "slerp: the place on the arc, 0 for A and 1 for B (default: 0.5).")
  var at: Double?

  @Option(
    help: """
      tall-masks: how many times the rest of the sum a difference must be to matter (default: 0.4).
      """)
  var maskThreshold: Double?

  @Option(help: "tall-masks: in how many models an element has to matter (default: 2).")
  var agreement: Int?

  @Option(help: "tall-masks: keep instead what matters in this model, counted from 1.")
  var task: Int?

  @Option(
    help: """
      Adapters: cut the merged updates to this rank; how much of them is lost is said (default: the \
      sum of the ranks, which loses nothing).
      """)
  var rank: Int?

  @Option(
    help: "mergekit: where mergekit 0.1.5 differs from the papers, do as it does.")
  var compat: Compatibility?

  @Flag(
    help: "Merge only the tensors that all models have; the others stay as they are in A.")
  var sharedOnly = false

  /// Whose conventions are taken over.
  enum Compatibility: String, ExpressibleByArgument, CaseIterable {
    case mergekit
  }

  /// All options, and which of them are given.
  var givenOptions: [(String, Bool)] {
    [
      ("--method", givenMethod != nil), ("--base", base != nil), ("--weights", weights != nil),
      ("--scale", scale != nil), ("--density", density != nil), ("--trim", trim != nil),
      ("--drop", drop != nil), ("--drop-bottom", dropBottom != nil), ("--drop-top", dropTop != nil),
      ("--at", at != nil), ("--mask-threshold", maskThreshold != nil),
      ("--agreement", agreement != nil), ("--task", task != nil), ("--rank", rank != nil),
      ("--compat", compat != nil), ("--shared-only", sharedOnly),
    ]
  }

  func validate() throws {
    if let rank, rank < 1 { throw ValidationError("--rank takes a number from 1 up.") }
    let isTies = method == .ties
    let isDare = method == .dare || method == .dareTies
    let isBreadcrumbs = method == .breadcrumbs || method == .breadcrumbsTies
    let isTall = method == .tallMasks
    let given: [(String, Bool, Bool)] = [
      ("--density", density != nil, isTies), ("--trim", trim != nil, isTies),
      ("--drop", drop != nil, isDare), ("--drop-bottom", dropBottom != nil, isBreadcrumbs),
      ("--drop-top", dropTop != nil, isBreadcrumbs), ("--at", at != nil, method == .slerp),
      ("--mask-threshold", maskThreshold != nil, isTall),
      ("--agreement", agreement != nil, isTall && task == nil), ("--task", task != nil, isTall),
      ("--base", base != nil, method != .mean && method != .slerp),
      ("--weights", weights != nil, method != .slerp && method != .modelStock),
      ("--scale", scale != nil, ![.mean, .slerp, .modelStock].contains(method)),
    ]
    if let ignored = given.first(where: { $0.1 && !$0.2 }) {
      throw ValidationError("\(ignored.0) has no meaning for --method \(method.rawValue).")
    }
    if compat == .mergekit, trim == .global {
      throw ValidationError("mergekit trims each tensor: --trim global is not --compat mergekit.")
    }
  }
}

extension MergeRecipe.Trimming: ExpressibleByArgument {}
