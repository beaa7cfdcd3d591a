/// What the layers that meet a set of units allow.
struct StreamRules {
  var allowsSigns = true
  var allowsRotations = true
  var fixesMean = false
  /// Whether a layer normalises what it reads of the units without subtracting their mean, or reads them
  /// as they are.
  var readsMean = false
  var hasNormalization = false
  /// The first layer that stands against rotations, and why.
  var reason: String?

  /// Takes away what a layer does not allow.
  mutating func deny(_ layer: String, signs: Bool = true, rotations: Bool = true, _ why: String) {
    if signs { allowsSigns = false }
    if rotations {
      if allowsRotations { reason = "\(layer): \(why)" }
      allowsRotations = false
    }
  }
}

extension SymmetryAnalysis {
  /// What all layers that meet a set of units allow.
  mutating func rules(_ variable: Int) -> StreamRules {
    var rules = StreamRules()
    for index in graph.layers.indices {
      let layer = graph.layers[index]
      let gives = pieces(index).contains { $0.variable == variable }
      let takes = layer.inputs.map { input in
        pieces(input).contains { $0.variable == variable }
      }
      guard gives || takes.contains(true) else { continue }
      meet(index, variable, gives: gives, takes: takes, &rules)
      if !rules.allowsSigns, !rules.allowsRotations { break }
    }
    return rules
  }

  private mutating func meet(
    _ index: Int, _ variable: Int, gives: Bool, takes: [Bool], _ rules: inout StreamRules
  ) {
    let layer = graph.layers[index]
    switch layer.operation {
    case .dense:
      guard layer.denseKernel != nil, layer.parameters.count == 1 || layer.biasTensor != nil else {
        return rules.deny(layer.name, "its kernel is no plain matrix")
      }
      if takes.contains(true) { noteReader(index, &rules) }
    case .convolution(let convolution):
      guard convolution.groups == 1 else {
        return rules.deny(layer.name, "it works channel by channel")
      }
      if takes.contains(true) { noteReader(index, &rules) }
    case .embedding, .prepend, .dropout, .steps, .upsampling, .zeroPadding, .edgePadding, .cropping,
      .activation(.linear), .select, .globalPooling(.average, _), .tableAddition:
      break
    case .flatten, .concatenate: break
    case .spaceToDepth:
      if graph.channelOrder == .first { rules.deny(layer.name, "it mixes channels and positions") }
    case .reshape:
      let before = derivation.features(layer.inputs[0]).channels
      if before == nil || before != derivation.features(index).channels {
        rules.deny(layer.name, "it mixes channels and positions")
      }
    case .add, .elementwise(.average), .elementwise(.subtract):
      let widths = Set(layer.inputs.map { derivation.features($0).channels })
      if widths.count != 1 { rules.deny(layer.name, "it adds one channel to all") }
    case .rescaling(_, let offset):
      if offset != 0 { rules.deny(layer.name, "it adds a number to every channel") }
    case .stepDense:
      if layer.parameter(.bias) != nil {
        rules.deny(layer.name, rotations: false, "")
        rules.fixesMean = true
        rules.readsMean = true
      }
    case .mixture:
      if takes.first == true { rules.deny(layer.name, "its experts have an order of their own") }
    case .rmsNormalization(let normalization):
      guard normalization.blocks == 1, isWhole(layer.inputs[0], variable) else {
        return rules.deny(layer.name, "it normalises blocks of the channels")
      }
      rules.hasNormalization = true
      rules.readsMean = true
      fold(index, &rules)
    case .layerNormalization(_, let axisCount):
      guard axisCount == 1, isWhole(layer.inputs[0], variable) else {
        return rules.deny(layer.name, "it normalises more than the channels of one position")
      }
      rules.hasNormalization = true
      rules.fixesMean = true
      rules.deny(layer.name, rotations: false, "it subtracts the mean of the channels")
      fold(index, &rules)
    case .channelScale:
      guard isWhole(layer.inputs[0], variable) else {
        return rules.deny(layer.name, "it scales parts of the channels")
      }
      foldScale(index, &rules)
    case .activation(.tanh):
      rules.deny(layer.name, signs: false, "tanh works channel by channel")
    default:
      rules.deny(layer.name, "\(layer.operation.name) works channel by channel")
    }
  }

  /// Whether the channels of a layer are the units, once or several times over, and nothing else.
  private func isWhole(_ layer: Int, _ variable: Int) -> Bool {
    pieces(layer).allSatisfy { $0.variable == variable && $0.width == 1 }
  }

