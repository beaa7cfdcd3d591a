import ModelGraph
import Support

/// The positions of a picture window by window (Liu et al. 2021, "Swin transformer", section 3.2).
///
/// With a shift the picture is rolled first, so that a window at its end holds positions of both ends;
/// these do not see each other.
struct WindowOrder {
  /// The positions of the picture, window after window, each row by row.
  let positions: [Int]
  /// The number of windows.
  let windowCount: Int
  /// The positions of a window.
  let windowSize: Int
  /// What is added to the products of a window's positions, `[window, position, position]`: −100
  /// between positions of different ends, as the published models have it. Empty without a shift.
  let masks: [Float]

  /// Divides a picture.
  ///
  /// An axis that is no longer than a window is not shifted.
  /// - Throws: `Diagnostic` of code `badData` where it does not divide into windows: the models then pad
  ///   before their projections, which attention cannot.
  init(_ windows: Attention.Windows, height: Int, width: Int) throws {
    let side = windows.size
    guard side >= 1, height % side == 0, width % side == 0, (0..<side).contains(windows.shift)
    else {
      throw Diagnostic(
        .badData,
        "a picture of \(height) × \(width) does not divide into windows of \(side), shifted by "
          + "\(windows.shift)", remedy: "give examples whose size is a multiple of the window")
    }
    let down = height <= side ? 0 : windows.shift
    let right = width <= side ? 0 : windows.shift
    func region(_ place: Int, _ length: Int, _ shift: Int) -> Int {
      shift == 0 ? 0 : place < length - side ? 0 : place < length - shift ? 1 : 2
    }
    var positions: [Int] = []
    var regions: [Int] = []
    for top in stride(from: 0, to: height, by: side) {
      for left in stride(from: 0, to: width, by: side) {
        for row in top..<top + side {
          for column in left..<left + side {
            positions.append((row + down) % height * width + (column + right) % width)
            regions.append(region(row, height, down) * 3 + region(column, width, right))
          }
        }
      }
    }
    self.positions = positions
    windowSize = side * side
    windowCount = positions.count / windowSize
    var masks: [Float] = []
    if down > 0 || right > 0 {
      masks.reserveCapacity(positions.count * windowSize)
      for window in 0..<windowCount {
        let own = regions[window * windowSize..<(window + 1) * windowSize]
        for first in own { masks += own.map { $0 == first ? 0 : -100 } }
      }
    }
    self.masks = masks
  }

  /// The copy into that order of steps of so many channels.
  func gather(channels: Int) -> RunGather {
    RunGather(
      starts: positions.map { $0 * channels }, runLength: channels,
      sourceCount: positions.count * channels)
  }
}
