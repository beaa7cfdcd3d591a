import Catalogs
import ModelGraph

/// What a graph says of the tensors that its layers use.
struct KnownParameters {
  private struct Use {
    var rank: Int
    var layer: Layer
    var parameter: Parameter
  }

  private var uses: [String: Use] = [:]

  /// Gathers the first use of each tensor.
  init(_ graph: ModelGraph?) {
    for layer in graph?.layers ?? [] {
      for parameter in layer.parameters where uses[parameter.tensor] == nil {
        uses[parameter.tensor] = Use(rank: uses.count, layer: layer, parameter: parameter)
      }
    }
  }

  /// The tensors in the order of the layers, and behind them the others in the order of the file.
  func inOrder(_ entries: [TensorEntry]) -> [TensorEntry] {
    let known = entries.filter { uses[$0.name] != nil }
      .sorted { (uses[$0.name]?.rank ?? 0) < (uses[$1.name]?.rank ?? 0) }
    return known + entries.filter { uses[$0.name] == nil }
  }

  /// Why a tensor has no spectrum although it may look like a matrix; nil where it may have one.
  func reasonToSkip(_ name: String) -> String? {
    switch uses[name]?.parameter.role {
    case .bias, .recurrentBias: "a bias has no spectrum"
    case .gamma, .beta, .movingMean, .movingVariance: "of a normalisation, no weight"
    case .positionBias, .slope, .stateDecay, .skipGain: "a number for each unit, no weight"
    case .kernel, .recurrentKernel, .embeddings, nil: nil
    }
  }

  /// What is known of a tensor; nil where its axes are no matrix's.
  subscript(name: String) -> KnownTensor? {
    guard let use = uses[name] else { return nil }
    let roles: [Parameter.Role] = [.kernel, .recurrentKernel, .embeddings]
    guard roles.contains(use.parameter.role) else { return nil }
    return KnownTensor(layer: use.layer, parameter: use.parameter)
  }
}

/// A kernel whose axes are known from the graph.
struct KnownTensor {
  let layer: Layer
  let parameter: Parameter

  /// The rows of the result that the tensor gives.
  func layers(
    _ entry: TensorEntry, _ convolutions: SpectralPlan.Convolutions
  ) -> [SpectralLayer] {
    guard entry.shape == parameter.shape else { return [] }
    let isRecurrent: Bool
    if case .recurrent = layer.operation { isRecurrent = true } else { isRecurrent = false }
    var shape: [Int] = []
    var roles: [SpectralLayer.AxisRole] = []
    var gates = 1
    for (length, axis) in zip(parameter.shape, parameter.axes) {
      switch axis {
      case .output(let blocks) where blocks > 1:
        guard length % blocks == 0 else { return [] }
        gates = blocks
        shape += [blocks, length / blocks]
        roles += [.slice, .row]
      case .output, .stepOutput, .outputStretch, .outputPart:
        shape.append(length)
        roles.append(.row)
      case .input, .recurrentInput, .fixed, .stepInput, .head, .state, .inputStretch, .inputPart:
        shape.append(length)
        roles.append(.column)
      case .multiplier:
        // A depthwise kernel has one input channel a group: the multiplier belongs to the outputs.
        shape.append(length)
        roles.append(.row)
      case .spatial:
        shape.append(length)
        roles.append(convolutions == .slices ? .slice : .column)
      }
    }
    if parameter.axes.contains(.multiplier) {
      for (index, axis) in parameter.axes.enumerated() where axis == .input { roles[index] = .row }
    }
    let name = isRecurrent ? "\(layer.name)/\(parameter.role.rawValue)" : layer.name
    let whole = MatrixShape(name, layer.operation.name, entry.name, shape, roles)
    return gates > 1 ? whole.gates(gateNames(gates)) : whole.layers
  }

  /// The words for the blocks of a recurrent kernel.
  private func gateNames(_ count: Int) -> [String] {
    guard case .recurrent(let recurrent) = layer.operation, recurrent.kind.gateCount == count else {
      return (0..<count).map(String.init)
    }
    switch recurrent.kind {
    case .simple: return ["state"]
    case .lstm: return ["input", "forget", "cell", "output"]
    case .gru: return ["update", "reset", "candidate"]
    }
  }
}
