import Support

/// How updates of adapters become one: a factor for each, and how large the result may be.
public struct AdapterRecipe: Sendable, Hashable {
  /// What each adapter's updates are multiplied by before they are added.
  public var factors: [Double]
  /// Whether the factors are shares that add up to 1: tensors that are no updates, such as whole
  /// layers, can be averaged only then.
  public var areShares: Bool
  /// The rank that results are cut to; nil keeps the sum of the ranks, at which they are exact.
  public var rank: Int?

  /// Makes a recipe.
  public init(factors: [Double], areShares: Bool, rank: Int? = nil) {
    self.factors = factors
    self.areShares = areShares
    self.rank = rank
  }

  /// Takes over the formula for whole models: means, and sums of what was learned.
  ///
  /// - Throws: `Diagnostic` of code `usage` for the others, which look at single elements: those of a
  ///   product are not there unless it is formed.
  public init(_ recipe: MergeRecipe, rank: Int? = nil) throws {
    switch recipe.method {
    case .mean:
      let sum = recipe.convention == .mergekit ? recipe.weights.reduce(0, +) : 1
      guard sum.magnitude > 1e-8 else {
        throw Diagnostic(.usage, "the weights add up to 0")
      }
      self.init(factors: recipe.weights.map { $0 / sum }, areShares: true, rank: rank)
    case .taskArithmetic:
      self.init(
        factors: recipe.weights.map { $0 * recipe.scale }, areShares: false, rank: rank)
    default:
      throw Diagnostic(
        .usage,
        "this method looks at single elements of models, and the updates of adapters are products",
        remedy: "merge adapters by mean or task-arithmetic")
    }
    guard factors.allSatisfy(\.isFinite) else {
      throw Diagnostic(.usage, "the weights and the scale have to be finite")
    }
  }
}
