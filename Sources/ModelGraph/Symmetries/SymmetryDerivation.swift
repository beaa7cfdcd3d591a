import Support

/// Derives which axes move together, layer by layer.
struct SymmetryDerivation {
  typealias Piece = UnitVariables.Piece

  /// An axis of a tensor in the file.
  struct TensorAxis: Hashable {
    var tensor: String
    var axis: Int
  }

  /// The most pieces that an axis is divided into. Beyond it the axis is left alone: only a hostile
  /// file comes near.
  private static let mostPieces = 1 << 20
  /// The most pieces of all axes together.
  private static let mostPiecesInAll = 1 << 25

  let graph: ModelGraph
  var variables = UnitVariables()
  /// For every layer, the units along the channel axis of its output.
  var channels: [[Piece]] = []
  /// The units along every tensor's axes that have some.
  var axes: [TensorAxis: [Piece]] = [:]
  /// The axes in the order of first use.
  private(set) var order: [TensorAxis] = []
  private var piecesInAll = 0

  init(_ graph: ModelGraph) {
    self.graph = graph
  }

  /// Works through the layers, then fixes the network's outputs and the units that are held.
  mutating func run() throws {
    for index in graph.layers.indices {
      let result = outputUnits(of: index)
      channels.append(result.count > Self.mostPieces ? frozen(index) : result)
      piecesInAll += result.count
      guard piecesInAll <= Self.mostPiecesInAll else {
        throw Diagnostic(
          .badData, "the axes divide into too many pieces", at: [graph.layers[index].name])
      }
      bindParameters(of: index)
    }
    for layer in graph.outputs + graph.heldLayers { variables.freeze(channels[layer]) }
    tieSharedStorage()
  }

  /// The shape of a layer's output.
  func features(_ index: Int) -> FeatureShape {
    FeatureShape(graph.layers[index].outputShape, graph.channelOrder)
  }

  /// Units that stay, along the channel axis of a layer.
  mutating func frozen(_ index: Int) -> [Piece] {
    guard let count = features(index).channels, count > 0 else { return [] }
    return [Piece(variable: variables.make(size: count, owner: index, isFrozen: true), width: 1)]
  }

  /// New units along the channel axis of a layer.
  mutating func fresh(_ count: Int, owner: Int, width: Int = 1) -> [Piece] {
    [Piece(variable: variables.make(size: count, owner: owner), width: width)]
  }

  private mutating func bindParameters(of index: Int) {
    let layer = graph.layers[index]
    let input = layer.inputs.first.map { channels[$0] } ?? []
    let output = channels[index]
    for parameter in layer.parameters {
      for (axis, meaning) in parameter.axes.enumerated() {
        switch meaning {
        case .output(let blocks):
          bind(parameter, axis, Array(repeatElement(output, count: blocks).joined()))
        case .recurrentInput: bind(parameter, axis, output)
        case .input: bind(parameter, axis, inputUnits(of: layer, parameter, input))
        case .multiplier, .spatial, .fixed: break
        }
      }
    }
  }

  /// The units along an input axis: the layer's input, unless the axis is within a group.
  private func inputUnits(of layer: Layer, _ parameter: Parameter, _ input: [Piece]) -> [Piece] {
    if case .convolution(let convolution) = layer.operation, convolution.groups > 1,
      !parameter.axes.contains(.multiplier)
    {
      return []
    }
    return input
  }

  /// Notes the units of a tensor's axis. A tensor that two layers share moves for both.
  private mutating func bind(_ parameter: Parameter, _ axis: Int, _ pieces: [Piece]) {
    let key = TensorAxis(tensor: parameter.tensor, axis: axis)
    if let known = axes[key] {
      variables.tie(known, pieces)
    } else {
      axes[key] = pieces
      order.append(key)
    }
  }
}
