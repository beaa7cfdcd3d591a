import Catalogs

extension StateModule {
  /// The tensors with the meaning of their axes.
  func parameters(_ orientation: StateChain.Orientation) -> [Parameter] {
    if let recurrent { return recurrent.cells.indices.flatMap(recurrent.parameters) }
    let order: [Parameter.Role] = [
      .kernel, .embeddings, .bias, .gamma, .beta, .movingMean, .movingVariance,
    ]
    return order.compactMap { role in
      guard let entry = tensors[role] else { return nil }
      let axes: [Parameter.Axis]
      switch role {
      case .kernel:
        let spatial = (0..<max(0, entry.shape.count - 2)).map { Parameter.Axis.spatial($0) }
        axes =
          orientation == .outputFirst ? [.output, .input] + spatial : spatial + [.input, .output]
      case .embeddings: axes = [.fixed, .output]
      default: axes = [.output]
      }
      guard axes.count == entry.shape.count else { return nil }
      return Parameter(role: role, tensor: entry.name, shape: entry.shape, axes: axes)
    }
  }
}
