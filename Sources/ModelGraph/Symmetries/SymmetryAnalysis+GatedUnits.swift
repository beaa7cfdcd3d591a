extension SymmetryAnalysis {
  /// Hidden units whose sign may change between the kernel that makes them and the one that reads them,
  /// with the gate in between left as it is; nil where they are no gated units.
  func gatedUnits(_ group: PermutationGroup, variable: Int) -> SymmetryGroup? {
    for (index, layer) in graph.layers.enumerated() {
      guard case .multiply = layer.operation, layer.inputs.count == 2,
        pieces(index).map(\.variable) == [variable], let down = onlyReader(of: index)
      else { continue }
      for input in layer.inputs {
        guard let up = projection(input), isExclusive([up], to: index),
          Set(layer.inputs).count == 2, let read = graph.layers[down].denseKernel,
          let made = graph.layers[up.layer].denseKernel
        else { continue }
        let channels =
          up.selection?.channels ?? Array(0..<made.shape[made.output])
        guard channels.count == group.size, let first = channels.first,
          channels.last == first + group.size - 1
        else { continue }
        let bias = graph.layers[up.layer].biasTensor
        var slices = group.slices { _ in .unsigned }
        var signed = 0
        for place in slices.indices where slices[place].width == 1 {
          let slice = slices[place]
          let isUp =
            (slice.tensor == made.tensor && slice.axis == made.output) || slice.tensor == bias
          if isUp, slice.starts.first == first { slices[place].role = .writer }
          if slice.tensor == read.tensor, slice.axis == read.input, slice.starts.first == 0 {
            slices[place].role = .reader
          }
          if slices[place].role != .unsigned { signed += 1 }
        }
        guard signed == (bias == nil ? 2 : 3) else { continue }
        return SymmetryGroup(
          name: group.name, size: group.size, kind: .signed, allowsSigns: true, slices: slices)
      }
    }
    return nil
  }
}
