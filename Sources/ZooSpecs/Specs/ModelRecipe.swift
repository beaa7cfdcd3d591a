import Networks

/// Everything that decides one trained network: the same recipe gives the same bytes.
public struct ModelRecipe: Sendable {
  /// The name of the model, and of its file without the ending.
  public var name: String
  /// What it is trained on.
  public var data: DataRecipe
  /// What is trained.
  public var architecture: ArchitectureRecipe
  /// How it is trained.
  public var training: TrainingRecipe
  /// The name of the model whose trained weights it starts from; nil where they are drawn.
  public var parent: String?
  /// How many models came before it on the way from a model that was drawn.
  public var generation: Int
  /// Where its data and its network stand in the spec, for errors that only the data bring up.
  package var locations: Locations

  package struct Locations: Sendable, Hashable {
    package var data: [String]
    package var model: [String]
  }

  /// The names of its files without the ending: of the checkpoints, in order, then its own.
  package var fileNames: [String] {
    training.options.checkpointEpochs.sorted().map(checkpointName) + [name]
  }

  /// The name of the checkpoint after an epoch.
  package func checkpointName(_ epoch: Int) -> String { "\(name)-epoch\(epoch)" }
}
