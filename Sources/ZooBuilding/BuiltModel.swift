/// A model of a zoo, after building.
public struct BuiltModel: Sendable {
  /// What training came to.
  public struct Training: Sendable {
    /// The mean loss on the test split.
    public var testLoss: Double
    /// The fraction of the test split that is classified right.
    public var testAccuracy: Double
    /// How long training took.
    public var seconds: Double
  }

  /// The model's name.
  public var name: String
  /// The path of its file.
  public var path: String
  /// What training came to; nil where the file was there already and was kept.
  public var training: Training?
}
