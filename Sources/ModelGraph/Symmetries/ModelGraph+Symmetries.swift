/// All symmetries of a network, and what has to be folded before the larger ones hold.
public struct NetworkSymmetries: Sendable {
  /// The groups: as many as there are permutation groups, of the same units and in the same order.
  public var groups: [SymmetryGroup]
  /// The normalisations whose gains can be moved into what reads them.
  public var folds: [NormFold]
  /// The factors of channels that can be moved into what makes them.
  public var scaleFolds: [ScaleFold]
  /// The mixtures whose experts may change places.
  public var experts: [ExpertSymmetry]
}

extension ModelGraph {
  /// The symmetries of the network, each of the largest kind that is exact.
  ///
  /// Every group is a permutation group of `permutationGroups()`. It becomes larger by what meets its
  /// units: a residual stream that is read through normalisations with gains that can be folded may be
  /// rotated; one with gains on branches may change signs; heads of attention that are made and read by
  /// plain kernels have maps within; gated units change signs between two kernels. What is not known
  /// keeps a group a permutation group.
  ///
  /// Rotations are exact once the gains of `folds` and `scaleFolds` are where they can be moved to.
  ///
  /// - Parameters:
  ///   - constants: tensors whose elements are all equal, which need no folding as gains.
  ///   - unfoldable: tensors with zeros, which cannot be folded as gains and given back.
  /// - Throws: `Diagnostic` of code `badData` where the axes divide into absurdly many pieces.
  /// - Complexity: O(groups · layers).
  public func symmetries(
    constants: Set<String> = [], unfoldable: Set<String> = []
  ) throws -> NetworkSymmetries {
    let (derivation, groups) = try derivedGroups()
    var analysis = SymmetryAnalysis(
      derivation, constants: constants, unfoldable: unfoldable)
    var found: [SymmetryGroup] = []
    for (group, variable) in groups {
      found.append(analysis.symmetry(of: group, variable: variable))
    }
    let folds = analysis.folds.sorted { $0.key < $1.key }.map(\.value)
    let scales = analysis.scaleFolds.sorted { $0.key < $1.key }.map(\.value)
    return NetworkSymmetries(
      groups: found, folds: folds, scaleFolds: scales, experts: analysis.experts())
  }
}

extension SymmetryAnalysis {
  /// One group, of the largest kind that is exact.
  mutating func symmetry(of group: PermutationGroup, variable: Int) -> SymmetryGroup {
    if let heads = heads(group, variable: variable) { return heads }
    if let gated = gatedUnits(group, variable: variable) { return gated }
    let hasStatistics = group.members.contains(where: \.isStatistic)
    var rules = rules(variable)
    if hasStatistics { rules.deny(group.name, "it is normalised by running statistics") }
    let kind: SymmetryGroup.Kind =
      rules.allowsRotations
      ? (rules.fixesMean ? .orthogonalFixingMean : .orthogonal)
      : (rules.allowsSigns ? .signed : .permutation)
    let (gains, shifts) = (tensors(.gamma), tensors(.beta))
    return SymmetryGroup(
      name: group.name, size: group.size, kind: kind, allowsSigns: rules.allowsSigns,
      slices: group.slices { member in
        if gains.contains(member.tensor) { return .gain }
        if shifts.contains(member.tensor) { return .shift }
        return isInput(member) ? .reader : .writer
      }, reason: rules.reason,
      isCentred: rules.hasNormalization && rules.fixesMean && !rules.readsMean)
  }

  private func tensors(_ role: Parameter.Role) -> Set<String> {
    Set(graph.layers.flatMap(\.parameters).filter { $0.role == role }.map(\.tensor))
  }

  private func isInput(_ member: PermutationGroup.Member) -> Bool {
    graph.layers.contains { layer in
      layer.parameters.contains {
        $0.tensor == member.tensor && $0.axes.indices.contains(member.axis)
          && $0.axes[member.axis] == .input
      }
    }
  }
}
