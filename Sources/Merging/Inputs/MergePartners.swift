/// How the tensors of a model go with those of the first.
public struct MergePartners: Sendable {
  /// A tensor beside one of the first model.
  public struct Partner: Sendable {
    /// Its name in its own model.
    public var name: String
    /// The order of its axes under which it lies as the first model's does; nil where that is its own.
    public var axes: [Int]?
    /// Why the two are not mixed although they stand in each other's place; nil where they are.
    public var whyNot: String?

    /// Makes a partner.
    public init(name: String, axes: [Int]? = nil, whyNot: String? = nil) {
      self.name = name
      self.axes = axes
      self.whyNot = whyNot
    }
  }

  /// For tensors of the first model those of this one.
  public var partners: [String: Partner]
  /// The first model's tensors that are no part of its network: they stay as they are where this model
  /// has none like them.
  public var spareInFirst: Set<String>
  /// This model's tensors that are no part of its network: nobody misses them.
  public var spare: Set<String>

  /// Notes what goes together.
  public init(
    _ partners: [String: Partner], spareInFirst: Set<String> = [], spare: Set<String> = []
  ) {
    self.partners = partners
    self.spareInFirst = spareInFirst
    self.spare = spare
  }
}
