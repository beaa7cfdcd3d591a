extension RowDoubts {
  /// A recurrent layer may begin with the last state of another one, as a decoder does with that of its
  /// encoder: the units of both are then the same ones.
  mutating func doubtStates() {
    let recurrent = kernels.indices.filter { kernels[$0].module.recurrent != nil }
    for (place, index) in recurrent.enumerated() {
      guard let own = kernels[index].module.recurrent else { continue }
      for other in recurrent[..<place] {
        let (first, second) = (kernels[other].module, kernels[index].module)
        // The layers of one module begin with states of their own.
        guard let before = first.recurrent, Self.module(of: first) != Self.module(of: second),
          before.units == own.units || before.output == own.units
        else { continue }
        doubt(
          .row,
          "\(second.path) has as many units as \(first.path), and may begin with the last state of that",
          alternatives: ["a decoder that begins with its encoder's state"],
          holding: [other + 1, index + 1])
      }
    }
  }

  /// The module that a layer is one of: `rnn` for `rnn.l0` and `rnn.l1`.
  private static func module(of layer: StateModule) -> Substring {
    guard let recurrent = layer.recurrent, recurrent.count > 1 else { return layer.path[...] }
    let suffix = ".l\(recurrent.number)"
    return layer.path.hasSuffix(suffix) ? layer.path.dropLast(suffix.count) : layer.path[...]
  }
}
