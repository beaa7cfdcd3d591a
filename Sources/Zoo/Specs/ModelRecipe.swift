import Networks

/// Everything that decides one trained network: the same recipe gives the same bytes.
public struct ModelRecipe: Sendable, Hashable {
  /// The name of the model, and of its file without the ending.
  public var name: String
  /// What it is trained on.
  public var data: DataRecipe
  /// What is trained.
  public var architecture: ArchitectureRecipe
  /// How it is trained.
  public var training: TrainingRecipe
}
