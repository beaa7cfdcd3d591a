import Catalogs

/// Differences from a base, thinned and added as mergekit's task_arithmetic, ties, dare and breadcrumbs do.
struct MergekitThinning: Sendable {
  var method: MergekitMethod
  /// A weight, and the share that stays, for each model.
  var weights: [Double]
  var densities: [Double]
  /// Of breadcrumbs: the share of the largest that is left out.
  var gammas: [Double]
  /// Whether the sum is divided by that of the weights.
  var normalizes: Bool
  /// Of dare: whether what stays is multiplied so that the sum of magnitudes is what it was.
  var rescales: Bool
  /// What the merged difference is multiplied by: `lambda`.
  var scale: Double

  /// What is done with the elements of a tensor.
  func rule(for tensor: OpenedTensor, _ scan: DifferenceScan, seed: UInt64) throws -> TensorRule {
    var factor = scale
    if normalizes, !method.elects {
      let sum = weights.reduce(0, +)
      if sum.magnitude >= 1e-8 { factor /= sum }
    }
    if method == .taskArithmetic { return .differences(weights.map { factor * $0 }) }
    let selections = try weights.indices.map { model in
      try selection(of: model, tensor, scan, seed: seed)
    }
    return .sparse(
      SparseRule(
        selections: selections, weights: weights,
        combination: method.elects ? .elected(zeroSign: 1, averages: normalizes) : .sum,
        scale: factor))
  }

  private func selection(
    of model: Int, _ tensor: OpenedTensor, _ scan: DifferenceScan, seed: UInt64
  ) throws -> SparseRule.Selection {
    let density = densities[model]
    let count = tensor.count
    if density >= 1 { return .magnitudes(.everything) }
    if method.isDare {
      if density <= 0 { return .magnitudes(.nothing) }
      let key = DropKey.key(seed: seed, model: model, tensor: tensor.entry.name)
      let threshold = DropKey.threshold(1 - density)
      return .chance(
        key: key, threshold: threshold,
        factor: rescales ? try scan.l1Ratio(of: model, key: key, threshold: threshold) : 1)
    }
    if method.isBreadcrumbs {
      let kept = max(0, Int(density * Double(count)))
      let first = max(0, count - kept - Int(gammas[model] * Double(count)))
      return try GlobalTrimming.selection(
        scan, model: model, ranks: first..<min(count, first + kept), ties: .firstAreLower)
    }
    if density <= 0 || count == 0 { return .magnitudes(.nothing) }
    let kept = max(1, Int(density * Double(count)))
    return try GlobalTrimming.selection(
      scan, model: model, ranks: (count - kept)..<count, ties: .firstStay)
  }
}
