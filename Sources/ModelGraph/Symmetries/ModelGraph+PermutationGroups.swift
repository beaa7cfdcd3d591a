extension ModelGraph {
  /// The sets of axes that may be permuted together without changing what the network computes.
  ///
  /// Derived from the graph, never written by hand: axes are joined through everything that makes
  /// them move together (residual sums, normalisation, flattening, gates, depthwise and grouped
  /// convolutions, shared tensors); inputs, outputs and layers that are not understood stay fixed.
  /// The groups come in the order in which the network first uses them. A group of one unit, or
  /// one that no tensor has, is left out.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the axes divide into absurdly many pieces.
  /// - Complexity: O(layers + pieces of all axes).
  public func permutationGroups() throws -> [PermutationGroup] {
    try derivedGroups().groups.map(\.group)
  }

  /// The groups, each with the set of units that it is, and what they were derived from.
  func derivedGroups() throws -> (
    derivation: SymmetryDerivation, groups: [(group: PermutationGroup, variable: Int)]
  ) {
    var derivation = SymmetryDerivation(self)
    try derivation.run()
    let variables = derivation.variables

    let statistics = Set(parameters.filter(\.role.isStatistic).map(\.tensor))
    var members: [Int: [PermutationGroup.Member]] = [:]
    var order: [Int] = []
    for key in derivation.order {
      var start = 0
      var runs: [Int: [PermutationGroup.Member.Run]] = [:]
      var found: [Int] = []
      for piece in variables.resolve(derivation.axes[key] ?? []) {
        if !variables.isFrozen(piece.variable), variables.size(piece.variable) > 1 {
          if runs[piece.variable] == nil { found.append(piece.variable) }
          runs[piece.variable, default: []].append(.init(start: start, width: piece.width))
        }
        start += variables.length(piece)
      }
      for variable in found {
        if members[variable] == nil { order.append(variable) }
        members[variable, default: []].append(
          .init(
            tensor: key.tensor, axis: key.axis, runs: runs[variable] ?? [],
            isStatistic: statistics.contains(key.tensor)))
      }
    }

    // A layer whose units were split makes several groups: they are numbered.
    let owners = order.map { variables.owner($0) }
    let repeated = Dictionary(owners.map { ($0, 1) }, uniquingKeysWith: +)
    var numbers: [Int: Int] = [:]
    let groups = zip(order, owners).map { variable, owner in
      var name = layers[owner].name
      if repeated[owner, default: 1] > 1 {
        numbers[owner, default: 0] += 1
        name += "#\(numbers[owner, default: 1])"
      }
      return (
        PermutationGroup(
          name: name, size: variables.size(variable), members: members[variable] ?? []), variable
      )
    }
    return (derivation, groups)
  }
}
