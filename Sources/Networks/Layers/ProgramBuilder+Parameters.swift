import ModelGraph
import Support

extension ProgramBuilder {
  /// The slot of a one-dimensional parameter over the channels: bias, gamma, statistics.
  func vectorSlot(
    _ role: Parameter.Role, of layer: Layer, count: Int
  ) throws -> ParameterStore.Slot? {
    guard let parameter = layer.parameter(role) else { return nil }
    guard parameter.shape.reduce(1, *) == count else {
      throw Diagnostic(
        .badData, "the shape is \(parameter.shape); the layer needs \(count) elements",
        at: [parameter.tensor])
    }
    return try store.slot(
      for: parameter, shape: [count], fileStrides: [1], preferring: nil)
  }

  /// The parameter of a role that the layer cannot do without.
  func requiredParameter(_ role: Parameter.Role, of layer: Layer) throws -> Parameter {
    guard let parameter = layer.parameter(role) else {
      throw Diagnostic(.badData, "the layer has no \(role.rawValue)", at: [layer.name])
    }
    return parameter
  }

  /// Checks that a parameter has the shape that its axes should have.
  func check(_ parameter: Parameter, hasAxes expected: [Parameter.Axis: Int]) throws {
    let parameter = parameter.joined
    let isRight =
      parameter.axes.count == expected.count
      && zip(parameter.axes, parameter.shape).allSatisfy { expected[$0] == $1 }
    guard isRight else {
      let wanted = expected.map { "\($0.key): \($0.value)" }.sorted().joined(separator: ", ")
      throw Diagnostic(
        .badData, "the shape \(parameter.shape) does not fit the layer (\(wanted))",
        at: [parameter.tensor])
    }
  }

  /// Whether a gradient flows through the output of a layer.
  func needsGradient(_ layer: Layer, _ inputs: [Value]) -> Bool {
    inputs.contains(where: \.needsGradient)
      || (options.differentiatesWeights && layer.parameters.contains { !$0.role.isStatistic })
  }

  /// Refuses to differentiate a layer.
  func refuseGradient(_ layer: Layer) throws {
    throw Diagnostic(
      .usage, "networks with a \(layer.operation.name) layer can be run, not trained",
      at: [layer.name])
  }
}
