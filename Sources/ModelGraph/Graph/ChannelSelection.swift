/// A part of the channels: `count` blocks of `width` channels, the first at `start`, each `stride`
/// after the one before. A plain slice is one block; the queries of a projection that holds queries,
/// keys and values head by head are as many blocks as there are heads.
public struct ChannelSelection: Sendable, Hashable {
  /// The first channel.
  public var start: Int
  /// The channels of a block.
  public var width: Int
  /// From the beginning of a block to that of the next.
  public var stride: Int
  /// The number of blocks.
  public var count: Int

  /// Makes a selection.
  public init(start: Int, width: Int, stride: Int? = nil, count: Int = 1) {
    self.start = start
    self.width = width
    self.stride = stride ?? width
    self.count = count
  }

  /// The number of channels; nil where it overflows or is not positive.
  public var total: Int? { CheckedShape.product([width, count]) }

  /// Whether all of it lies within so many channels.
  public func fits(_ channels: Int) -> Bool {
    guard start >= 0, width >= 1, count >= 1, stride >= width else { return false }
    let (reach, overflows) = (count - 1).multipliedReportingOverflow(by: stride)
    return !overflows && reach <= channels - width - start
  }

  /// The channels, in order. The selection has to fit.
  public var channels: [Int] {
    (0..<count).flatMap { block in
      let first = start + block * stride
      return Array(first..<(first + width))
    }
  }
}
