/// The parameters of a convolution.
public struct Convolution: Sendable, Hashable {
  /// The number of output channels.
  public var filters: Int
  /// The kernel's length on each spatial axis.
  public var kernelSize: [Int]
  /// The step on each spatial axis.
  public var strides: [Int]
  /// The distance between taps on each spatial axis.
  public var dilation: [Int]
  /// The number of groups that channels are split into.
  public var groups: Int
  /// How windows meet the edges.
  public var padding: Padding

  /// Makes the parameters.
  public init(
    filters: Int, kernelSize: [Int], strides: [Int], dilation: [Int], groups: Int, padding: Padding
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.dilation = dilation
    self.groups = groups
    self.padding = padding
  }
}
