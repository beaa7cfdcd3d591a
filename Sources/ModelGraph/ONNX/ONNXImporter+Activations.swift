import Catalogs
import Support

/// Functions of elements.
extension ONNXImporter {
  mutating func addActivation(_ node: ONNXGraph.Node) throws -> ONNXView {
    if node.operation == "Cast" { return try addCast(node) }
    guard let operation = try activation(node) else {
      guard Self.isFunctionOfElements(node.operation) else { throw ONNXRefusal(node.operation) }
      return try view(node, 0).of(try perChannel(node, try view(node, 0)))
    }
    return try pointwise(node, operation, try view(node, 0))
  }

  /// Another type. Numbers that become integers are cut off, unless they come as the data do.
  private mutating func addCast(_ node: ONNXGraph.Node) throws -> ONNXView {
    let view = try view(node, 0)
    // 1, 10, 11, 16: floating-point numbers.
    let type = node.integers("to")?.first ?? 1
    if [1, 10, 11, 16].contains(type) || builder.graph.layers[view.layer].operation == .input {
      return view
    }
    return view.of(try perChannel(node, view))
  }

  private static func isFunctionOfElements(_ operation: String) -> Bool {
    [
      "Abs", "Acos", "Asin", "Atan", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Erf", "Floor",
      "HardSigmoid", "IsNaN", "Log", "Not", "Reciprocal", "Round", "Shrink", "Sign", "Sin", "Sinh",
      "Softsign", "Tan", "ThresholdedRelu",
    ].contains(operation)
  }

  /// A function of each element; nil for other nodes, and for other settings than layers have.
  private func activation(_ node: ONNXGraph.Node) throws -> Operation? {
    switch node.operation {
    case "Relu": return .activation(.relu)
    case "LeakyRelu": return .activation(.leakyRelu(slope: node.number("alpha", default: 0.01)))
    case "Elu": return .activation(.elu(alpha: node.number("alpha", default: 1)))
    case "Selu":
      let (alpha, gamma) = (
        node.number("alpha", default: 1.673_263_2), node.number("gamma", default: 1.050_701)
      )
      guard abs(alpha - 1.673_263_2) < 1e-5, abs(gamma - 1.050_701) < 1e-5 else { return nil }
      return .activation(.selu)
    case "Sigmoid": return .activation(.sigmoid)
    case "Tanh": return .activation(.tanh)
    case "Softplus": return .activation(.softplus)
    case "Exp": return .activation(.exponential)
    case "Sqrt": return .activation(.squareRoot)
    case "Neg": return .rescaling(scale: -1, offset: 0)
    case "Mish": return .activation(.mish)
    case "HardSwish": return .activation(.hardSilu)
    case "Swish":
      let alpha = node.number("alpha", default: 1)
      if alpha == 1 { return .activation(.silu) }
      return abs(alpha - 1.702) < 1e-6 ? .activation(.quickGelu) : nil
    case "Gelu":
      return .activation(.gelu(approximate: node.text("approximate", default: "none") == "tanh"))
    case "HardSigmoid":
      let (alpha, beta) = (node.number("alpha", default: 0.2), node.number("beta", default: 0.5))
      guard beta == 0.5, abs(alpha - 0.2) < 1e-6 || abs(alpha - 1 / 6) < 1e-6 else { return nil }
      return .activation(alpha > 0.18 ? .legacyHardSigmoid : .hardSigmoid)
    case "Clip": return try clipping(node).map { .activation($0) }
    default: return nil
    }
  }

  /// Bounds as an activation; nil where no activation has them.
  private func clipping(_ node: ONNXGraph.Node) throws -> Activation? {
    func bound(_ name: String, _ index: Int, _ absent: Double) throws -> Double {
      guard let value = node.input(index) else { return node.number(name, default: absent) }
      guard let number = numbers[value]?.scalar else {
        throw ONNXRefusal("Clip by what is computed")
      }
      return number
    }
    let most = Double(Float.greatestFiniteMagnitude)
    let lower = try bound("min", 1, -.infinity)
    let upper = try bound("max", 2, .infinity)
    if lower <= -most, upper >= most { return .linear }
    guard lower == 0, upper > 0 else { return nil }
    return upper >= most ? .relu : .clippedRelu(maximum: upper)
  }

  /// Softmax over the channels, or over the steps that queries look at.
  mutating func addSoftmax(_ node: ONNXGraph.Node) throws -> ONNXValue {
    let input = try value(node, 0)
    let axis = try node.integer("axis", default: source.version < 13 ? 1 : -1)
    if case .scores(var scores) = input {
      guard !scores.isWeighted, axis == -1 || axis == scores.shape.count - 1 else {
        throw ONNXRefusal("Softmax over queries")
      }
      scores.isWeighted = true
      return .scores(scores)
    }
    let view = try view(node, 0)
    let place = axis < 0 ? axis + view.axes.count : axis
    guard view.axes.indices.contains(place), source.version >= 13 || isLast(place, of: view) else {
      throw ONNXRefusal(node.operation)
    }
    let channels = try withChannels(view, on: place)
    return .view(try pointwise(node, .activation(.softmax), channels))
  }

  /// Whether no axis of several indices stands behind one: before opset 13, Softmax took all of them.
  private func isLast(_ axis: Int, of view: ONNXView) -> Bool {
    view.axes[(axis + 1)...].allSatisfy(\.isEmpty)
  }

  /// ReLU with slopes that are learned.
  mutating func addParametricRelu(_ node: ONNXGraph.Node) throws -> ONNXView {
    let view = try view(node, 0)
    let slope = try weight(node, 1)
    let missing = view.axes.count - slope.shape.count
    let wide = slope.shape.indices.filter { slope.shape[$0] != 1 }
    guard missing >= 0, wide.count <= 1 else { throw ONNXRefusal("PRelu of positions") }
    guard let place = wide.first else {
      let parameter = try slope.parameter(.slope, slope.shape.map { _ in .fixed })
      return try pointwise(node, .parametricRelu, view, [parameter])
    }
    let channels = try withChannels(view, on: place + missing)
    let parameter = try slope.parameter(
      .slope, slope.shape.indices.map { $0 == place ? .output : .fixed })
    return try pointwise(node, .parametricRelu, channels, [parameter])
  }
}
