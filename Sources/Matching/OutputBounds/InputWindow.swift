import LinearAlgebra
import ModelGraph

/// Where the entries of a kernel's input vector lie in the output of the layer that it reads.
struct InputWindow {
  /// A spatial axis.
  private struct Axis {
    var length: Int
    var positions: Int
    var stride: Int
    var dilation: Int
    var before: Int
    var step: Int
  }

  /// For each entry the taps on the spatial axes and the offset of the channel.
  private var entries: [(taps: [Int], offset: Int)] = []
  private var axes: [Axis] = []

  /// The number of entries.
  var width: Int { entries.count }

  /// Lays a kernel's window over an input; nil where the two do not fit.
  ///
  /// - Parameter input: the shape of one example of the input.
  init?(
    _ layer: Layer, kernel: Parameter, input: [Int], channelOrder: ModelGraph.ChannelOrder
  ) {
    guard let output = kernel.axes.firstIndex(of: .output), !input.isEmpty else { return nil }
    let isFirst = channelOrder == .first && !layer.isDense
    let channelAxis = isFirst ? 0 : input.count - 1
    func step(_ axis: Int) -> Int { input[(axis + 1)...].reduce(1, *) }
    let spatial = input.indices.filter { $0 != channelAxis }
    if case .convolution(let convolution) = layer.operation {
      guard convolution.kernelSize.count == spatial.count else { return nil }
      for (index, axis) in spatial.enumerated() {
        let extent = (convolution.kernelSize[index] - 1) * convolution.dilation[index] + 1
        let stride = convolution.strides[index]
        let length = input[axis]
        guard
          let margin = convolution.padding.margin(
            axis: index, length: length, extent: extent, stride: stride)
        else { return nil }
        let room = length + margin.before + margin.after - extent
        guard room >= 0 else { return nil }
        axes.append(
          Axis(
            length: length, positions: room / stride + 1, stride: stride,
            dilation: convolution.dilation[index], before: margin.before, step: step(axis)))
      }
    } else {
      // A dense layer reads one position of a map at a time.
      axes = spatial.map {
        Axis(
          length: input[$0], positions: input[$0], stride: 1, dilation: 1, before: 0, step: step($0)
        )
      }
    }
    var places: [(taps: [Int], offset: Int)] = [(Array(repeating: 0, count: axes.count), 0)]
    for axis in kernel.axes.indices where axis != output {
      let length = kernel.shape[axis]
      switch kernel.axes[axis] {
      case .input:
        guard length == input[channelAxis] else { return nil }
        places = places.flatMap { place in
          (0..<length).map { (place.taps, place.offset + $0 * step(channelAxis)) }
        }
      case .spatial(let index):
        guard axes.indices.contains(index) else { return nil }
        places = places.flatMap { place in
          (0..<length).map { tap in
            var taps = place.taps
            taps[index] = tap
            return (taps, place.offset)
          }
        }
      default: return nil
      }
    }
    entries = places
  }

  /// Appends the vector at a random position; zeros where the window is over the margin.
  func append(
    _ values: [Float], at start: Int, to vector: inout [Double],
    using generator: inout SeededGenerator
  ) {
    let corner = axes.map { generator.integer(below: $0.positions) * $0.stride - $0.before }
    for entry in entries {
      var index = start + entry.offset
      var isInside = true
      for (axis, place) in axes.enumerated() {
        let position = corner[axis] + entry.taps[axis] * place.dilation
        isInside = isInside && (0..<place.length).contains(position)
        index += position * place.step
      }
      vector.append(isInside ? Double(values[index]) : 0)
    }
  }
}

extension Layer {
  fileprivate var isDense: Bool {
    if case .dense = operation { return true }
    return false
  }
}
