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
  /// For every layer, the units along the steps of its output, where a layer over steps made some.
  var steps: [[Piece]] = []
  /// For every attention layer, the units along an axis of its query heads.
  var headUnits: [Int: [Piece]] = [:]
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
      steps.append(stepUnits(of: index))
      bindParameters(of: index)
    }
    for layer in graph.outputs + graph.heldLayers {
      variables.freeze(channels[layer])
      variables.freeze(steps[layer])
    }
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
        case .head: bind(parameter, axis, headUnits[index] ?? [])
        case .state where layer.inputs.count > 2: bind(parameter, axis, channels[layer.inputs[2]])
        case .stepOutput: bind(parameter, axis, steps[index])
        case .stepInput: bind(parameter, axis, layer.inputs.first.map { steps[$0] } ?? [])
        case .outputStretch(let width):
          bind(parameter, axis, stretches(output, width: width, of: parameter, axis, owner: index))
        case .inputStretch(let width):
          bind(parameter, axis, stretches(input, width: width, of: parameter, axis, owner: index))
        case .outputPart: bind(parameter, axis, parameter.shape[axis - 1] == 1 ? output : [])
        case .inputPart: bind(parameter, axis, parameter.shape[axis - 1] == 1 ? input : [])
        // Where a layer that shares the tensor has units on the axis, they stay, too.
        case .fixed: bind(parameter, axis, [])
        case .multiplier, .spatial, .state: break
        }
      }
    }
  }

  /// The units along the outer of two axes over which channels are spread. The channels are made to move
  /// in whole stretches; of a single stretch every channel is an entry of the other axis.
  private mutating func stretches(
    _ channels: [Piece], width: Int, of parameter: Parameter, _ axis: Int, owner: Int
  ) -> [Piece] {
    let count = parameter.shape[axis]
    if count == 1 { return [] }
    let length = variables.length(variables.resolve(channels))
    guard width >= 1, CheckedShape.product([count, width]) == length else {
      variables.freeze(channels)
      return []
    }
    let units = variables.make(size: count, owner: owner)
    variables.tie(channels, [Piece(variable: units, width: width)])
    return [Piece(variable: units, width: 1)]
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
