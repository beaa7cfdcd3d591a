import LinearAlgebra
public import ModelGraph
import Support
public import Tensors

/// Directions in the space of a network's weights.
public enum WeightDirection {
  /// A random direction in which every filter has the length of the network's own, so that sections of
  /// networks that only differ by the scale of their layers are alike (Li, Xu, Taylor, Studer and
  /// Goldstein, "Visualizing the loss landscape of neural nets", 2018, section 4).
  ///
  /// A filter is what makes one output channel. Biases and the weights of normalisations do not move, as
  /// in the authors' code, nor do statistics.
  ///
  /// - Parameter seed: decides the direction.
  public static func filterNormalized(
    _ graph: ModelGraph, _ weights: Weights, seed: UInt64
  ) -> Weights {
    let root = SeededGenerator(seed: seed)
    var result: Weights = [:]
    for (name, tensor) in weights { result[name] = Tensor(zeros: tensor.shape) }
    for (index, parameter) in graph.parameters.enumerated() where parameter.shape.count > 1 {
      guard let own = weights[parameter.tensor] else { continue }
      var generator = root.derived(UInt64(index))
      let kernel = parameter.joined
      let axis = kernel.axes.firstIndex {
        if case .output = $0 { true } else { false }
      }
      let length = axis.map { kernel.shape[$0] } ?? 1
      let stride = axis.map { kernel.shape[($0 + 1)...].reduce(1, *) } ?? own.values.count
      var values = own.values.map { _ in generator.normal() }
      var squares = Array(repeating: (drawn: 0.0, own: 0.0), count: length)
      for place in values.indices {
        let filter = place / stride % length
        squares[filter].drawn += values[place] * values[place]
        squares[filter].own += Double(own.values[place]) * Double(own.values[place])
      }
      let scales = squares.map { $0.drawn > 0 ? ($0.own / $0.drawn).squareRoot() : 0 }
      for place in values.indices { values[place] *= scales[place / stride % length] }
      result[parameter.tensor] = Tensor(shape: own.shape, values: values.map { Float($0) })
    }
    return result
  }

  /// `b − a`, tensor by tensor.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a tensor is missing or has another shape.
  static func difference(_ a: Weights, _ b: Weights) throws -> Weights {
    var result: Weights = [:]
    for (name, tensor) in a {
      guard let other = b[name], other.shape == tensor.shape else {
        throw Diagnostic(
          .badData, "the networks do not have this tensor in the same shape", at: [name])
      }
      result[name] = Tensor(
        shape: tensor.shape, values: zip(tensor.values, other.values).map { $1 - $0 })
    }
    return result
  }

  /// The inner product over some tensors, in Float64 and in the order of the names.
  static func dot(_ a: Weights, _ b: Weights, over names: [String]) -> Double {
    var sum = 0.0
    for name in names {
      for (x, y) in zip(a[name]?.values ?? [], b[name]?.values ?? []) {
        sum += Double(x) * Double(y)
      }
    }
    return sum
  }

  /// `origin + Σ factor·direction`.
  static func point(_ origin: Weights, _ parts: [(factor: Double, direction: Weights)]) -> Weights {
    var result = origin
    for (name, tensor) in origin {
      var values = tensor.values.map { Double($0) }
      for part in parts where part.factor != 0 {
        let direction = part.direction[name]?.values ?? []
        for place in direction.indices { values[place] += part.factor * Double(direction[place]) }
      }
      result[name]?.values = values.map { Float($0) }
    }
    return result
  }
}
