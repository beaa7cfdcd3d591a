public import ModelGraph
public import Support
public import Tensors

extension Matcher {
  /// What several networks are lined up with, where it is none of them.
  public enum CommonReference: String, Sendable, Hashable, CaseIterable {
    /// The mean of the others, network by network (`MergeMany`).
    case mean
    /// A common arrangement, all networks at once (`UniverseMatching`).
    case universe
  }

  /// Lines several networks up with each other by their weights; kernel, biases and frozen groups
  /// are those of the options.
  ///
  /// - Parameters:
  ///   - models: two networks or more, under the first one's names and in its axis order.
  ///   - graph: the first one's graph.
  ///   - groups: the axes that move together.
  /// - Returns: the permutations into the first network's arrangement; the objectives count all
  ///   tensors as they are.
  /// - Throws: as `MergeMany.match` and `UniverseMatching.match`.
  public func match(
    _ models: [Weights], reference: CommonReference, graph: ModelGraph,
    groups: [PermutationGroup], progress: ProgressHandler? = nil
  ) throws -> MergeMany.Result {
    let scope = try MatchingScope(
      models, groups: groups, biases: graph.biasTensors, options: options)
    var search = options.search
    search.initial = nil
    var found =
      switch reference {
      case .mean:
        try MergeMany.match(
          scope.models, groups: scope.groups, options: search, progress: progress)
      case .universe:
        try UniverseMatching.match(
          scope.models, groups: scope.groups, options: search, progress: progress)
      }
    found.permutations = found.permutations.map(scope.expanded)
    let identity = Permuting.identity(for: groups)
    found.objectiveBefore = MergeMany.spread(models, models.map { _ in identity }, groups)
    found.objectiveAfter = MergeMany.spread(models, found.permutations, groups)
    return found
  }
}
