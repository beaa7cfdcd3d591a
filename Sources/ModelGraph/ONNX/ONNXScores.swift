/// Products of queries with keys on their way to the values: what of attention stands before its last
/// product.
struct ONNXScores {
  /// The queries: their last axis meets the last but one of the keys.
  var queries: ONNXView
  /// The keys, turned.
  var keys: ONNXView
  /// What the products are multiplied by so far.
  var scale = 1.0
  /// Whether later steps are masked.
  var isCausal = false
  /// Why the attention cannot be run; nil where it can.
  var obstacle: String?
  /// Whether Softmax has been taken.
  var isWeighted = false
  /// The layers of masks that are computed from the data.
  var masks: [Int] = []

  /// The shape of the products.
  var shape: [ONNXAmount] {
    Array(queries.shape.dropLast()) + keys.shape.suffix(1)
  }
}

/// What a name in an ONNX graph stands for.
enum ONNXValue {
  /// The output of a layer, or its elements in another order.
  case view(ONNXView)
  /// Products of queries with keys.
  case scores(ONNXScores)
  /// The output of a layer of whose shape nothing is known.
  case unknown(Int)

  /// The layers of which it is made.
  var layers: [Int] {
    switch self {
    case .view(let view): [view.layer]
    case .scores(let scores): [scores.queries.layer, scores.keys.layer] + scores.masks
    case .unknown(let layer): [layer]
    }
  }
}
