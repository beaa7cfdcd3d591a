/// An order of nodes in which each comes after all that it needs.
enum TopologicalOrder {
  /// The order, and the nodes that wait for themselves: the first node that is ready, in the given
  /// order, always comes first, so that a list that is in order stays as it is.
  ///
  /// - Parameter needs: for every node, the nodes that must come before it.
  /// - Complexity: O((nodes + edges) · log nodes).
  static func sort(needs: [[Int]]) -> (order: [Int], cyclic: [Int]) {
    var waiting = needs.map { Set($0).count }
    var users = Array(repeating: [Int](), count: needs.count)
    for (node, sources) in needs.enumerated() {
      for source in Set(sources) { users[source].append(node) }
    }
    var ready = SmallestFirst()
    for node in needs.indices where waiting[node] == 0 { ready.insert(node) }
    var order: [Int] = []
    order.reserveCapacity(needs.count)
    while let node = ready.popSmallest() {
      order.append(node)
      for user in users[node] {
        waiting[user] -= 1
        if waiting[user] == 0 { ready.insert(user) }
      }
    }
    return (order, needs.indices.filter { waiting[$0] > 0 })
  }
}

/// A binary heap of numbers.
private struct SmallestFirst {
  private var heap: [Int] = []

  mutating func insert(_ number: Int) {
    heap.append(number)
    var child = heap.count - 1
    while child > 0, heap[(child - 1) / 2] > heap[child] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popSmallest() -> Int? {
    guard let smallest = heap.first else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return smallest }
    heap[0] = last
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < heap.count else { break }
      let right = left + 1
      let child = right < heap.count && heap[right] < heap[left] ? right : left
      if heap[parent] <= heap[child] { break }
      heap.swapAt(parent, child)
      parent = child
    }
    return smallest
  }
}
