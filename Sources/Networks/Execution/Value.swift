import WorkbenchCore

/// The output of a layer while a program is compiled: its shape, the layouts it is available in,
/// and what its consumers contribute to its gradient.
final class Value {
  /// The layer's name, for errors.
  let name: String
  /// The shape of one example in the model's own axis order.
  let shape: [Int]
  /// Which axis of the example holds the channels.
  let channelAxis: Int
  /// Batch, channels, then the other axes in order.
  let logicalShape: [Int]
  /// The model's own order, row-major, as a layout of the logical shape.
  let plainLayout: DataLayout
  /// The layouts it can be had in. The first is the one it was made in.
  var forms: [Form] = []
  /// Whether a gradient has to flow through it.
  var needsGradient = false
  /// One float a time step: 1 where it counts, 0 where it is masked.
  var mask: Buffer?
  /// How it changes along the direction of a product with second derivatives; nil where it does not.
  /// What is contributed to the tangent's gradient is the change of this value's gradient.
  var tangent: Value?
  /// The gradients that consumers contributed so far.
  var contributions: [Form] = []

  /// Makes a value that has no memory yet.
  init(name: String, batch: Int, shape: [Int], channelAxis: Int) throws {
    self.name = name
    self.shape = shape
    self.channelAxis = channelAxis
    guard !shape.isEmpty, shape.allSatisfy({ $0 > 0 }) else {
      throw Diagnostic(.badData, "an example of shape \(shape) cannot be computed with", at: [name])
    }
    let others = shape.indices.filter { $0 != channelAxis }
    let order = [channelAxis] + others
    logicalShape = [batch] + order.map { shape[$0] }
    let strides = rowMajorStrides([batch] + shape)
    plainLayout = try .strided(logicalShape, strides: [strides[0]] + order.map { strides[$0 + 1] })
  }

  /// The number of examples.
  var batch: Int { logicalShape[0] }
  /// The number of elements of one example.
  var elementCount: Int { shape.reduce(1, *) }
  /// The number of channels.
  var channelCount: Int { shape[channelAxis] }
  /// The lengths of the axes that are not channels.
  var spatialShape: [Int] { Array(logicalShape.dropFirst(2)) }

  /// The shape of an example with other channels and spatial axes, in the same axis order.
  func shape(channels: Int, spatial: [Int]) -> [Int] {
    var result = spatial
    result.insert(channels, at: channelAxis)
    return result
  }
}
