import Catalogs
import Support

/// What `GraphFileWriter` writes and people seldom do.
extension GraphFileReader {
  /// A layer of a kind that other importers make; nil for another layer.
  func writtenOperation(of layer: GraphFileLayer) throws -> Operation? {
    switch layer.type {
    case "unknown": return .unsupported(layer.text("of") ?? layer.type)
    case "perChannel": return .perChannel(layer.text("of") ?? layer.type)
    case "rearrange":
      return .rearrange(
        Rearrangement(
          split: try layer.lists("split"), order: try layer.list("order"),
          joined: try layer.list("joined")))
    case "state": return .recurrentState(try layer.integer("index", default: 0))
    case "transposedConv1d": return try transposed(layer, rank: 1)
    case "transposedConv2d": return try transposed(layer, rank: 2)
    case "transposedConv3d": return try transposed(layer, rank: 3)
    default: return nil
    }
  }

  private func transposed(_ layer: GraphFileLayer, rank: Int) throws -> Operation {
    .transposedConvolution(
      TransposedConvolution(
        filters: try layer.integer("filters"),
        kernelSize: try layer.integers("kernel", count: rank),
        strides: try layer.integers("stride", count: rank, default: 1),
        dilation: try layer.integers("dilation", count: rank, default: 1),
        crop: try layer.has("crop")
          ? layer.margins("crop", count: rank)
          : Array(repeating: Margin(0, 0), count: rank)))
  }

  /// The function that a setting describes.
  func function(of layer: GraphFileLayer) throws -> Activation {
    let word = layer.text("type") ?? ""
    switch word {
    case "leakyRelu": return .leakyRelu(slope: try layer.number("slope", default: 0.01))
    case "clippedRelu": return .clippedRelu(maximum: try layer.number("maximum", default: 6))
    case "elu": return .elu(alpha: try layer.number("alpha", default: 1))
    case "gelu": return .gelu(approximate: try layer.flag("approximate", default: false))
    default: break
    }
    let plain: [Activation] = [
      .relu, .selu, .silu, .tanh, .sigmoid, .hardSigmoid, .softplus, .exponential, .hardSilu,
      .quickGelu, .squaredRelu, .mish, .squareRoot, .softmax, .linear,
    ]
    if word == "legacyHardSigmoid" { return .legacyHardSigmoid }
    guard let found = plain.first(where: { $0.name == word }) else {
      throw Diagnostic(.badData, "'\(word)' is no activation")
    }
    return found
  }

  /// The tensors of a layer that lists them with the meaning of each axis; nil where it does not.
  func statedParameters(of layer: GraphFileLayer) throws -> [Parameter]? {
    guard let parts = try layer.parts("parameters") else { return nil }
    return try parts.map { part in
      guard let name = part.text("name"), let entry = tensor(named: name) else {
        throw Diagnostic(.badData, "the file has no tensor \(part.text("name") ?? "")")
      }
      guard let role = part.text("role").flatMap(Parameter.Role.init(rawValue:)) else {
        throw Diagnostic(.badData, "the tensor \(name) has no role that is known")
      }
      let words = try part.words("axes")
      let axes = words.compactMap(Parameter.Axis.init(word:))
      guard axes.count == words.count, axes.count == entry.shape.count else {
        throw Diagnostic(
          .badData,
          "the tensor \(name) is \(describe(entry.shape)), and its axes are said to be "
            + "\(words.joined(separator: ", "))")
      }
      return Parameter(role: role, tensor: entry.name, shape: entry.shape, axes: axes)
    }
  }
}
