/// Everything that decides one trained network: the same recipe gives the same bytes.
public struct ModelRecipe: Sendable, Hashable, Encodable {
  /// The architecture.
  public enum Architecture: Sendable, Hashable {
    /// Dense layers of these widths, then one unit a class.
    case perceptron(widths: [Int], activation: String)
  }

  /// How the weights are changed after each batch.
  public enum Optimizer: String, Sendable, Hashable, CaseIterable, Encodable {
    /// Stochastic gradient descent with momentum.
    case sgd
    /// Adam: D. P. Kingma and J. Ba, 2015.
    case adam
  }

  /// The name of the model, and of its file without the ending.
  public var name: String
  /// The data: a built-in name or a path.
  public var data: String
  /// The architecture.
  public var architecture: Architecture
  /// How the weights are changed.
  public var optimizer: Optimizer
  /// The learning rate.
  public var learningRate: Double
  /// The momentum of `sgd`.
  public var momentum: Double
  /// The share of each weight that is taken off, per unit of learning rate.
  public var weightDecay: Double
  /// Examples in a batch.
  public var batchSize: Int
  /// Passes over the training data.
  public var epochs: Int
  /// The seed of the first weights and of the order of the data.
  public var seed: Int
}

extension ModelRecipe.Architecture: Encodable {
  private enum Key: String, CodingKey {
    case kind, widths, activation
  }

  /// Writes the architecture with the words of the spec.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .perceptron(let widths, let activation):
      try container.encode("mlp", forKey: .kind)
      try container.encode(widths, forKey: .widths)
      try container.encode(activation, forKey: .activation)
    }
  }
}
