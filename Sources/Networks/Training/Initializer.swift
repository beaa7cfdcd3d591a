import Foundation
import LinearAlgebra
public import ModelGraph
public import Tensors

/// Fresh weights for a graph.
///
/// Biases, shifts and running means are 0, scales and running variances 1, and the forget gates'
/// biases of an LSTM of Keras 1. Every tensor draws from a generator of its own, derived from the
/// seed and the tensor's place in `graph.parameters`.
public enum Initializer: Sendable, Hashable {
  /// Normal with variance 2 / fan-in (He et al. 2015). The default.
  case heNormal
  /// Uniform with variance 2 / fan-in.
  case heUniform
  /// Uniform with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010): Keras's default.
  case glorotUniform
  /// Uniform within 1 / √fan-in, biases too: PyTorch's default.
  case torchDefault
  /// Normal with a given standard deviation.
  case normal(Double)
  /// Uniform within a bound.
  case uniform(Double)

  /// Weights for every tensor of a graph, in the layout of its file.
  ///
  /// - Complexity: O(weights).
  public static func weights(
    for graph: ModelGraph, seed: UInt64, initializer: Initializer = .heNormal
  ) -> Weights {
    let root = SeededGenerator(seed: seed)
    var result: Weights = [:]
    for (index, parameter) in graph.parameters.enumerated() {
      var generator = root.derived(UInt64(index))
      let layer = graph.layers.first { $0.parameters.contains { $0.tensor == parameter.tensor } }
      result[parameter.tensor] = initializer.tensor(
        for: parameter, of: layer, using: &generator)
    }
    return result
  }

  private func tensor(
    for parameter: Parameter, of layer: Layer?, using generator: inout SeededGenerator
  ) -> Tensor {
    let kernel = layer?.parameter(.kernel)
    switch parameter.role {
    case .gamma, .movingVariance, .skipGain:
      return constant(1, parameter)
    case .beta, .movingMean, .positionBias:
      return constant(0, parameter)
    case .bias, .recurrentBias:
      if self == .torchDefault, let kernel {
        return uniform(1 / Double(fanIn(kernel)).squareRoot(), parameter, &generator)
      }
      return bias(parameter, of: layer)
    case .slope: return constant(0.25, parameter)
    case .stateDecay: return stateDecay(parameter)
    case .embeddings:
      return uniform(0.05, parameter, &generator)
    case .kernel, .recurrentKernel:
      return self.kernel(parameter, &generator)
    }
  }

  /// The logarithms of 1, 2, … for the states of every channel (Gu and Dao 2023, section 3.6).
  private func stateDecay(_ parameter: Parameter) -> Tensor {
    var tensor = constant(0, parameter)
    let states = parameter.shape.last ?? 1
    for place in tensor.values.indices { tensor.values[place] = log(Float(place % states + 1)) }
    return tensor
  }

  private func kernel(_ parameter: Parameter, _ generator: inout SeededGenerator) -> Tensor {
    let fanIn = Double(fanIn(parameter))
    switch self {
    case .heNormal: return normal((2 / fanIn).squareRoot(), parameter, &generator)
    case .heUniform: return uniform((6 / fanIn).squareRoot(), parameter, &generator)
    case .glorotUniform:
      let fanOut = fanIn * Double(outputCount(parameter)) / Double(inputCount(parameter))
      return uniform((6 / (fanIn + fanOut)).squareRoot(), parameter, &generator)
    case .torchDefault: return uniform(1 / fanIn.squareRoot(), parameter, &generator)
    case .normal(let deviation): return normal(deviation, parameter, &generator)
    case .uniform(let bound): return uniform(bound, parameter, &generator)
    }
  }

  private func bias(_ parameter: Parameter, of layer: Layer?) -> Tensor {
    var tensor = constant(0, parameter)
    if case .recurrent(let recurrent)? = layer?.operation, recurrent.kind == .lstm,
      layer?.parameter(.recurrentBias) == nil, tensor.values.count == 4 * recurrent.units
    {
      for unit in recurrent.units..<2 * recurrent.units { tensor.values[unit] = 1 }
    }
    return tensor
  }

  /// How many inputs each output sums over.
  private func fanIn(_ parameter: Parameter) -> Int {
    let parameter = parameter.joined
    let isDepthwise = parameter.axes.contains(.multiplier)
    return zip(parameter.axes, parameter.shape).reduce(1) { product, axis in
      switch axis.0 {
      case .spatial, .recurrentInput: product * axis.1
      case .input: isDepthwise ? product : product * axis.1
      case .stepInput: product * axis.1
      default: product
      }
    }
  }

  private func outputCount(_ parameter: Parameter) -> Int {
    let parameter = parameter.joined
    return zip(parameter.axes, parameter.shape).reduce(1) { product, axis in
      switch axis.0 {
      case .output, .multiplier, .stepOutput: product * axis.1
      default: product
      }
    }
  }

  private func inputCount(_ parameter: Parameter) -> Int {
    let parameter = parameter.joined
    let isDepthwise = parameter.axes.contains(.multiplier)
    return zip(parameter.axes, parameter.shape).reduce(1) { product, axis in
      switch axis.0 {
      case .input: isDepthwise ? product : product * axis.1
      case .recurrentInput, .stepInput: product * axis.1
      default: product
      }
    }
  }

  private func constant(_ value: Float, _ parameter: Parameter) -> Tensor {
    Tensor(
      shape: parameter.shape,
      values: Array(repeating: value, count: parameter.shape.reduce(1, *)))
  }

  private func normal(
    _ deviation: Double, _ parameter: Parameter, _ generator: inout SeededGenerator
  ) -> Tensor {
    let count = parameter.shape.reduce(1, *)
    let values = (0..<count).map { _ in Float(generator.normal() * deviation) }
    return Tensor(shape: parameter.shape, values: values)
  }

  private func uniform(
    _ bound: Double, _ parameter: Parameter, _ generator: inout SeededGenerator
  ) -> Tensor {
    let count = parameter.shape.reduce(1, *)
    let values = (0..<count).map { _ in Float((2 * generator.uniform() - 1) * bound) }
    return Tensor(shape: parameter.shape, values: values)
  }
}
