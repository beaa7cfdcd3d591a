import Catalogs
import Support

/// The tensors of recurrent layers: as ONNX stores them, or as a framework does, from which nodes put the
/// gates into ONNX's order.
extension ONNXImporter {
  /// A kernel of a recurrent node: a tensor of the model, or one whose gates are put into another order.
  func kernel(_ node: ONNXGraph.Node, _ index: Int) throws -> ONNXWeight {
    guard let value = node.input(index), let weight = weights[value], weight.pieces != nil else {
      return try self.weight(node, index)
    }
    guard weight.cut == nil, !weight.isExpanded, !shared.contains(weight.name) else {
      throw ONNXRefusal("\(node.operation) without a weight of its own")
    }
    return weight
  }

  /// In which order the gates of a kernel stand in the file; nil where it is none that layers have.
  func gateOrder(
    _ kind: Recurrent.Kind, _ units: Int, _ kernel: ONNXWeight
  ) -> Recurrent.GateOrder? {
    if kernel.axes == [0, 1, 2], kernel.pieces == nil { return .onnx }
    guard kernel.axes == [nil, 0, 1] else { return nil }
    return isFramework(kind, units, kernel) ? .framework : nil
  }

  /// Whether gates in PyTorch's order are put into ONNX's.
  private func isFramework(
    _ kind: Recurrent.Kind, _ units: Int, _ tensor: ONNXWeight
  ) -> Bool {
    // The places, in PyTorch's order, of the gates in ONNX's.
    let places: [Int]? =
      switch kind {
      case .simple: nil
      case .lstm: [0, 3, 1, 2]
      case .gru: [1, 0, 2]
      }
    guard let places else { return tensor.pieces == nil }
    guard let pieces = tensor.pieces, pieces.axis == 0 else { return false }
    return pieces.stretches.flatMap(Array.init)
      == places.flatMap { Array($0 * units..<($0 + 1) * units) }
  }

  /// The parameters of a recurrent layer.
  func parameters(
    _ node: ONNXGraph.Node, _ kind: Recurrent.Kind, _ units: Int, _ kernel: ONNXWeight,
    _ recurrent: ONNXWeight, _ order: Recurrent.GateOrder
  ) throws -> [Parameter] {
    let gates = kind.gateCount
    var parameters = [
      try kernel.parameter(.kernel, [.fixed, .output(blocks: gates), .input]),
      try recurrent.parameter(.recurrentKernel, [.fixed, .output(blocks: gates), .recurrentInput]),
    ]
    guard let input = node.input(3) else { return parameters }
    if order == .framework {
      guard let biases = rows[input], biases.count == 2,
        biases.allSatisfy({ $0.shape == [gates * units] && isFramework(kind, units, $0) }),
        biases.allSatisfy({ !shared.contains($0.name) && !$0.isExpanded })
      else { throw ONNXRefusal("\(node.operation) with a bias put together in another way") }
      for (role, bias) in zip([Parameter.Role.bias, .recurrentBias], biases) {
        parameters.append(try bias.parameter(role, [.output(blocks: gates)]))
      }
    } else {
      let bias = try weight(node, 3)
      guard bias.axes == [0, 1], bias.shape == [kernel.shape[0], 2 * gates * units] else {
        throw ONNXRefusal("\(node.operation) with \(describe(bias.fileShape))")
      }
      parameters.append(try bias.parameter(.bias, [.fixed, .output(blocks: 2 * gates)]))
    }
    return parameters
  }
}
