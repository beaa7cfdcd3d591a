public import LinearAlgebra

/// The cheapest way to give every node a parent such that all descend from one root (Chu and Liu 1965,
/// Edmonds 1967).
public enum MinimumArborescence {
  /// The parents of the nodes.
  ///
  /// - Parameters:
  ///   - costs: `costs[parent, child]`; the diagonal is not read. Infinite where it cannot be.
  ///   - root: the node without a parent.
  /// - Returns: for each node its parent; −1 for the root.
  /// - Complexity: O(n³) at worst, O(n²) where the cheapest parents make no circle.
  public static func parents(_ costs: Matrix<Double>, root: Int) -> [Int] {
    let count = costs.rows
    var parents = Array(repeating: -1, count: count)
    for child in 0..<count where child != root {
      var best = -1
      for parent in 0..<count where parent != child {
        if best < 0 || costs[parent, child] < costs[best, child] { best = parent }
      }
      parents[child] = best
    }
    guard let circle = circle(in: parents) else { return parents }
    // The circle becomes one node, the last; what enters it pays what it saves inside.
    let inside = Set(circle)
    let outside = (0..<count).filter { !inside.contains($0) }
    let merged = outside.count
    var smaller = Matrix<Double>(zeros: merged + 1, merged + 1)
    var entries = Array(repeating: circle[0], count: merged)
    var exits = entries
    for (row, node) in outside.enumerated() {
      for (column, other) in outside.enumerated() { smaller[row, column] = costs[node, other] }
      var (entry, exit) = (Double.infinity, Double.infinity)
      for member in circle {
        let saved = costs[node, member] - costs[parents[member], member]
        if saved < entry { (entry, entries[row]) = (saved, member) }
        if costs[member, node] < exit { (exit, exits[row]) = (costs[member, node], member) }
      }
      smaller[row, merged] = entry
      smaller[merged, row] = exit
    }
    let found = Self.parents(smaller, root: outside.firstIndex(of: root) ?? 0)
    var result = parents
    for (row, node) in outside.enumerated() where found[row] >= 0 {
      result[node] = found[row] == merged ? exits[row] : outside[found[row]]
    }
    // The circle is opened where it is entered.
    let from = found[merged]
    if from >= 0 { result[entries[from]] = outside[from] }
    return result
  }

  /// A circle among parents; nil where there is none.
  private static func circle(in parents: [Int]) -> [Int]? {
    var seen = Array(repeating: -1, count: parents.count)
    for start in parents.indices {
      var node = start
      while node >= 0, seen[node] < 0 {
        seen[node] = start
        node = parents[node]
      }
      guard node >= 0, seen[node] == start else { continue }
      var circle = [node]
      var next = parents[node]
      while next != node {
        circle.append(next)
        next = parents[next]
      }
      return circle
    }
    return nil
  }
}
