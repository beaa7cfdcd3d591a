/// How two networks went from a third one, over all weights that a signature adds to: what shows whether
/// the three were given in their roles.
public struct FineTuneDirections: Sendable, Hashable {
  /// `⟨a, a⟩`, `⟨d, d⟩`, `⟨d, a⟩` and the square of the pretrained network.
  var standardSquare = 0.0
  var robustSquare = 0.0
  var product = 0.0
  var pretrainedSquare = 0.0

  /// How far the standard network went, over the norm of the pretrained one.
  public var standard: Double { ratio(standardSquare) }
  /// How far the robust network went, over the norm of the pretrained one.
  public var robust: Double { ratio(robustSquare) }
  /// The cosine of the two ways; nil where one has no length.
  public var cosine: Double? {
    let norms = (standardSquare * robustSquare).squareRoot()
    return norms > 0 ? product / norms : nil
  }

  /// Takes in a tensor.
  mutating func add(_ sums: TripleSums) {
    standardSquare += sums.standardChange
    robustSquare += sums.robustChange
    product += sums.product
    pretrainedSquare += sums.pretrained
  }

  /// Takes in those of other tensors.
  mutating func add(_ other: FineTuneDirections) {
    standardSquare += other.standardSquare
    robustSquare += other.robustSquare
    product += other.product
    pretrainedSquare += other.pretrainedSquare
  }

  private func ratio(_ square: Double) -> Double {
    pretrainedSquare > 0 ? (square / pretrainedSquare).squareRoot() : 0
  }
}

/// What is left of a robust network's way after the standard one's was projected out.
public enum ResidueOfProjection: Sendable, Hashable {
  /// What a signature is made of.
  case something
  /// Nothing: the robust network is the pretrained one.
  case robustIsPretrained
  /// Nothing: the robust network went the way of the standard one.
  case robustIsStandard

  /// A ten-thousandth of the way is rounding.
  private static let leastShare = 1e-4

  /// Tells what a signature adds.
  ///
  /// - Parameter directions: where they are known; without them, only exact nothing is told.
  public init(_ manifest: SignatureManifest, _ directions: FineTuneDirections? = nil) {
    let added = manifest.tensors.filter(\.kind.isAdded)
    let left = added.reduce(0) { $0 + Double($1.norm) * Double($1.norm) }.squareRoot()
    let whole = directions.map { $0.robustSquare.squareRoot() } ?? 0
    guard !added.isEmpty, left <= Self.leastShare * whole || left == 0 else {
      self = .something
      return
    }
    // Without a way there is no cosine with another one.
    self = added.allSatisfy { $0.cosine == nil } ? .robustIsPretrained : .robustIsStandard
  }

  /// The same for a person; nil where there is something.
  public var sentence: String? {
    switch self {
    case .something: nil
    case .robustIsPretrained:
      "the robust network does not differ from the pretrained one: nothing is added"
    case .robustIsStandard:
      "the robust network goes where the standard one goes: after the projection nothing is left"
    }
  }
}
