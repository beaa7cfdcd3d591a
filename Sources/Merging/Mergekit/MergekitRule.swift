import Support

/// What is done with one tensor of a recipe of mergekit, all parameters settled.
enum MergekitRule: Sendable {
  /// `Σ factorᵢ·θᵢ`.
  case linear([Double])
  /// Between two models on the arc between their tensors; the first is at 0.
  case slerp(Double)
  /// From the base towards the mean, as the angles of that many differences tell.
  case modelStock(count: Int)
  /// Differences from the base, of which some are left out.
  case thinned(MergekitThinning)

  /// Whether the tensor is read before it can be made.
  var needsPasses: Bool {
    switch self {
    case .linear: false
    case .slerp, .modelStock: true
    case .thinned(let thinning): thinning.method != .taskArithmetic
    }
  }

  /// What is done with the elements.
  ///
  /// - Parameters:
  ///   - tensor: the tensor of all models, and of the base behind them where differences count.
  ///   - seed: what chance follows from.
  func rule(for tensor: OpenedTensor, seed: UInt64, jobs: Int?) throws -> TensorRule {
    let scan = DifferenceScan(tensor, jobs: jobs)
    switch self {
    case .linear(let factors): return .linear(factors: factors, base: 0)
    case .slerp(let place):
      let products = try TensorProducts(scan, modelCount: 2, ofDifferences: false)
      // mergekit takes a zero vector as perpendicular to everything.
      let factors = ArcFactors.factors(
        at: place, cosine: products.cosine(0, 1) ?? 0, largest: 0.9995)
      return .linear(factors: factors, base: 0)
    case .modelStock(let count):
      let ratio = try TensorProducts(scan, modelCount: count, ofDifferences: true).mergekitRatio
      return .linear(
        factors: Array(repeating: ratio / Double(count), count: count), base: 1 - ratio)
    case .thinned(let thinning): return try thinning.rule(for: tensor, scan, seed: seed)
    }
  }
}
