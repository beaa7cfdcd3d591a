/// How models become one: a formula, and its numbers.
///
/// θ₀ is the base, θᵢ the models, δᵢ = θᵢ − θ₀, wᵢ the weights, λ the scale. Everything is computed in
/// Float64 and rounded once to the type of the first model's tensor.
public struct MergeRecipe: Sendable, Hashable {
  /// The formula.
  public enum Method: Sendable, Hashable {
    /// `Σ wᵢ·θᵢ`; the weights are shares.
    case mean
    /// `θ₀ + λ·Σ wᵢ·δᵢ`: Ilharco et al. 2023, "Editing Models with Task Arithmetic".
    case taskArithmetic
    /// Of each δ only the largest magnitudes stay; per element the sign of the sum is elected, and
    /// what agrees with it is averaged: Yadav et al. 2023, "TIES-Merging".
    case ties(density: Double, trimming: Trimming)
    /// Elements of each δ are dropped by chance and the others multiplied by 1/(1 − drop): Yu et al.
    /// 2024, "Language Models are Super Mario". The rest is added, or elected as in TIES.
    case dare(drop: Double, elects: Bool)
    /// Of each tensor of each δ, the shares of the smallest and of the largest magnitudes are
    /// dropped: Davari and Belilovsky 2023, "Model Breadcrumbs". The rest is added, or elected.
    case breadcrumbs(bottom: Double, top: Double, elects: Bool)
    /// Between the base and the mean, tensor by tensor, as far as the angle between the δ tells: Jang
    /// et al. 2024, "Model Stock".
    case modelStock
    /// Between two models along the arc between their tensors: Shoemake 1985, "Animating rotation
    /// with quaternion curves".
    case slerp(at: Double)
    /// The sum of all δ where at least that many of them matter (or that one does): Wang et al. 2024,
    /// "Localizing Task Information for Improved Model Merging and Compression". An element of δᵢ
    /// matters where `|δᵢ| > threshold·|Σδ − δᵢ|`.
    case tallMasks(threshold: Double, agreement: Int, task: Int?)
  }

  /// Over what the largest magnitudes are sought.
  public enum Trimming: String, Sendable, Hashable, CaseIterable {
    /// All merged tensors of a model together, as the paper's authors do.
    case global
    /// Each tensor for itself.
    case tensor
  }

  /// Whose rules hold where they differ.
  public enum Convention: String, Sendable, Hashable, CaseIterable {
    /// The papers' and their authors'.
    case papers
    /// Those of mergekit 0.1.5.
    case mergekit
  }

  /// The formula.
  public var method: Method
  /// A weight for each model.
  public var weights: [Double]
  /// What the merged difference is multiplied by.
  public var scale: Double
  /// What chance follows from.
  public var seed: UInt64
  /// Whose rules hold.
  public var convention: Convention

  /// Makes a recipe.
  public init(
    _ method: Method, weights: [Double], scale: Double = 1, seed: UInt64 = 0,
    convention: Convention = .papers
  ) {
    self.method = method
    self.weights = weights
    self.scale = scale
    self.seed = seed
    self.convention = convention
  }
}