  /// A kernel that reads the units as they are sees their mean.
  private func noteReader(_ index: Int, _ rules: inout StreamRules) {
    guard let input = graph.layers[index].inputs.first else { return }
    var current = input
    while true {
      switch graph.layers[current].operation {
      case .dropout, .steps, .globalPooling(.average, _):
        guard let next = graph.layers[current].inputs.first else { return }
        current = next
      case .layerNormalization, .rmsNormalization: return
      default:
        rules.readsMean = true
        return
      }
    }
  }

  // MARK: Folding

  /// A rotation needs a normalisation's gains folded into what reads it, unless they are all equal.
  private mutating func fold(_ index: Int, _ rules: inout StreamRules) {
    let layer = graph.layers[index]
    guard let gamma = layer.parameter(.gamma) else { return }
    if constants.contains(gamma.tensor) { return }
    do {
      folds[index] = try normFold(index, gamma: gamma)
    } catch let obstacle as FoldObstacle {
      rules.deny(layer.name, signs: false, obstacle.why)
    } catch {
      rules.deny(layer.name, signs: false, "its gains cannot be folded")
    }
  }

  private struct FoldObstacle: Error { var why: String }

  private func normFold(_ index: Int, gamma: Parameter) throws -> NormFold {
    let layer = graph.layers[index]
    guard gamma.shape.count == 1, isOwn(gamma.tensor),
      layer.parameter(.beta).map({ isOwn($0.tensor) && $0.shape == gamma.shape }) ?? true
    else { throw FoldObstacle(why: "its gains are shared with another layer") }
    guard !unfoldable.contains(gamma.tensor) else {
      throw FoldObstacle(why: "some of its gains are zero, and cannot be folded")
    }
    guard let readers = readers(of: index) else {
      throw FoldObstacle(why: "its output is the network's, and its gains stay in it")
    }
    var movesBeta = true
    let found = try readers.map { reader -> NormFold.Reader in
      let other = graph.layers[reader]
      switch other.operation {
      case .dense: break
      case .convolution(let convolution) where convolution.groups == 1:
        if convolution.padding != .valid { movesBeta = false }
      default:
        throw FoldObstacle(
          why: "\(other.name) (\(other.operation.name)) reads it, and its gains cannot go there")
      }
      guard let kernel = other.parameter(.kernel),
        let input = kernel.axes.firstIndex(of: .input),
        let output = kernel.axes.firstIndex(of: .output), kernel.shape[input] == gamma.shape[0]
      else { throw FoldObstacle(why: "\(other.name) reads it by no plain kernel") }
      guard isOwn(kernel.tensor) else {
        throw FoldObstacle(
          why: "\(other.name) reads it with a tensor that another layer has, too "
            + "(\(kernel.tensor)): folded gains would untie them")
      }
      let bias = other.biasTensor
      if bias.map({ !isOwn($0) }) ?? true { movesBeta = false }
      return NormFold.Reader(
        kernel: kernel.tensor, inputAxis: input, outputAxis: output, bias: bias)
    }
    var offset = 0.0
    if case .rmsNormalization(let normalization) = layer.operation { offset = normalization.offset }
    return NormFold(
      layer: layer.name, width: gamma.shape[0], gamma: gamma.tensor, offset: offset,
      beta: layer.parameter(.beta)?.tensor, readers: found, movesBeta: movesBeta)
  }

  private mutating func foldScale(_ index: Int, _ rules: inout StreamRules) {
    let layer = graph.layers[index]
    guard let gamma = layer.parameter(.gamma), !constants.contains(gamma.tensor) else { return }
    guard let writer = projection(layer.inputs[0]), writer.selection == nil,
      isExclusive([writer], to: index), let kernel = graph.layers[writer.layer].denseKernel,
      gamma.shape == [kernel.shape[kernel.output]], isOwn(gamma.tensor),
      layer.parameter(.beta).map({ isOwn($0.tensor) }) ?? true,
      !unfoldable.contains(gamma.tensor)
    else {
      return rules.deny(layer.name, signs: false, "its factors cannot go into what it scales")
    }
    scaleFolds[index] = ScaleFold(
      layer: layer.name, gamma: gamma.tensor, beta: layer.parameter(.beta)?.tensor,
      kernel: kernel.tensor, outputAxis: kernel.output,
      bias: graph.layers[writer.layer].biasTensor)
  }
}
