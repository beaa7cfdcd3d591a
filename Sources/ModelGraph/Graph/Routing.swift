/// How a mixture of experts turns the router's products into weights: a number for each expert.
public struct Routing: Sendable, Hashable {
  /// The function of the products.
  public enum Gate: String, Sendable, Hashable, CaseIterable {
    case softmax
    case sigmoid
  }

  /// The function.
  public var gate: Gate
  /// How many experts, the largest, keep their weight; nil for all.
  public var mostExperts: Int?
  /// Whether the weights that are kept are divided by their sum.
  public var normalizes: Bool
  /// What the weights are multiplied by at the end.
  public var scale: Double

  /// Makes the parameters.
  public init(
    gate: Gate = .softmax, mostExperts: Int? = nil, normalizes: Bool = true, scale: Double = 1
  ) {
    self.gate = gate
    self.mostExperts = mostExperts
    self.normalizes = normalizes
    self.scale = scale
  }
}
