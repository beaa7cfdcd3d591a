import COneDNN

/// The windows of maximum pooling over plain memory, for values whose place of the maximum is kept.
struct MaximumWindows {
  private let batch: Int
  private let channels: Int
  private let inputCount: Int
  private let outputCount: Int
  private let isChannelLast: Bool
  /// For each position of the output, those of the input in its window.
  private let windows: [[Int]]

  /// - Parameters:
  ///   - spatial: the lengths of the input's spatial axes.
  ///   - isChannelLast: whether the channels are the last axis of an example, not the first.
  init(
    _ geometry: WindowGeometry, batch: Int, channels: Int, spatial: [Int], isChannelLast: Bool
  ) {
    (self.batch, self.channels, self.isChannelLast) = (batch, channels, isChannelLast)
    inputCount = spatial.reduce(1, *)
    outputCount = geometry.outputShape.reduce(1, *)
    func at(_ triple: (Int64, Int64, Int64), _ axis: Int) -> Int {
      Int(axis == 0 ? triple.0 : axis == 1 ? triple.1 : triple.2)
    }
    var windows = [[0]]
    for axis in spatial.indices {
      let step = at(geometry.window.strides, axis)
      let spacing = at(geometry.window.dilation, axis) + 1
      let start = at(geometry.window.before, axis)
      let length = spatial[axis]
      let rows: [[Int]] = (0..<geometry.outputShape[axis]).map { position in
        (0..<at(geometry.window.kernel, axis)).map { position * step - start + $0 * spacing }
          .filter { (0..<length).contains($0) }
      }
      windows = windows.flatMap { outer in
        rows.map { row in outer.flatMap { place in row.map { place * length + $0 } } }
      }
    }
    self.windows = windows
  }

  /// Notes for every element of the output where in its example the first of the largest lies.
  func choose(_ source: UnsafePointer<Float>, _ places: UnsafeMutablePointer<Int32>) {
    let channelStep = isChannelLast ? 1 : inputCount
    let placeStep = isChannelLast ? channels : 1
    forEach { example, channel, position, target in
      let base = example * channels * inputCount
      var best = -1
      for place in windows[position] {
        let candidate = channel * channelStep + place * placeStep
        if best < 0 || source[base + candidate] > source[base + best] { best = candidate }
      }
      places[target] = Int32(best)
    }
  }

  /// Takes the chosen elements.
  func take(
    _ source: UnsafePointer<Float>, _ places: UnsafePointer<Int32>,
    into target: UnsafeMutablePointer<Float>
  ) {
    let size = channels * inputCount
    forEach { example, _, _, place in
      target[place] = places[place] < 0 ? 0 : source[example * size + Int(places[place])]
    }
  }

  /// Gives gradients back to the chosen elements.
  func give(
    _ gradient: UnsafePointer<Float>, _ places: UnsafePointer<Int32>,
    into target: UnsafeMutablePointer<Float>
  ) {
    let size = channels * inputCount
    target.update(repeating: 0, count: batch * size)
    forEach { example, _, _, place in
      if places[place] >= 0 { target[example * size + Int(places[place])] += gradient[place] }
    }
  }

  /// Calls `body` with the example, the channel, the position and the element, for each of the output.
  private func forEach(_ body: (Int, Int, Int, Int) -> Void) {
    for example in 0..<batch {
      let base = example * channels * outputCount
      for channel in 0..<channels {
        for position in 0..<outputCount {
          let element =
            isChannelLast ? position * channels + channel : channel * outputCount + position
          body(example, channel, position, base + element)
        }
      }
    }
  }
}
