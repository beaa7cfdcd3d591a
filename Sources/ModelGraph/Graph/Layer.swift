/// One node of a graph: an operation applied to the outputs of earlier nodes.
public struct Layer: Sendable, Hashable {
  /// The name in the model, unique in the graph. An activation that a framework keeps inside
  /// another layer is a node of its own, named after it: `dense/relu`.
  public var name: String
  /// What it computes.
  public var operation: Operation
  /// The indices, in the graph's list of layers, of the layers whose outputs it takes.
  public var inputs: [Int]
  /// Its weight tensors. Two layers may name the same tensors: they share them.
  public var parameters: [Parameter]
  /// The shape of one example's output, without the batch axis, in the model's own axis order;
  /// nil for a length that only the data decide. Without axes where nothing is known of it.
  public var outputShape: [Int?]

  /// Makes a layer.
  public init(
    name: String, operation: Operation, inputs: [Int], parameters: [Parameter] = [],
    outputShape: [Int?] = []
  ) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.parameters = parameters
    self.outputShape = outputShape
  }

  /// The parameter of a role.
  public func parameter(_ role: Parameter.Role) -> Parameter? {
    parameters.first { $0.role == role }
  }
}
