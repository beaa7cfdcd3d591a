/// The parameters of scaled dot-product attention between projections that other layers make.
///
/// The inputs are queries `[steps, heads · width]`, keys `[steps, keyValueHeads · width]` and values
/// `[steps, keyValueHeads · valueWidth]`; the output is `[steps, heads · valueWidth]`. Heads stand one
/// after another along the channels. Query head `h` reads key head `h / (heads / keyValueHeads)`
/// (Vaswani et al. 2017, section 3.2; Ainslie et al. 2023 for shared keys and values).
public struct Attention: Sendable, Hashable {
  /// How positions enter beside the rotation of queries and keys.
  public enum Bias: Sendable, Hashable {
    /// Not at all.
    case none
    /// A slope for each head times the distance (ALiBi, Press et al. 2022). The slopes are those of the
    /// paper for the number of heads.
    case linear
    /// A learned number for each bucket of distances and each head (T5). The parameter `positionBias` is
    /// `[buckets, heads]`.
    case buckets(count: Int, longestDistance: Int, isBidirectional: Bool)
    /// A learned number for each pair of places in a window and each head (Swin). The parameter
    /// `positionBias` is `[(2·size − 1)², heads]`.
    case window
  }

  /// Windows of a picture whose positions are the steps, row after row (Swin).
  public struct Windows: Sendable, Hashable {
    /// The side of a window.
    public var size: Int
    /// By how much the windows are shifted, with wrapping and masks.
    public var shift: Int
    /// Makes the parameters.
    public init(size: Int, shift: Int) {
      self.size = size
      self.shift = shift
    }
  }

  /// The number of query heads; nil where the file does not say.
  public var heads: Int?
  /// The number of key and value heads; nil where the file does not say.
  public var keyValueHeads: Int?
  /// What the products are multiplied by; nil for 1/√width.
  public var scale: Double?
  /// Whether a step reads no later step.
  public var isCausal: Bool
  /// How many steps back a step reads, itself included, and as many forward where it is not causal; nil
  /// for all.
  public var reach: Int?
  /// Products become `cap · tanh(x / cap)`; nil for no cap.
  public var softCap: Double?
  /// The rotation of queries and keys by their positions; nil for none.
  public var rotary: Rotary?
  /// How positions enter the products.
  public var bias: Bias
  /// Windows of a picture; nil where all steps meet. The input is then `[height, width, channels]`.
  public var windows: Windows?

  /// Makes the parameters.
  public init(
    heads: Int?, keyValueHeads: Int? = nil, scale: Double? = nil, isCausal: Bool = false,
    reach: Int? = nil, softCap: Double? = nil, rotary: Rotary? = nil, bias: Bias = .none,
    windows: Windows? = nil
  ) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads ?? heads
    self.scale = scale
    self.isCausal = isCausal
    self.reach = reach
    self.softCap = softCap
    self.rotary = rotary
    self.bias = bias
    self.windows = windows
  }
}
