/// A normalisation whose gains can be moved into the kernels that read it.
public struct NormFold: Sendable, Hashable {
  /// A kernel that reads the normalised units.
  public struct Reader: Sendable, Hashable {
    /// The kernel.
    public var kernel: String
    /// Its input axis.
    public var inputAxis: Int
    /// Its output axis.
    public var outputAxis: Int
    /// Its bias; nil where there is none.
    public var bias: String?
  }

  /// The layer.
  public var layer: String
  /// The number of channels.
  public var width: Int
  /// The gains; nil where it has none.
  public var gamma: String?
  /// What is added to the stored gains.
  public var offset: Double
  /// The shifts; nil where it has none.
  public var beta: String?
  /// The kernels that read it, all of them.
  public var readers: [Reader]
  /// Whether the shifts can go into biases: every reader has one, and none puts zeros around its input.
  public var movesBeta: Bool
}

/// Learned factors of channels that can be moved into the kernel that makes these channels: the layer
/// scale of image transformers.
public struct ScaleFold: Sendable, Hashable {
  /// The layer.
  public var layer: String
  /// The factors.
  public var gamma: String
  /// What is added after them; nil for nothing.
  public var beta: String?
  /// The kernel that makes the channels.
  public var kernel: String
  /// Its output axis.
  public var outputAxis: Int
  /// Its bias; nil where there is none.
  public var bias: String?
}
