import Support

extension MergeRecipe {
  /// Whether the formula counts from a base.
  public var needsBase: Bool {
    switch method {
    case .mean, .slerp: false
    default: true
    }
  }

  /// Whether the formula has a scale.
  public var usesScale: Bool {
    switch method {
    case .mean, .modelStock, .slerp: false
    default: true
    }
  }

  /// Checks that the numbers make sense.
  ///
  /// - Throws: `Diagnostic` of code `usage`.
  func check(modelCount: Int, hasBase: Bool) throws {
    guard modelCount > 0, weights.count == modelCount else {
      throw usage("there are \(modelCount) models and \(weights.count) weights")
    }
    guard weights.allSatisfy(\.isFinite), scale.isFinite else {
      throw usage("the weights and the scale have to be finite")
    }
    if needsBase != hasBase {
      throw needsBase
        ? usage("this method counts from a base", "name it with \(setting: .base)")
        : usage("this method has no base", "leave \(setting: .base) out")
    }
    switch method {
    case .mean:
      if convention == .mergekit, abs(weights.reduce(0, +)) < 1e-8 {
        throw usage("the weights add up to 0")
      }
    case .taskArithmetic: break
    case .ties(let density, _): try check(density, in: 0...1, "the density")
    case .dare(let drop, _):
      try check(drop, in: 0...1, "the share that is dropped")
      if drop == 1 { throw usage("nothing would be left where everything is dropped") }
    case .breadcrumbs(let bottom, let top, _):
      try check(bottom, in: 0...1, "the smallest share that is dropped")
      try check(top, in: 0...1, "the largest share that is dropped")
      if bottom + top > 1 { throw usage("more than everything would be dropped") }
    case .modelStock:
      if modelCount < 2 { throw usage("model stock takes two or more models beside the base") }
    case .slerp(let place):
      if modelCount != 2 { throw usage("slerp takes two models, and there are \(modelCount)") }
      if !place.isFinite { throw usage("the place on the arc has to be finite") }
    case .tallMasks(let threshold, let agreement, let task):
      guard threshold >= 0, threshold.isFinite else {
        throw usage("the threshold of the masks has to be 0 or more")
      }
      if let task, !(0..<modelCount).contains(task) {
        throw usage("there is no model \(task + 1) whose mask could be taken")
      }
      if task == nil, !(1...modelCount).contains(agreement) {
        throw usage("of \(modelCount) masks, \(agreement) cannot agree")
      }
      if convention == .mergekit { throw usage("mergekit has no TALL masks") }
    }
  }

  private func check(_ share: Double, in range: ClosedRange<Double>, _ what: String) throws {
    guard range.contains(share) else { throw usage("\(what) has to be from 0 to 1") }
  }

  private func usage(_ message: String, _ remedy: Wording? = nil) -> Diagnostic {
    Diagnostic(.usage, message, remedy: remedy)
  }
}
