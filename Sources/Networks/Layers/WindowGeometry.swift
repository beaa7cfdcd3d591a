import COneDNN
import ModelGraph
import Support

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
      guard
        let margin = padding.margin(
          axis: axis, length: input[axis], extent: extent, stride: strides[axis])
      else { throw Diagnostic(.badData, "the padding has no margin for every spatial axis") }
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

  private static func triple(_ values: [Int]) -> (Int64, Int64, Int64) {
    func at(_ index: Int) -> Int64 { values.indices.contains(index) ? Int64(values[index]) : 0 }
    return (at(0), at(1), at(2))
  }
}
