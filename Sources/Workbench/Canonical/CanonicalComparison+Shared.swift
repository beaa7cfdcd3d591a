import Tensors
import WeightFiles

extension CanonicalComparison {
  /// The share of the numbers of the file that has fewer that stand in matrices of both: constants, vectors and
  /// tensors of fewer than 64 numbers, which may be equal without a common origin, do not count.
  public var sharedNumbers: Double {
    func counts(_ content: TensorContent) -> Bool {
      content.elementType.isFloatingPoint && !content.isConstant && content.count >= 64
        && content.shape.count > 1
    }
    func sum(_ contents: [TensorContent]) -> Int {
      contents.reduce(0) { $0 + (counts($1) ? $1.count : 0) }
    }
    let whole = min(sum(contents.first), sum(contents.second))
    guard whole > 0 else { return 0 }
    let same: Set<CanonicalPair.Relation> = [
      .equal, .equalAfterCast, .transposed, .permuted, .slices, .untouched, .rescaled,
    ]
    var shared = 0
    for pair in pairs where same.contains(pair.relation) && pair.found != .tied {
      guard let first = pair.first, let second = pair.second else { continue }
      let smaller =
        contents.first[first].count <= contents.second[second].count
        ? contents.first[first] : contents.second[second]
      if counts(smaller) { shared += smaller.count }
    }
    return min(1, Double(shared) / Double(whole))
  }
}
