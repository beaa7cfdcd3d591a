/// A dense layer whose output goes to one place alone, part by part.
struct Projection {
  /// The layer.
  var layer: Int
  /// The channels of its output that are used there, in order; nil for all.
  var selection: ChannelSelection?
  /// The normalisation of queries or keys on the way.
  var normalization: Int?
  /// The layers on the way, the dense one included.
  var path: Set<Int>
}

extension SymmetryAnalysis {
  /// The dense layer that makes what a layer gives, by way of slices and of layers that change nothing.
  ///
  /// - Parameter acceptsNormalization: whether a normalisation of equal blocks may lie on the way.
  func projection(_ index: Int, acceptsNormalization: Bool = false) -> Projection? {
    var result = Projection(layer: index, path: [])
    var current = index
    while true {
      let layer = graph.layers[current]
      guard result.path.insert(current).inserted, !ends.contains(current) else { return nil }
      switch layer.operation {
      case .dropout: break
      case .select(let selection):
        guard result.selection == nil else { return nil }
        result.selection = selection
      case .rmsNormalization:
        guard acceptsNormalization, result.normalization == nil, result.selection == nil else {
          return nil
        }
        result.normalization = current
      case .dense:
        guard let kernel = layer.denseKernel, layer.parameters.allSatisfy({ isOwn($0.tensor) }),
          layer.parameters.count == 1 || layer.biasTensor != nil,
          result.selection?.fits(kernel.shape[kernel.output]) ?? true
        else { return nil }
        result.layer = current
        return result
      default: return nil
      }
      guard let input = layer.inputs.first else { return nil }
      current = input
    }
  }

  /// Whether what some projections make goes nowhere else than to a layer: other slices of the same
  /// dense layer may go elsewhere, as far as they are other channels.
  func isExclusive(_ projections: [Projection], to target: Int) -> Bool {
    let path = projections.reduce(into: Set([target])) { $0.formUnion($1.path) }
    for projection in projections {
      for layer in projection.path {
        for consumer in consumers[layer] where !path.contains(consumer) {
          guard layer == projection.layer,
            case .select(let other) = graph.layers[consumer].operation,
            let own = projection.selection,
            Set(own.channels).isDisjoint(with: other.channels)
          else { return false }
        }
      }
    }
    return true
  }

  /// Whether two projections are other channels.
  func areApart(_ first: Projection, _ second: Projection) -> Bool {
    guard first.layer == second.layer else { return true }
    guard let own = first.selection, let other = second.selection else { return false }
    return Set(own.channels).isDisjoint(with: other.channels)
  }

  /// The dense layer that alone reads what a layer makes.
  func onlyReader(of index: Int) -> Int? {
    guard let readers = readers(of: index), readers.count == 1, let reader = readers.first,
      let kernel = graph.layers[reader].denseKernel, isOwn(kernel.tensor)
    else { return nil }
    return reader
  }
}
