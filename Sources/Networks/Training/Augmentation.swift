import LinearAlgebra
import ModelGraph

/// Random changes of training images.
public struct Augmentation: Sendable, Hashable {
  /// The most positions that an image is moved by on each spatial axis; what comes in is zero.
  public var maximumShift: Int
  /// Whether half of the images are mirrored left to right.
  public var flips: Bool

  /// Makes an augmentation; by default none.
  public init(maximumShift: Int = 0, flips: Bool = false) {
    self.maximumShift = maximumShift
    self.flips = flips
  }

  /// Whether it changes nothing.
  var isIdentity: Bool { maximumShift == 0 && !flips }

  /// Copies one image of a shape, changed by what the generator says.
  func apply(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, shape: [Int],
    channelOrder: ModelGraph.ChannelOrder, using generator: inout SeededGenerator
  ) {
    let width = 2 * maximumShift + 1
    let down = generator.integer(below: width) - maximumShift
    let right = generator.integer(below: width) - maximumShift
    let isMirrored = flips && generator.next() >> 63 == 1
    let isPlanar = channelOrder == .first || shape.count == 2
    let planes = isPlanar && shape.count == 3 ? shape[0] : 1
    let rows = shape.count == 3 && isPlanar ? shape[1] : shape[0]
    let columns = shape.count == 3 && isPlanar ? shape[2] : shape[1]
    let depth = isPlanar ? 1 : shape[2]
    for plane in 0..<planes {
      for row in 0..<rows {
        let into = target + (plane * rows + row) * columns * depth
        let fromRow = row - down
        guard (0..<rows).contains(fromRow) else {
          into.update(repeating: 0, count: columns * depth)
          continue
        }
        let from = source + (plane * rows + fromRow) * columns * depth
        for column in 0..<columns {
          let shifted = column - right
          let fromColumn = isMirrored ? columns - 1 - shifted : shifted
          let isInside = (0..<columns).contains(fromColumn)
          for channel in 0..<depth {
            into[column * depth + channel] = isInside ? from[fromColumn * depth + channel] : 0
          }
        }
      }
    }
  }
}
