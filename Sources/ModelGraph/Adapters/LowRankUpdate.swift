public import Catalogs
import Tensors

/// The update of one module: the product of a factor [out, r] and a factor [r, in] times a scale (Hu
/// et al., "LoRA", 2021). For convolutions the factors have further axes: the right one the window,
/// the left one a window of 1.
public struct LowRankUpdate: Sendable, Hashable {
  /// Where the scale comes from.
  public enum Scale: Sendable, Hashable {
    /// The configuration, or the convention where there is no other way to say it.
    case known(Double)
    /// A tensor of one number, alpha: the scale is alpha over the rank.
    case tensor(TensorEntry)
    /// Nothing says it.
    case unknown
  }

  /// The module's name in the network: `model.layers.0.self_attn.q_proj`.
  public let module: String
  /// The module's name as the file's tensors begin.
  public let prefix: String
  /// The factor [out, r].
  public let left: TensorEntry
  /// The factor [r, in].
  public let right: TensorEntry
  /// The scale.
  public let scale: Scale

  /// The number of columns of the left factor.
  public var rank: Int { right.shape[0] }
  /// The number of rows of the product.
  public var rows: Int { left.shape[0] }
  /// The number of columns of the product: the inputs, times the window.
  public var columns: Int { right.shape.dropFirst().reduce(1, *) }

  /// Makes an update.
  ///
  /// - Returns: nil where the tensors are no two factors.
  init?(module: String, prefix: String, left: TensorEntry, right: TensorEntry, scale: Scale) {
    guard left.shape.count >= 2, right.shape.count >= 2, left.shape[1] == right.shape[0],
      left.shape.dropFirst(2).allSatisfy({ $0 == 1 }),
      left.elementType.isFloatingPoint, right.elementType.isFloatingPoint
    else { return nil }
    var columns = 1
    for length in right.shape.dropFirst() {
      let (product, overflows) = columns.multipliedReportingOverflow(by: length)
      guard !overflows, length > 0 else { return nil }
      columns = product
    }
    guard left.shape[0] > 0, right.shape[0] > 0,
      !columns.multipliedReportingOverflow(by: left.shape[0]).overflow,
      !columns.multipliedReportingOverflow(by: right.shape[0]).overflow
    else { return nil }
    self.module = module
    self.prefix = prefix
    self.left = left
    self.right = right
    self.scale = scale
  }
}
