import Foundation
import ModelGraph
import Support

extension ProgramBuilder {
  /// The weights of a mixture of experts, from the router's products. Forward only.
  ///
  /// Of products that are equal the first experts' are kept.
  func compileRouting(_ routing: Routing, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let experts = input.channelCount
    let kept = routing.mostExperts ?? experts
    guard (1...experts).contains(kept), input.channelAxis == input.shape.count - 1 else {
      throw Diagnostic(.badData, "\(kept) of \(experts) experts cannot be chosen")
    }
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.needsGradient = input.needsGradient
    output.mask = input.mask
    let (source, target) = (try plain(input).buffer, output.forms[0].buffer)
    let rows = batch * input.elementCount / experts
    emit(
      KernelCommand(touching: [source, target]) {
        for row in 0..<rows {
          let from = UnsafeBufferPointer(start: source.floats + row * experts, count: experts)
          let weights = routing.weights(from, keeping: kept)
          for expert in 0..<experts { target.floats[row * experts + expert] = weights[expert] }
        }
      })
    define(output, for: index)
    if output.needsGradient { try refuseGradient(layer) }
  }

  /// The sum of the inputs after the first, each times its channel of the first. Forward only.
  func compileMixture(_ layer: Layer, at index: Int) throws {
    let inputs = try inputs(of: layer)
    let experts = Array(inputs.dropFirst())
    guard let weights = inputs.first, let first = experts.first,
      weights.channelCount == experts.count,
      experts.allSatisfy({ $0.shape == first.shape }),
      weights.shape.dropLast() == first.shape.dropLast(),
      first.channelAxis == first.shape.count - 1
    else {
      throw Diagnostic(
        .badData,
        "weights of shape \(inputs.first?.shape ?? []) do not go with \(experts.count) experts of "
          + "\(experts.first?.shape ?? [])")
    }
    let output = try makeValue(layer.name, shape: first.shape, channelAxis: first.channelAxis)
    output.needsGradient = inputs.contains(where: \.needsGradient)
    output.mask = weights.mask
    let gates = try plain(weights).buffer
    let sources = try experts.map { try plain($0).buffer }
    let target = output.forms[0].buffer
    let width = first.channelCount
    let rows = batch * first.elementCount / width
    emit(
      KernelCommand(touching: [gates, target] + sources) {
        target.floats.update(repeating: 0, count: rows * width)
        for (expert, source) in sources.enumerated() {
          for row in 0..<rows {
            let factor = gates.floats[row * sources.count + expert]
            // An expert that is not asked for has no say, whatever it answers.
            guard factor != 0 else { continue }
            let (from, into) = (source.floats + row * width, target.floats + row * width)
            for channel in 0..<width { into[channel] += factor * from[channel] }
          }
        }
      })
    define(output, for: index)
    if output.needsGradient { try refuseGradient(layer) }
  }
}

extension Routing {
  /// The experts' weights for one step.
  fileprivate func weights(_ products: UnsafeBufferPointer<Float>, keeping kept: Int) -> [Float] {
    guard !products.contains(where: \.isNaN) else {
      return Array(repeating: .nan, count: products.count)
    }
    var weights: [Float]
    switch gate {
    case .softmax:
      let top = products.max() ?? 0
      weights = products.map { expf($0 - top) }
      let sum = weights.reduce(0, +)
      weights = weights.map { $0 / sum }
    case .sigmoid: weights = products.map { 1 / (1 + expf(-$0)) }
    }
    if kept < weights.count {
      let order = weights.indices.sorted { (products[$0], $1) > (products[$1], $0) }
      for expert in order[kept...] { weights[expert] = 0 }
    }
    let sum = normalizes ? weights.reduce(0, +) : 1
    return weights.map { $0 / sum * Float(scale) }
  }
}
