import Foundation

/// The lines on which a function over a grid has some value, by marching squares.
public struct ContourLines: Sendable, Hashable {
  /// A point of a line.
  public struct Point: Sendable, Hashable {
    /// The first coordinate.
    public var x: Double
    /// The second.
    public var y: Double
  }

  /// The value.
  public var level: Double
  /// The pieces, two points each: one or two in a square that the line crosses.
  public var segments: [[Point]]

  /// Draws a line.
  ///
  /// Between neighbours the function is taken as linear; where a square has two pieces, the mean of its
  /// corners decides which. Squares with a corner that is not finite have none.
  ///
  /// - Parameter values: a row for each of `ys`.
  public init(level: Double, xs: [Double], ys: [Double], values: [[Double]]) {
    self.level = level
    segments = []
    guard xs.count > 1, ys.count > 1 else { return }
    for row in 0..<ys.count - 1 {
      for column in 0..<xs.count - 1 {
        let corners = [
          (xs[column], ys[row], values[row][column]),
          (xs[column + 1], ys[row], values[row][column + 1]),
          (xs[column + 1], ys[row + 1], values[row + 1][column + 1]),
          (xs[column], ys[row + 1], values[row + 1][column]),
        ]
        guard corners.allSatisfy({ $0.2.isFinite }) else { continue }
        var crossings: [(edge: Int, point: Point)] = []
        for edge in 0..<4 {
          let (a, b) = (corners[edge], corners[(edge + 1) % 4])
          guard (a.2 < level) != (b.2 < level) else { continue }
          let share = (level - a.2) / (b.2 - a.2)
          crossings.append(
            (edge, Point(x: a.0 + share * (b.0 - a.0), y: a.1 + share * (b.1 - a.1))))
        }
        if crossings.count == 2 {
          segments.append(crossings.map(\.point))
        } else if crossings.count == 4 {
          let mean = corners.reduce(0) { $0 + $1.2 } / 4
          // The first corner is cut off, or joined with the middle.
          let isCut = (corners[0].2 < level) != (mean < level)
          let order = isCut ? [3, 0, 1, 2] : [0, 1, 2, 3]
          segments.append([crossings[order[0]].point, crossings[order[1]].point])
          segments.append([crossings[order[2]].point, crossings[order[3]].point])
        }
      }
    }
  }

  /// Levels that split the distances from the lowest value evenly by their logarithm, between a
  /// hundredth of the range and all of it.
  public static func levels(of values: [[Double]], count: Int = 8) -> [Double] {
    let finite = values.joined().filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max(), high > low else { return [] }
    return (0..<count).map { index in
      let share = Double(index + 1) / Double(count + 1)
      return low + (high - low) * pow(0.01, 1 - share)
    }
  }
}
