import Catalogs

/// Which values of a graph are read where weights stand.
struct ONNXWeightPlaces {
  /// The inputs of an operation that are weights, by their places.
  private static let places: [String: Set<Int>] = [
    "Gemm": [0, 1, 2], "MatMul": [0, 1], "MatMulInteger": [0, 1], "Conv": [1, 2],
    "ConvInteger": [1], "ConvTranspose": [1, 2], "DeformConv": [1, 3],
    "BatchNormalization": [1, 2, 3, 4], "LayerNormalization": [1, 2],
    "InstanceNormalization": [1, 2], "GroupNormalization": [1, 2], "RMSNormalization": [1],
    "PRelu": [1], "LSTM": [1, 2, 3, 7],
    "GRU": [1, 2, 3], "RNN": [1, 2, 3], "DequantizeLinear": [0, 1, 2], "Einsum": [0, 1, 2],
    "QLinearConv": [3, 8], "QLinearMatMul": [0, 3],
  ]
  /// Operations that hand a tensor on, in their first input: in another shape, order or type.
  private static let folds: Set<String> = [
    "Identity", "Cast", "CastLike", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten",
    "Expand", "DequantizeLinear", "Slice", "Split", "Tile", "Pad",
  ]
  /// Operations that put several tensors together.
  private static let joins: Set<String> = [
    "Concat", "Sum", "Add", "Sub", "Mul", "Div", "Where", "If",
  ]
  /// Operations on elements and rows: several numbers beside what is computed are a bias, a factor or a
  /// table, where single ones are settings.
  private static let arithmetic: Set<String> = [
    "Add", "Sub", "Mul", "Div", "Sum", "Pow", "Max", "Min", "Concat", "Gather", "GatherElements",
    "GatherND",
  ]

  /// Values in a place of weights.
  private var named: Set<String> = []
  /// Values in a place where tensors are weights, and single numbers are settings.
  private var beside: Set<String> = []

  /// Finds them.
  ///
  /// - Parameter nodes: those of the graph, and of all graphs within it.
  /// - Complexity: O(nodes), each time for a chain of nodes that hand a tensor on.
  init(_ nodes: [ONNXGraph.Node]) {
    for node in nodes {
      for (place, input) in node.inputs.enumerated() where !input.isEmpty {
        if !node.domain.isEmpty, node.domain != "ai.onnx" {
          // What another set of operations reads is not known.
          beside.insert(input)
        } else if Self.places[node.operation]?.contains(place) == true {
          named.insert(input)
        } else if Self.arithmetic.contains(node.operation) {
          beside.insert(input)
        }
      }
    }
    // From the last to the first: nodes stand after those that they read, also those of inner graphs,
    // but for what an inner graph reads of the graph around it, which the second round finds.
    for _ in 0..<2 {
      for node in nodes.reversed() {
        let isJoin = Self.joins.contains(node.operation)
        guard isJoin || Self.folds.contains(node.operation) else { continue }
        let sources = isJoin ? node.inputs[...] : node.inputs.prefix(1)
        for output in node.outputs {
          if named.contains(output) || beside.contains(output) { beside.formUnion(sources) }
          if named.contains(output), !isJoin { named.formUnion(sources) }
        }
      }
    }
  }

  /// Whether a constant is a weight.
  func read(_ constant: ONNXConstant) -> Bool {
    guard !constant.value.isEmpty else { return false }
    if named.contains(constant.value) { return true }
    return beside.contains(constant.value) && constant.isLarge
  }
}
