public import Datasets
import Support

/// Everything that the study measured, and the means that its claims are about.
public struct StudyFindings: Sendable {
  /// What was measured of each corruption, label set and seed.
  public var cells: [SignatureStudy.Cell]
  /// What was measured of two signatures on one network.
  public var pairs: [SignatureStudy.Pair]
  /// Neighbours among the other seeds, by number of layers; empty where there is one seed.
  public var acrossSeeds: [SignatureStudy.Neighbours]
  /// Neighbours in the other label sets, by number of layers; empty where there is one.
  public var acrossLabelSets: [SignatureStudy.Neighbours]
  /// What signatures come to as files.
  public var sizes: SignatureStudy.Sizes
  /// What became of networks that were patched and restored.
  var removals: SignatureStudy.Removals
  /// How many layers a patch has where their number is not what varies.
  public var layerCount: Int

  /// The mean over cells.
  public func mean(
    over cells: [SignatureStudy.Cell]? = nil, _ score: (SignatureStudy.Cell) -> StudyScore
  ) -> StudyScore {
    StudyScore.mean((cells ?? self.cells).map(score))
  }

  /// The cells of one corruption.
  public func cells(of kind: Corruption.Kind) -> [SignatureStudy.Cell] {
    cells.filter { $0.kind == kind }
  }

  /// The cells whose corruption is no control.
  var additive: [SignatureStudy.Cell] {
    cells.filter { !Corruption.Kind.controls.contains($0.kind) }
  }

  /// The place of the full strength.
  public static let full = SignatureStudy.alphas.firstIndex(of: 1) ?? 0

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
  public var byPairStrength: [StudyScore] {
    SignatureStudy.pairAlphas.indices.map { index in StudyScore.mean(pairs.map { $0.scores[index] })
    }
  }

  /// The kinds, in the order of the cells.
  public var kinds: [Corruption.Kind] {
    var seen: Set<Corruption.Kind> = []
    return cells.map(\.kind).filter { seen.insert($0).inserted }
  }
}
