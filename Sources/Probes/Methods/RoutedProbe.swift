public import LinearAlgebra

/// Probes of several trees, of which each model is judged by that of the tree whose centre is nearest
/// (the mixture of tree experts of Horwitz et al. 2025).
public struct RoutedProbe: Sendable {
  /// The centre of each tree, a row each.
  public var centres: Matrix<Float>
  /// Up to which distance from its centre a model belongs to a tree.
  public var radii: [Double]
  /// The probe of each tree; nil where a tree has none of its own.
  public var experts: [KeptProbe?]
  /// The probe of all models, for trees without one.
  public var general: KeptProbe?

  /// Makes a routed probe. Without a general one each tree has to have its own.
  public init(
    centres: Matrix<Float>, radii: [Double], experts: [KeptProbe?], general: KeptProbe?
  ) {
    self.centres = centres
    self.radii = radii
    self.experts = experts
    self.general = general
  }

  /// Its probes, the general one last.
  var probes: [KeptProbe] { experts.compactMap { $0 } + (general.map { [$0] } ?? []) }

  /// The scores of models, a row for each.
  func scores(of models: [Int], in input: ProbeInput, jobs: Int?) throws -> Matrix<Double> {
    guard let stack = input.stack else {
      preconditionFailure("models without a layer are in no trees")
    }
    return try TreeRouting.scores(of: models, in: stack, centres: centres, radii: radii) {
      try (experts[$0] ?? general)?.scores(of: $1, in: input, jobs: jobs)
    }
  }
}

extension TreeRouting {
  /// The scores of models, each by the probe of its nearest tree.
  ///
  /// - Parameter judge: the scores that the probe of a tree gives to models, a row for each.
  static func scores(
    of models: [Int], in stack: LayerStack<Float>, centres: Matrix<Float>, radii: [Double],
    judge: (_ tree: Int, _ models: [Int]) throws -> Matrix<Double>?
  ) rethrows -> Matrix<Double> {
    let places = models.map { TreeRouting(stack, $0, centres: centres, radii: radii)?.tree ?? 0 }
    var rows = [[Double]](repeating: [], count: models.count)
    for tree in Set(places).sorted() {
      let chosen = models.indices.filter { places[$0] == tree }
      guard let scores = try judge(tree, chosen.map { models[$0] }) else { continue }
      for (row, place) in chosen.enumerated() {
        rows[place] = Array(scores.values[row * scores.columns..<(row + 1) * scores.columns])
      }
    }
    return Matrix(rows: models.count, columns: rows.first?.count ?? 0, values: rows.flatMap { $0 })
  }
}
