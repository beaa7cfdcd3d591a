import CKernels
import COneDNN
import WorkbenchCore

/// The shape of a tensor in memory and the order of its elements: the owner of one layout of
/// oneDNN.
///
/// Shapes are logical: batch, channels, spatial axes, wherever the elements lie. A layout may be
/// blocked (sixteen channels side by side) and then have padding.
final class DataLayout {
  /// The C handle.
  let handle: OpaquePointer
  /// The logical shape.
  let shape: [Int]

  /// Takes a handle over.
  init(owning handle: OpaquePointer, shape: [Int]) {
    self.handle = handle
    self.shape = shape
  }

  deinit { onednn_layout_destroy(handle) }

  /// The layout of those steps between neighbours on each axis.
  static func strided(_ shape: [Int], strides: [Int]) throws -> DataLayout {
    let handle = onednn_layout_strided(
      Int32(shape.count), shape.map(Int64.init), strides.map(Int64.init))
    guard let handle else { throw unusable(shape) }
    return DataLayout(owning: handle, shape: shape)
  }

  /// The row-major layout.
  static func dense(_ shape: [Int]) throws -> DataLayout {
    try strided(shape, strides: rowMajorStrides(shape))
  }

  /// A layout that the operation is to choose.
  static func any(_ shape: [Int]) throws -> DataLayout {
    guard let handle = onednn_layout_any(Int32(shape.count), shape.map(Int64.init)) else {
      throw unusable(shape)
    }
    return DataLayout(owning: handle, shape: shape)
  }

  /// The memory a tensor of this layout takes, padding included.
  var byteCount: Int { onednn_layout_byte_count(handle) }

  /// Whether memory of one layout can be read as the other.
  static func == (a: DataLayout, b: DataLayout) -> Bool {
    a === b || onednn_layout_equal(a.handle, b.handle)
  }

  /// Where the channels lie, for loops over them; nil where they lie in another way.
  var channels: WSLChannels? {
    var parts: [Int64] = [0, 0, 0, 0]
    guard onednn_layout_channels(handle, &parts) else { return nil }
    return WSLChannels(outer: parts[0], blocks: parts[1], inner: parts[2], block: parts[3])
  }

  private static func unusable(_ shape: [Int]) -> Diagnostic {
    Diagnostic(
      .badData, "a tensor of shape \(shape) cannot be computed with",
      remedy: "shapes have one to \(ONEDNN_MAXIMUM_RANK) axes, none of them empty")
  }
}

/// The steps between neighbours on each axis of a row-major tensor.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * max(1, shape[axis + 1])
  }
  return strides
}
