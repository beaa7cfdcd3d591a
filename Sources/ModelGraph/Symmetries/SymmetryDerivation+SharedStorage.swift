import Catalogs

extension SymmetryDerivation {
  /// Makes tensors that are one in the file move together. What is a part or another view of a tensor,
  /// or a name of it that no layer has, keeps all of its axes in place.
  mutating func tieSharedStorage() {
    let ranks = Dictionary(
      graph.parameters.map { ($0.tensor, $0.shape.count) }, uniquingKeysWith: { one, _ in one })
    for shared in graph.sharedStorage {
      let used = shared.names.filter { ranks[$0] != nil }
      let movesAsOne = shared.isOneTensor && used.count == shared.names.count
      for axis in 0..<(used.compactMap { ranks[$0] }.max() ?? 0) {
        let lists = used.map { axes[TensorAxis(tensor: $0, axis: axis)] }
        guard movesAsOne, let first = lists.first ?? nil, !lists.contains(nil) else {
          for pieces in lists { variables.freeze(pieces ?? []) }
          continue
        }
        for pieces in lists.dropFirst() { variables.tie(first, pieces ?? []) }
      }
    }
  }
}
