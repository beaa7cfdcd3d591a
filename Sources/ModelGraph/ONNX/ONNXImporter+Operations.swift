import Catalogs
import Support

/// The nodes without weights: sums, activations, pooling.
extension ONNXImporter {
  /// Sums and products of values, or of a value with one number.
  mutating func addArithmetic(_ node: ONNXGraph.Node, _ input: Int) throws -> Int {
    let values = node.inputs.compactMap { layers[$0] }
    if values.count == 2, node.operation == "Add" || node.operation == "Mul" {
      return try builder.add(
        name(of: node), node.operation == "Add" ? .add : .multiply, inputs: values)
    }
    guard values.count == 1,
      let constant = node.inputs.compactMap({ source.constants[$0] }).first, constant.count == 1,
      constant[0].isFinite
    else { throw ONNXRefusal("\(node.operation) with a tensor") }
    let number = constant[0]
    let operation: Operation =
      switch node.operation {
      case "Add": .rescaling(scale: 1, offset: number)
      case "Sub": .rescaling(scale: 1, offset: -number)
      case "Mul": .rescaling(scale: number, offset: 0)
      default: .rescaling(scale: 1 / number, offset: 0)
      }
    return try builder.add(name(of: node), operation, inputs: values)
  }

  /// A function of each element; nil for other nodes.
  func activation(_ node: ONNXGraph.Node, _ input: Int) throws -> Operation? {
    let activation: Activation
    switch node.operation {
    case "Relu": activation = .relu
    case "LeakyRelu": activation = .leakyRelu(slope: node.number("alpha", default: 0.01))
    case "Elu": activation = .elu(alpha: node.number("alpha", default: 1))
    case "Selu": activation = .selu
    case "Sigmoid": activation = .sigmoid
    case "Tanh": activation = .tanh
    case "Softplus": activation = .softplus
    case "Exp": activation = .exponential
    case "Gelu":
      activation = .gelu(approximate: node.text("approximate", default: "none") == "tanh")
    case "HardSigmoid":
      let (alpha, beta) = (node.number("alpha", default: 0.2), node.number("beta", default: 0.5))
      guard beta == 0.5, abs(alpha - 0.2) < 1e-6 || abs(alpha - 1 / 6) < 1e-6 else { return nil }
      activation = alpha > 0.18 ? .legacyHardSigmoid : .hardSigmoid
    case "Clip": activation = try clipping(node)
    case "Softmax":
      let rank = builder.shape(of: input).count
      let axis = try node.integer("axis", default: source.version < 13 ? 1 : -1)
      let channels = builder.channelOrder == .first ? 1 : rank
      guard (axis < 0 ? axis + rank + 1 : axis) == channels,
        rank == 1 || source.version >= 13
      else { return nil }
      activation = .softmax
    default: return nil
    }
    return .activation(activation)
  }

  private func clipping(_ node: ONNXGraph.Node) throws -> Activation {
    func bound(_ name: String, _ index: Int, _ absent: Double) throws -> Double {
      guard let value = node.input(index) else { return node.number(name, default: absent) }
      guard let constant = source.constants[value], constant.count == 1 else {
        throw ONNXRefusal("Clip by what is computed")
      }
      return constant[0]
    }
    let most = Double(Float.greatestFiniteMagnitude)
    let lower = try bound("min", 1, -.infinity)
    let upper = try bound("max", 2, .infinity)
    guard lower == 0, upper > 0 else { throw ONNXRefusal("Clip from \(lower)") }
    return upper >= most ? .relu : .clippedRelu(maximum: upper)
  }

  /// Windows, or all positions, become one; nil for other nodes.
  func pooling(_ node: ONNXGraph.Node, _ input: Int) throws -> Operation? {
    let rank = builder.shape(of: input).count - 1
    switch node.operation {
    case "GlobalAveragePool": return .globalPooling(.average, keepsAxes: true)
    case "GlobalMaxPool": return .globalPooling(.maximum, keepsAxes: true)
    case "ReduceMean", "ReduceMax":
      let axes = node.integers("axes") ?? node.input(1).flatMap { lengths[$0] }?.compactMap { $0 }
      let all = Set((axes ?? []).map { $0 < 0 ? $0 + rank + 2 : $0 })
      guard rank >= 1, builder.channelOrder == .first, all == Set(2..<(rank + 2)) else {
        return nil
      }
      return .globalPooling(
        node.operation == "ReduceMean" ? .average : .maximum,
        keepsAxes: try node.integer("keepdims", default: 1) != 0)
    case "MaxPool", "AveragePool": break
    default: return nil
    }
    guard (1...2).contains(rank), builder.channelOrder == .first, node.outputs.count == 1,
      (node.integers("dilations") ?? [1]).allSatisfy({ $0 == 1 })
    else { return nil }
    let pooling = Pooling(
      kind: node.operation == "MaxPool" ? .maximum : .average,
      size: try node.lengths("kernel_shape", count: rank, default: 0),
      strides: try node.lengths("strides", count: rank, default: 1),
      padding: try padding(node, rank: rank),
      countsPadding: try node.integer("count_include_pad", default: 0) != 0)
    if try node.integer("ceil_mode", default: 0) != 0, !isEven(pooling, input) { return nil }
    return .pooling(pooling)
  }

  /// Whether the windows end with the input, so that rounding up or down is the same.
  private func isEven(_ pooling: Pooling, _ input: Int) -> Bool {
    let lengths = builder.shape(of: input).dropFirst()
    guard case .explicit(let margins) = pooling.padding else { return false }
    return zip(lengths, zip(pooling.size, zip(pooling.strides, margins))).allSatisfy {
      guard let length = $0 else { return false }
      return (length + $1.1.1.before + $1.1.1.after - $1.0).isMultiple(of: $1.1.0)
    }
  }

  /// How windows meet the edges.
  func padding(_ node: ONNXGraph.Node, rank: Int) throws -> Padding {
    switch node.text("auto_pad", default: "NOTSET") {
    case "NOTSET": break
    case "VALID": return .valid
    case "SAME_UPPER": return .same
    case let other: throw ONNXRefusal("\(node.operation) with auto_pad \(other)")
    }
    let pads = node.integers("pads") ?? Array(repeating: 0, count: 2 * rank)
    guard pads.count == 2 * rank, pads.allSatisfy({ $0 >= 0 && $0 <= CheckedShape.longestAxis })
    else { throw Diagnostic(.badData, "its pads are not two lengths for each axis") }
    return .explicit((0..<rank).map { Margin(pads[$0], pads[$0 + rank]) })
  }
}
