import LinearAlgebra

/// A small regression tree: each inner node asks whether a number is at most a threshold (Breiman et
/// al. 1984).
struct RegressionTree {
  /// A node: a question, or an answer where `feature` is nil.
  struct Node {
    var feature: Int?
    var threshold = 0.0
    /// The place of the node for "at most"; the one after it is for "more".
    var child = 0
    var value = 0.0
  }

  private(set) var nodes: [Node]

  /// The models in the order of each number: made once for all trees.
  struct Order {
    let numbers: Matrix<Double>
    let sorted: [[Int32]]

    init(_ numbers: Matrix<Double>) {
      self.numbers = numbers
      sorted = (0..<numbers.columns).map { column in
        (0..<Int32(numbers.rows)).sorted {
          (numbers[Int($0), column], $0) < (numbers[Int($1), column], $1)
        }
      }
    }
  }

  /// Fits residuals: every split is the one that lowers their squares most.
  ///
  /// - Parameters:
  ///   - residuals: what is to be explained, a number a model.
  ///   - curvatures: what the sum of a leaf's residuals is divided by, a number a model (Newton's step of
  ///     Friedman 2001, section 4.5).
  ///   - depth: how many questions lead to a leaf at most.
  ///   - leastCount: how many models a leaf has at least.
  /// - Complexity: O(depth · numbers · models).
  init(
    _ order: Order, _ residuals: [Double], _ curvatures: [Double], depth: Int, leastCount: Int
  ) {
    let count = residuals.count
    var nodes = [Node()]
    var places = [Int](repeating: 0, count: count)
    var open = [0]
    for _ in 0..<depth where !open.isEmpty {
      let splits = Self.bestSplits(order, residuals, places, open, leastCount: leastCount)
      var next: [Int] = []
      for node in open {
        guard let split = splits[node] else { continue }
        nodes[node].feature = split.feature
        nodes[node].threshold = split.threshold
        nodes[node].child = nodes.count
        next += [nodes.count, nodes.count + 1]
        nodes += [Node(), Node()]
      }
      for model in 0..<count {
        let node = nodes[places[model]]
        guard let feature = node.feature else { continue }
        places[model] =
          node.child + (order.numbers[model, feature] <= node.threshold ? 0 : 1)
      }
      open = next
    }
    var sums = [Double](repeating: 0, count: nodes.count)
    var divisors = sums
    for model in 0..<count {
      sums[places[model]] += residuals[model]
      divisors[places[model]] += curvatures[model]
    }
    for node in nodes.indices where divisors[node] > 1e-12 {
      nodes[node].value = sums[node] / divisors[node]
    }
    self.nodes = nodes
  }

  private struct Split {
    var gain: Double
    var feature: Int
    var threshold: Double
  }

  private static func bestSplits(
    _ order: Order, _ residuals: [Double], _ places: [Int], _ open: [Int], leastCount: Int
  ) -> [Int: Split] {
    let size = (open.max() ?? 0) + 1
    var totals = [Double](repeating: 0, count: size)
    var counts = [Int](repeating: 0, count: size)
    for (model, place) in places.enumerated() where place < size {
      totals[place] += residuals[model]
      counts[place] += 1
    }
    let isOpen = Set(open)
    var best: [Int: Split] = [:]
    for feature in order.sorted.indices {
      var sums = [Double](repeating: 0, count: size)
      var seen = [Int](repeating: 0, count: size)
      var last = [Double](repeating: -.infinity, count: size)
      for model in order.sorted[feature].lazy.map(Int.init) {
        let place = places[model]
        guard isOpen.contains(place) else { continue }
        let value = order.numbers[model, feature]
        let (left, right) = (seen[place], counts[place] - seen[place])
        if value > last[place], left >= leastCount, right >= leastCount {
          let (sum, rest) = (sums[place], totals[place] - sums[place])
          let gain =
            sum * sum / Double(left) + rest * rest / Double(right)
            - totals[place] * totals[place] / Double(counts[place])
          if gain > best[place]?.gain ?? 1e-12 {
            best[place] = Split(
              gain: gain, feature: feature, threshold: last[place] + (value - last[place]) / 2)
          }
        }
        sums[place] += residuals[model]
        seen[place] += 1
        last[place] = value
      }
    }
    return best
  }

  /// The answer for a row of numbers.
  func value(_ numbers: Matrix<Double>, row: Int) -> Double {
    var node = nodes[0]
    while let feature = node.feature {
      node = nodes[node.child + (numbers[row, feature] <= node.threshold ? 0 : 1)]
    }
    return node.value
  }
}
