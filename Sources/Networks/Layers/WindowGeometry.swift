import COneDNN
import ModelGraph
import WorkbenchCore

/// How the windows of a convolution or a pooling layer lie on their input: margins resolved,
/// output lengths known.
struct WindowGeometry {
  /// The length of the output on each spatial axis.
  let outputShape: [Int]
  /// The same for oneDNN.
  let window: onednn_window

  /// Lays windows over an input.
  ///
  /// - Throws: `Diagnostic` where the axes do not fit together or no whole window has room.
  init(
    input: [Int], kernel: [Int], strides: [Int], dilation: [Int], padding: Padding
  ) throws {
    guard (1...3).contains(input.count), kernel.count == input.count,
      strides.count == input.count, dilation.count == input.count,
      (kernel + strides + dilation).allSatisfy({ $0 > 0 && $0 < 1 << 24 })
    else {
      throw Diagnostic(
        .badData, "windows of \(kernel) by steps of \(strides) do not fit spatial axes \(input)")
    }
    var shape: [Int] = []
    var margins: [Margin] = []
    for axis in input.indices {
      let extent = (kernel[axis] - 1) * dilation[axis] + 1
      let margin = try WindowGeometry.margin(
        padding, axis: axis, length: input[axis], extent: extent, stride: strides[axis])
      let room = input[axis] + margin.before + margin.after - extent
      guard room >= 0 else {
        throw Diagnostic(
          .badData, "a window of \(extent) has no room on an axis of \(input[axis])")
      }
      shape.append(room / strides[axis] + 1)
      margins.append(margin)
    }
    outputShape = shape
    window = onednn_window(
      kernel: WindowGeometry.triple(kernel), strides: WindowGeometry.triple(strides),
      dilation: WindowGeometry.triple(dilation.map { $0 - 1 }),
      before: WindowGeometry.triple(margins.map(\.before)),
      after: WindowGeometry.triple(margins.map(\.after)))
  }

  private static func margin(
    _ padding: Padding, axis: Int, length: Int, extent: Int, stride: Int
  ) throws -> Margin {
    switch padding {
    case .valid: return Margin(0, 0)
    case .causal: return Margin(extent - 1, 0)
    case .same:
      let outputs = (length + stride - 1) / stride
      let total = max(0, (outputs - 1) * stride + extent - length)
      return Margin(total / 2, total - total / 2)
    case .explicit(let margins):
      guard margins.indices.contains(axis), margins[axis].before >= 0, margins[axis].after >= 0
      else { throw Diagnostic(.badData, "the padding has no margin for every spatial axis") }
      return margins[axis]
    }
  }

  private static func triple(_ values: [Int]) -> (Int64, Int64, Int64) {
    func at(_ index: Int) -> Int64 { values.indices.contains(index) ? Int64(values[index]) : 0 }
    return (at(0), at(1), at(2))
  }
}
