/// What is done with the elements of one tensor, once all that has to be known of the tensor is.
enum TensorRule: Sendable {
  /// `Σ factorᵢ·θᵢ + base·θ₀`.
  case linear(factors: [Double], base: Double)
  /// `θ₀ + Σ factorᵢ·δᵢ`.
  case differences([Double])
  /// `θ₀ + scale·merged`, where some elements of each δ are left out.
  case sparse(SparseRule)
  /// `θ₀ + scale·Σ weightᵢ·δᵢ` where enough of the δ matter, and θ₀ elsewhere.
  case localized(LocalizedRule)
}

/// How differences are thinned and added.
struct SparseRule: Sendable {
  /// What stays of a difference.
  enum Selection: Sendable {
    /// Magnitudes between two bounds.
    case magnitudes(MagnitudeBounds)
    /// What chance leaves, multiplied by the factor.
    case chance(key: UInt64, threshold: UInt64, factor: Double)
  }

  /// How the differences become one.
  enum Combination: Sendable {
    /// Their sum.
    case sum
    /// The sum of what agrees in sign with their sum, or its mean. A sum of zero counts as that sign.
    case elected(zeroSign: Double, averages: Bool)
  }

  /// What stays of each model's difference.
  var selections: [Selection]
  /// The weight of each.
  var weights: [Double]
  /// How they become one.
  var combination: Combination
  /// What the result is multiplied by.
  var scale: Double
}

/// Where differences count.
struct LocalizedRule: Sendable {
  /// How much more than the others a difference must be to matter.
  var threshold: Double
  /// In how many models an element has to matter.
  var agreement: Int
  /// The one model in which it has to matter instead.
  var task: Int?
  /// The weight of each difference.
  var weights: [Double]
  /// What the result is multiplied by.
  var scale: Double
}

/// Between which magnitudes differences stay.
struct MagnitudeBounds: Sendable, Hashable {
  /// The bounds, which stay themselves.
  var lowest: Double
  var largest = Double.infinity
  /// The places in the tensor within which differences as large as the bounds stay.
  var lowestPlaces = 0..<Int.max
  var largestPlaces = 0..<Int.max

  /// Nothing stays.
  static let nothing = MagnitudeBounds(lowest: .infinity)
  /// Everything stays.
  static let everything = MagnitudeBounds(lowest: 0)
}
