/// The parameters of a transposed convolution: the linear map that carries a convolution's output
/// gradient back to its input.
///
/// Of an axis of `n` positions it makes `(n − 1)·stride + extent − crop`, where the extent is that of
/// the dilated kernel.
public struct TransposedConvolution: Sendable, Hashable {
  /// The number of output channels.
  public var filters: Int
  /// The kernel's length on each spatial axis.
  public var kernelSize: [Int]
  /// How far apart the inputs are put, on each spatial axis.
  public var strides: [Int]
  /// The distance between taps on each spatial axis.
  public var dilation: [Int]
  /// What is taken away around each spatial axis; after it, below zero where zeros are put there.
  public var crop: [Margin]

  /// Makes the parameters.
  public init(
    filters: Int, kernelSize: [Int], strides: [Int], dilation: [Int], crop: [Margin]
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.dilation = dilation
    self.crop = crop
  }

  /// The length of the output for that of the input on a spatial axis; nil where nothing is left.
  public func outputLength(_ length: Int, axis: Int) -> Int? {
    let extent = (kernelSize[axis] - 1) * dilation[axis] + 1
    let (span, overflow) = (length - 1).multipliedReportingOverflow(by: strides[axis])
    guard !overflow, span < CheckedShape.longestAxis else { return nil }
    let result = span + extent - crop[axis].before - crop[axis].after
    return result >= 1 && result <= CheckedShape.longestAxis ? result : nil
  }
}
