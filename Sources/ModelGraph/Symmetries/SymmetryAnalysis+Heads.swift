extension SymmetryAnalysis {
  /// A group of heads with what may be changed within them; nil where the heads' tensors are not all
  /// those of plain projections, so that heads can only change places.
  func heads(_ group: PermutationGroup, variable: Int) -> SymmetryGroup? {
    var attentions: [AttentionSymmetry] = []
    for (index, units) in derivation.headUnits.sorted(by: { $0.key < $1.key }) {
      let resolved = derivation.variables.resolve(units)
      guard resolved.contains(where: { $0.variable == variable }) else { continue }
      guard resolved.count == 1, let found = attention(index, groups: group.size) else {
        return nil
      }
      attentions.append(found)
    }
    guard let first = attentions.first,
      attentions.allSatisfy({ $0.queriesPerGroup == first.queriesPerGroup })
    else { return nil }
    // Everything that moves with the heads has to be known.
    let slices = attentions.flatMap(\.slices)
    let known = Set(slices.map { SymmetryDerivation.TensorAxis(tensor: $0.tensor, axis: $0.axis) })
    var tables = group
    tables.members.removeAll { known.contains(.init(tensor: $0.tensor, axis: $0.axis)) }
    for member in tables.members {
      let isBias = owners[member.tensor]?.allSatisfy {
        graph.layers[$0].parameter(.positionBias)?.tensor == member.tensor
      }
      guard isBias == true else { return nil }
    }
    return SymmetryGroup(
      name: group.name, size: group.size, kind: .heads, allowsSigns: false,
      slices: slices + tables.slices { _ in .unsigned }, attentions: attentions)
  }

  private func attention(_ index: Int, groups: Int) -> AttentionSymmetry? {
    let layer = graph.layers[index]
    guard case .attention(let attention) = layer.operation, layer.inputs.count == 3,
      let heads = attention.heads, attention.keyValueHeads == groups, heads % groups == 0,
      let query = projection(layer.inputs[0], acceptsNormalization: true),
      let key = projection(layer.inputs[1], acceptsNormalization: true),
      let value = projection(layer.inputs[2]), isExclusive([query, key, value], to: index),
      areApart(query, key), areApart(query, value), areApart(key, value),
      let reader = onlyReader(of: index), let output = graph.layers[reader].denseKernel,
      let querySlices = slices(query, heads), let keySlices = slices(key, groups),
      let valueSlices = slices(value, groups), querySlices.width == keySlices.width,
      output.shape[output.input] == heads * valueSlices.width
    else { return nil }
    for (projection, blocks) in [(query, heads), (key, groups)] {
      guard let normalization = projection.normalization else { continue }
      guard case .rmsNormalization(let rms) = graph.layers[normalization].operation,
        rms.blocks == blocks
      else { return nil }
    }
    let rotaryWidth = attention.rotary.map { $0.width ?? querySlices.width } ?? 0
    guard rotaryWidth % 2 == 0, rotaryWidth <= querySlices.width else { return nil }
    let isNormalized = query.normalization != nil || key.normalization != nil
    return AttentionSymmetry(
      layer: layer.name, queriesPerGroup: heads / groups, headWidth: querySlices.width,
      valueWidth: valueSlices.width, query: querySlices.parts, key: keySlices.parts,
      value: valueSlices.parts,
      output: .init(
        tensor: output.tensor, axis: output.input,
        starts: (0..<heads).map { $0 * valueSlices.width }),
      outputUnitsAxis: output.output, outputBias: graph.layers[reader].biasTensor,
      rotary: attention.rotary, isNormalized: isNormalized,
      ignoresKeyBias: !isNormalized && attention.softCap == nil)
  }

  /// Where the heads of a projection lie in its kernel and bias.
  private func slices(
    _ projection: Projection, _ heads: Int
  ) -> (parts: [AttentionSymmetry.Slice], width: Int)? {
    let layer = graph.layers[projection.layer]
    guard let kernel = layer.denseKernel else { return nil }
    let channels =
      projection.selection?.channels ?? Array(0..<kernel.shape[kernel.output])
    guard heads > 0, channels.count % heads == 0, !channels.isEmpty else { return nil }
    let width = channels.count / heads
    let starts = (0..<heads).map { channels[$0 * width] }
    for (head, start) in starts.enumerated()
    where channels[head * width + width - 1] != start + width - 1 {
      return nil
    }
    var parts = [
      AttentionSymmetry.Slice(tensor: kernel.tensor, axis: kernel.output, starts: starts)
    ]
    if let bias = layer.biasTensor {
      parts.append(AttentionSymmetry.Slice(tensor: bias, axis: 0, starts: starts))
    }
    return (parts, width)
  }
}

extension AttentionSymmetry {
  /// Where its heads lie, head by head.
  var slices: [SymmetrySlice] {
    let parts: [([Slice], Int, SymmetrySlice.Role)] = [
      (query, headWidth, .query), (key, headWidth, .key), (value, valueWidth, .value),
      ([output], valueWidth, .output),
    ]
    return parts.flatMap { slices, width, role in
      slices.map {
        SymmetrySlice(
          tensor: $0.tensor, axis: $0.axis, starts: $0.starts, width: width, role: role)
      }
    }
  }
}
