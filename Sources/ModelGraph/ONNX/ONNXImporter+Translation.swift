import Catalogs
import Support

extension ONNXImporter {
  /// The values of the outputs of a node that is understood.
  ///
  /// - Throws: `ONNXRefusal` where it is not.
  mutating func translate(_ node: ONNXGraph.Node) throws -> [ONNXValue?] {
    switch node.operation {
    case "Identity", "Dropout": return [try value(node, 0)]
    case "Gemm": return [.view(try addGemm(node))]
    case "MatMul": return [try addProduct(node)]
    case "Einsum": return [try addEinsum(node)]
    case "Conv": return [.view(try addConvolution(node))]
    case "ConvTranspose": return [.view(try addTransposedConvolution(node))]
    case "BatchNormalization": return [.view(try addBatchNormalization(node))]
    case "LayerNormalization", "RMSNormalization": return [.view(try addLayerNormalization(node))]
    case "InstanceNormalization", "GroupNormalization":
      return [.view(try addGroupNormalization(node))]
    case "LSTM", "GRU", "RNN": return try addRecurrent(node)
    case "If": throw ONNXRefusal("If whose condition the data decide")
    case "Gather": return [.view(try addGather(node))]
    case "Slice": return [.view(try addSlice(node))]
    case "Split": return try addSplit(node)
    case "Concat": return [.view(try addConcatenation(node))]
    case "Add", "Sub", "Mul", "Div", "Sum", "Max", "Min", "Mean", "Pow":
      return [try addArithmetic(node)]
    case "Where": return [.scores(try addWhere(node))]
    case "Softmax": return [try addSoftmax(node)]
    case "PRelu": return [.view(try addParametricRelu(node))]
    case "Resize", "Upsample": return [.view(try addResize(node))]
    case "Pad": return [.view(try addPadding(node))]
    case "MaxPool", "AveragePool", "LpPool": return [.view(try addPooling(node))]
    case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "ReduceMean", "ReduceMax",
      "ReduceMin", "ReduceSum", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceLogSumExp",
      "ReduceSumSquare", "ReduceLogSum":
      return [.view(try addReduction(node))]
    case "SpaceToDepth", "DepthToSpace": return [.view(try addDepth(node))]
    case "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Expand":
      return [try moved(node)]
    default: return [.view(try addActivation(node))]
    }
  }

  /// The value after a node that moves its elements.
  private mutating func moved(_ node: ONNXGraph.Node) throws -> ONNXValue {
    let input = try value(node, 0)
    if case .scores(var scores) = input { return .scores(try regrouped(&scores, node)) }
    let view = try view(node, 0)
    let mover = name(of: node)
    let result: ONNXView?
    switch node.operation {
    case "Transpose":
      result = view.transposed(
        node.integers("perm") ?? view.axes.indices.reversed(), by: mover)
    case "Squeeze":
      let list = axes(of: node)
      result = list == nil && node.input(1) != nil ? nil : view.squeezed(list, by: mover)
    case "Unsqueeze": result = axes(of: node).flatMap { view.unsqueezed($0, by: mover) }
    case "Flatten":
      let axis = try node.integer("axis", default: 1)
      let place = axis < 0 ? axis + view.axes.count : axis
      guard (0...view.axes.count).contains(place) else { throw ONNXRefusal(node.operation) }
      var flat = view
      flat.axes = [Array(view.axes[..<place].joined()), Array(view.axes[place...].joined())]
      flat.mover = mover
      result = flat.normalized
    case "Expand":
      // To its own shape, or by axes of one index.
      let target = node.input(1).flatMap { numbers[$0] }?.elements ?? []
      let own = view.shape
      let added = target.count - own.count
      func isOwn(_ length: ONNXAmount?, _ own: ONNXAmount) -> Bool {
        length?.isOne == true || length == Optional(own)
      }
      let isSame =
        added <= 0
        ? zip(target, own.suffix(target.count)).allSatisfy { isOwn($0, $1) }
        : zip(target.dropFirst(added), own).allSatisfy { isOwn($0, $1) }
          && target.prefix(added).allSatisfy { $0?.isOne == true }
      guard isSame, !target.isEmpty else { throw ONNXRefusal(node.operation) }
      result = added > 0 ? view.unsqueezed(Array(0..<added), by: mover) : view
    default:
      guard let target = node.input(1).flatMap({ numbers[$0] }) else {
        throw ONNXRefusal(node.operation)
      }
      let keepsZero = try node.integer("allowzero", default: 0) == 0
      result = view.reshaped(to: target.elements, keepsZero: keepsZero, by: mover)
    }
    guard let result else { throw ONNXRefusal(node.operation) }
    return .view(result)
  }

  /// Products of queries and keys whose axes before the last two are grouped in another way.
  private func regrouped(_ scores: inout ONNXScores, _ node: ONNXGraph.Node) throws -> ONNXScores {
    let mover = name(of: node)
    guard node.operation == "Reshape", let target = node.input(1).flatMap({ numbers[$0] }),
      target.elements.count >= 2, scores.shape.count >= 2
    else { throw ONNXRefusal(node.operation) }
    let shape = scores.shape
    var lengths = target.elements
    // What is left is told by what is there.
    if let rest = lengths.firstIndex(where: { $0?.integer == -1 || $0 == nil }) {
      var known = lengths
      known.remove(at: rest)
      lengths[rest] = ONNXAmount.product(shape).divided(
        by: ONNXAmount.product(known.compactMap { $0 }), isWhole: true)
    }
    guard Array(lengths.suffix(2)) == shape.suffix(2).map(Optional.some) else {
      throw ONNXRefusal(node.operation)
    }
    let groups = Array(lengths.dropLast(2))
    func regroup(_ view: ONNXView) -> ONNXView? {
      view.reshaped(to: groups + view.shape.suffix(2), keepsZero: false, by: mover)
    }
    guard let queries = regroup(scores.queries), let keys = regroup(scores.keys) else {
      throw ONNXRefusal(node.operation)
    }
    scores.queries = queries
    scores.keys = keys
    return scores
  }
}
