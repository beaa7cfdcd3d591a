import Catalogs

/// The branches of an If. Where the model alone tells the condition, or what is stated of its inputs, the
/// one branch is the network. Where the data decide, both are there, and what the If makes of them is not
/// understood.
extension ONNXImporter {
  /// Whether a node is computed, as far as that is known: it is in no branch that is not taken.
  func isComputed(_ node: ONNXGraph.Node) -> Bool {
    node.guards.allSatisfy { guardian in
      guard let condition = numbers[guardian.value]?.scalar else { return true }
      return (condition != 0) == guardian.isTrue
    }
  }

  /// Lets the outputs of an If be those of the branch that is taken.
  ///
  /// - Returns: whether the condition is known.
  mutating func takeBranch(_ node: ONNXGraph.Node) -> Bool {
    guard let condition = node.input(0).flatMap({ numbers[$0]?.scalar }) else { return false }
    let count = node.outputs.count
    let branch = node.inputs.dropFirst(condition != 0 ? 1 : 1 + count).prefix(count)
    for (output, source) in zip(node.outputs, branch) where !output.isEmpty {
      values[output] = values[source]
      numbers[output] = numbers[source]
      weights[output] = weights[source]
      rows[output] = rows[source]
      uniform[output] = uniform[source]
      shapes[output] = shapes[source]
      made[output] = [source]
    }
    return true
  }
}
