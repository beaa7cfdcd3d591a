import Catalogs
import LinearAlgebra
import WeightFiles

extension Merger {
  /// Whether a tensor has to be read before it can be merged.
  var needsPasses: Bool {
    switch recipe.method {
    case .mean, .taskArithmetic, .tallMasks: false
    case .ties: trimming == nil
    case .dare: recipe.convention == .mergekit
    case .breadcrumbs, .modelStock, .slerp: true
    }
  }

  /// What is done with the elements of a tensor.
  func rule(for tensor: OpenedTensor, jobs: Int?) throws -> TensorRule {
    let weights = recipe.weights
    let scan = DifferenceScan(tensor, jobs: jobs)
    let isMergekit = recipe.convention == .mergekit
    switch recipe.method {
    case .mean:
      let sum = isMergekit ? weights.reduce(0, +) : 1
      return .linear(factors: weights.map { $0 / sum }, base: 0)
    case .taskArithmetic: return .differences(weights.map { recipe.scale * $0 })
    case .ties(let density, _):
      let found =
        try trimming
        ?? GlobalTrimming.find(
          scan, keeping: kept(density, of: tensor.count), ties: isMergekit ? .firstStay : .stay,
          weights: weights, electsZeros: !isMergekit)
      return sparse(
        found.selections, .elected(zeroSign: found.zeroSign, averages: true))
    case .dare(let drop, let elects):
      let selections = try weights.indices.map {
        try chance(drop, model: $0, of: tensor, scan)
      }
      return sparse(selections, try combination(elects, selections, scan))
    case .breadcrumbs(let bottom, let top, let elects):
      let ranks = breadcrumbs(bottom, top, of: tensor.count)
      let selections = try weights.indices.map {
        try GlobalTrimming.selection(
          scan, model: $0, ranks: ranks, ties: isMergekit ? .firstAreLower : .stay)
      }
      return sparse(selections, try combination(elects, selections, scan))
    case .modelStock:
      let products = try TensorProducts(scan, modelCount: models.count, ofDifferences: true)
      let ratio = isMergekit ? products.mergekitRatio : products.stockRatio
      let share = ratio / Double(models.count)
      return .linear(factors: weights.map { _ in share }, base: 1 - ratio)
    case .slerp(let place):
      let products = try TensorProducts(scan, modelCount: 2, ofDifferences: false)
      // mergekit takes a zero vector as perpendicular to everything.
      let cosine = products.cosine(0, 1) ?? (isMergekit ? 0 : nil)
      return .linear(
        factors: ArcFactors.factors(
          at: place, cosine: cosine, largest: isMergekit ? 0.9995 : 1 - 1e-12), base: 0)
    case .tallMasks(let threshold, let agreement, let task):
      return .localized(
        LocalizedRule(
          threshold: threshold, agreement: agreement, task: task, weights: weights,
          scale: recipe.scale))
    }
  }

  private func sparse(
    _ selections: [SparseRule.Selection], _ combination: SparseRule.Combination
  ) -> TensorRule {
    .sparse(
      SparseRule(
        selections: selections, weights: recipe.weights, combination: combination,
        scale: recipe.scale))
  }

  private func combination(
    _ elects: Bool, _ selections: [SparseRule.Selection], _ scan: DifferenceScan
  ) throws -> SparseRule.Combination {
    guard elects else { return .sum }
    // mergekit adds what was elected, and takes a sum of zero as positive.
    if recipe.convention == .mergekit { return .elected(zeroSign: 1, averages: false) }
    return .elected(
      zeroSign: try GlobalTrimming.sign(scan, selections, recipe.weights), averages: true)
  }

  /// How many of the elements of a tensor a density keeps.
  private func kept(_ density: Double, of count: Int) -> Int {
    let share = density * Double(count)
    guard recipe.convention == .mergekit else { return Int(share.rounded()) }
    return density <= 0 || count == 0 ? 0 : min(count, max(1, Int(share)))
  }

  /// The ranks of the magnitudes that breadcrumbs keep.
  private func breadcrumbs(_ bottom: Double, _ top: Double, of count: Int) -> Range<Int> {
    let size = Double(count)
    guard recipe.convention == .mergekit else {
      let first = Int((bottom * size).rounded())
      return first..<max(first, count - Int((top * size).rounded()))
    }
    // A density of 0.3 must not be 0.29999999999999999 here.
    let density = ((1 - bottom - top) * 1e12).rounded() / 1e12
    if density >= 1 { return 0..<count }
    let target = Int(density * size)
    let first = max(0, count - target - Int(top * size))
    return first..<min(count, first + target)
  }

  /// What chance leaves of a model's differences, multiplied so that they are the same on average, or
  /// for mergekit so that their magnitudes have the sum they had.
  private func chance(
    _ drop: Double, model: Int, of tensor: OpenedTensor, _ scan: DifferenceScan
  ) throws -> SparseRule.Selection {
    let key = DropKey.key(seed: recipe.seed, model: model, tensor: tensor.entry.name)
    let threshold = DropKey.threshold(drop)
    guard recipe.convention == .mergekit else {
      return .chance(key: key, threshold: threshold, factor: 1 / (1 - drop))
    }
    let factor = try scan.l1Ratio(of: model, key: key, threshold: threshold)
    return .chance(key: key, threshold: threshold, factor: factor)
  }
}

extension TensorProducts {
  /// The cosines of all pairs; those with a zero vector count as 0.
  private var meanCosine: Double {
    let count = products.count
    let cosines = (0..<count).flatMap { one in (0..<one).map { cosine(one, $0) ?? 0 } }
    return cosines.mean ?? 0
  }

  /// How far model stock goes from the base to the mean: `N·cos/(1 + (N − 1)·cos)`. A negative cosine,
  /// of which the paper does not speak, stays at the base: beyond it the formula has a pole.
  fileprivate var stockRatio: Double { max(0, mergekitRatio) }

  /// The same without that bound, but for the pole itself.
  var mergekitRatio: Double {
    let cosine = meanCosine
    let count = Double(products.count)
    let divisor = 1 + (count - 1) * cosine
    return divisor.magnitude < 1e-6 ? 0 : count * cosine / divisor
  }
}
