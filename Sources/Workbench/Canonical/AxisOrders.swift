import WeightFiles

/// How the axes of two tensors that hold the same numbers may correspond, judged by the hashes of slices.
struct AxisOrders {
  /// One way.
  struct Candidate {
    /// For each axis of the first the axis of the second.
    var axes: [Int]
    /// For each axis of the first: which of its indices each index of the second's axis is.
    var indices: [[Int]]
    /// The axes of the first whose indices have another order.
    var permuted: [Int]

    /// For each axis of the second and each of its indices, how far along the first's elements it leads.
    func offsets(_ shape: [Int]) -> [[Int]] {
      var offsets = [[Int]](repeating: [], count: axes.count)
      var stride = 1
      for axis in axes.indices.reversed() {
        offsets[axes[axis]] = indices[axis].map { $0 * stride }
        stride *= shape[axis]
      }
      return offsets
    }
  }

  /// The candidates, those that move no unit first.
  private(set) var candidates: [Candidate] = []
  /// The most axes of which all orders are tried.
  private static let mostAxes = 5

  init(_ a: TensorContent, _ b: TensorContent, _ levels: ContentComparison) {
    guard a.shape.count == b.shape.count, a.shape.count <= Self.mostAxes else { return }
    let own = Self.slices(a, levels.first)
    let others = Self.slices(b, levels.second)
    let orders = Self.orders(a.shape, b.shape)
    for axes in orders
    where axes.indices.allSatisfy({ own[$0] == others[axes[$0]] && own[$0] != nil }) {
      candidates.append(
        Candidate(axes: axes, indices: a.shape.map { Array(0..<$0) }, permuted: []))
    }
    for axes in orders {
      var candidate = Candidate(axes: axes, indices: [], permuted: [])
      for axis in axes.indices {
        guard let one = own[axis], let other = others[axes[axis]] else { break }
        if one == other {
          candidate.indices.append(Array(one.indices))
        } else if let indices = Self.indices(one, other) {
          candidate.indices.append(indices)
          candidate.permuted.append(axis)
        } else {
          break
        }
      }
      if candidate.indices.count == axes.count, !candidate.permuted.isEmpty {
        candidates.append(candidate)
      }
    }
  }

  /// The hashes of the slices across each axis; nil where there are too many to keep.
  private static func slices(
    _ content: TensorContent, _ level: TensorContent.Level
  ) -> [[UInt64]?] {
    content.shape.indices.map { axis in
      if content.shape[axis] == 1 { return [level.unordered] }
      let number = content.slicings.firstIndex { $0.axis == axis }
      return number.map { level.slices[$0] }
    }
  }

  /// The orders of axes that have the first's shape, the second's own first.
  private static func orders(_ shape: [Int], _ other: [Int]) -> [[Int]] {
    var found: [[Int]] = [[]]
    for length in shape {
      found = found.flatMap { order in
        other.indices.filter { other[$0] == length && !order.contains($0) }.map { order + [$0] }
      }
    }
    return found
  }

  /// Which index of the first has each of the second's hashes; equal ones in order. Nil where the two are
  /// not the same hashes.
  private static func indices(_ one: [UInt64], _ other: [UInt64]) -> [Int]? {
    let own = one.indices.sorted { (one[$0], $0) < (one[$1], $1) }
    let others = other.indices.sorted { (other[$0], $0) < (other[$1], $1) }
    var result = [Int](repeating: 0, count: one.count)
    for (place, index) in zip(own, others) {
      guard one[place] == other[index] else { return nil }
      result[index] = place
    }
    return result
  }
}
