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
        guard let before = first.recurrent, first.path != second.path,
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
}
