import Networks
import WorkbenchCore

/// Everything that the study measured, and the means that its claims are about.
struct StudyFindings: Sendable {
  var cells: [SignatureStudy.Cell]
  var pairs: [SignatureStudy.Pair]
  /// By number of layers; empty where there is one seed, or one label set.
  var acrossSeeds: [SignatureStudy.Neighbours]
  var acrossLabelSets: [SignatureStudy.Neighbours]
  var sizes: SignatureStudy.Sizes
  var removals: SignatureStudy.Removals
  /// How many layers a patch has where their number is not what varies.
  var layerCount: Int

  /// The mean over cells.
  func mean(
    over cells: [SignatureStudy.Cell]? = nil, _ score: (SignatureStudy.Cell) -> StudyScore
  ) -> StudyScore {
    StudyScore.mean((cells ?? self.cells).map(score))
  }

  /// The cells of one corruption.
  func cells(of kind: Corruption.Kind) -> [SignatureStudy.Cell] {
    cells.filter { $0.kind == kind }
  }

  /// The cells whose corruption is no control.
  var additive: [SignatureStudy.Cell] {
    cells.filter { !Corruption.Kind.controls.contains($0.kind) }
  }

  /// The place of the full strength.
  static let full = SignatureStudy.alphas.firstIndex(of: 1) ?? 0

  /// The mean scores of the first so many layers at full strength, from none to all.
  var byLayers: [StudyScore] {
    let count = cells.first?.grid.count ?? 0
    return [mean(\.standard)]
      + (0..<count).map { layer in mean { $0.grid[layer][StudyFindings.full] } }
  }

  /// The mean scores by strength, at `layerCount` layers.
  var byStrength: [StudyScore] {
    SignatureStudy.alphas.indices.map { index in mean { $0.grid[layerCount - 1][index] } }
  }

  /// The mean scores of pairs by strength.
  var byPairStrength: [StudyScore] {
    SignatureStudy.pairAlphas.indices.map { index in StudyScore.mean(pairs.map { $0.scores[index] })
    }
  }

  /// The kinds, in the order of the cells.
  var kinds: [Corruption.Kind] {
    var seen: Set<Corruption.Kind> = []
    return cells.map(\.kind).filter { seen.insert($0).inserted }
  }
}

/// The rank correlation of two lists (Spearman 1904); equal values share their mean rank. 0 where one
/// list does not vary.
///
/// - Complexity: O(n log n).
func rankCorrelation(_ left: [Double], _ right: [Double]) -> Double {
  func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
      for place in start...end { ranks[order[place]] = Double(start + end) / 2 }
      start = end + 1
    }
    return ranks
  }
  let (a, b) = (ranks(left), ranks(right))
  let middle = Double(a.count - 1) / 2
  var (product, own, its) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    product += (x - middle) * (y - middle)
    own += (x - middle) * (x - middle)
    its += (y - middle) * (y - middle)
  }
  let norms = (own * its).squareRoot()
  return norms > 0 ? product / norms : 0
}
