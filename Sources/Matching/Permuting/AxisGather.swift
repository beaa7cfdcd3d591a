import ModelGraph

/// Where each element of a permuted tensor comes from: a list of source entries for each axis that
/// moves.
struct AxisGather: Sendable {
  /// The lengths of the axes, slowest first.
  let shape: [Int]
  /// For each axis, the source entry of every entry; nil where nothing moves.
  private(set) var sources: [[Int]?]

  /// A gather that moves nothing.
  init(shape: [Int]) {
    self.shape = shape
    sources = Array(repeating: nil, count: shape.count)
  }

  /// Whether nothing moves.
  var isIdentity: Bool { sources.allSatisfy { $0 == nil } }

  /// Adds a group's permutation on one axis. Several groups may share an axis, on separate entries.
  mutating func add(_ member: PermutationGroup.Member, permutation: [Int]) {
    let indices = member.gatherIndices(axisLength: shape[member.axis], permutation: permutation)
    guard let earlier = sources[member.axis] else {
      sources[member.axis] = indices
      return
    }
    sources[member.axis] = indices.map { earlier[$0] }
  }

  /// Copies elements into their new order.
  ///
  /// - Parameters:
  ///   - source: all elements, row-major.
  ///   - target: room for as many.
  /// - Complexity: O(elements).
  func copy<Element: BitwiseCopyable>(
    from source: UnsafePointer<Element>, to target: UnsafeMutablePointer<Element>
  ) {
    forEachRun { from, to, length in
      if length == 1 {
        target[to] = source[from]
      } else {
        (target + to).update(from: source + from, count: length)
      }
    }
  }

  /// Calls `body(from, to, length)` for every stretch of elements that move together.
  @inline(__always)
  func forEachRun(_ body: (Int, Int, Int) -> Void) {
    let count = shape.reduce(1, *)
    guard count > 0 else { return }
    guard let last = sources.lastIndex(where: { $0 != nil }) else {
      body(0, 0, count)
      return
    }
    let moving = sources[last] ?? []
    let block = shape[(last + 1)...].reduce(1, *)
    let outer = shape[..<last]
    var index = Array(repeating: 0, count: last)
    var written = 0
    while written < count {
      var base = 0
      for axis in outer.indices {
        base = base * shape[axis] + (sources[axis].map { $0[index[axis]] } ?? index[axis])
      }
      base *= moving.count
      for entry in moving {
        body((base + entry) * block, written, block)
        written += block
      }
      var axis = last - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
  }
}
