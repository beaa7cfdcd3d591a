import LinearAlgebra

@testable import Probes

/// Made-up layers of models: each the matrix of its tree, noise, and a pattern where a label holds.
struct SyntheticModels {
  var stack: LayerStack<Float>
  var classes: [Int]
  var trees: [Int]

  var targets: ProbeTargets { .classes(classes, count: 2) }

  /// - Parameter signal: how strong the pattern is beside noise of deviation 1.
  init(
    count: Int, trees treeCount: Int = 1, rows: Int = 6, columns: Int = 5, signal: Double,
    apart: Double = 0, seed: UInt64 = 1
  ) {
    var generator = SeededGenerator(seed: seed)
    let size = rows * columns
    let roots = (0..<treeCount).map { _ in (0..<size).map { _ in apart * generator.normal() } }
    let pattern = (0..<size).map { _ in signal * generator.normal() }
    var values: [Float] = []
    classes = (0..<count).map { _ in generator.integer(below: 2) }
    trees = (0..<count).map { $0 % treeCount }
    for model in 0..<count {
      for at in 0..<size {
        let own = classes[model] == 1 ? pattern[at] : 0
        values.append(Float(roots[trees[model]][at] + own + generator.normal()))
      }
    }
    stack = LayerStack(rows: rows, columns: columns, values: values)
  }
}
