import Foundation
import Matching
import ModelGraph

@testable import Matching

/// Runs small networks of sequences in Float64, plainly: what the tests of symmetries compare. It shares no
/// code with the networks of the tool.
struct ReferenceForward {
  let graph: ModelGraph
  let tensors: [String: DoubleTensor]

  /// The network's output for a row of tokens: a row for each step.
  func run(_ tokens: [Int]) -> [[Double]] {
    var outputs: [[[Double]]] = []
    for layer in graph.layers {
      outputs.append(compute(layer, layer.inputs.map { outputs[$0] }, tokens))
    }
    return outputs[graph.outputs[0]]
  }

  private func values(_ layer: Layer, _ role: Parameter.Role) -> [Double]? {
    layer.parameter(role).flatMap { tensors[$0.tensor]?.values }
  }

  private func compute(_ layer: Layer, _ inputs: [[[Double]]], _ tokens: [Int]) -> [[Double]] {
    switch layer.operation {
    case .input: return tokens.map { [Double($0)] }
    case .embedding(_, let size, _):
      let table = values(layer, .embeddings) ?? []
      return tokens.map { Array(table[($0 * size)..<(($0 + 1) * size)]) }
    case .tableAddition:
      let table = values(layer, .embeddings) ?? []
      return inputs[0].enumerated().map { step, row in
        row.indices.map { row[$0] + table[step * row.count + $0] }
      }
    case .dense: return dense(layer, inputs[0])
    case .layerNormalization(let epsilon, _):
      return inputs[0].map { row in
        let mean = row.reduce(0, +) / Double(row.count)
        var variance = 0.0
        for value in row { variance += (value - mean) * (value - mean) / Double(row.count) }
        let gamma = values(layer, .gamma)
        let beta = values(layer, .beta)
        let deviation = (variance + epsilon).squareRoot()
        return row.indices.map { index -> Double in
          let scaled = (row[index] - mean) / deviation
          return scaled * (gamma?[index] ?? 1) + (beta?[index] ?? 0)
        }
      }
    case .rmsNormalization(let normalization):
      let gamma = values(layer, .gamma)
      return inputs[0].map { row in
        let width = row.count / normalization.blocks
        return row.indices.map { index -> Double in
          let block = row[(index / width * width)..<(index / width * width + width)]
          var square = 0.0
          for value in block { square += value * value / Double(width) }
          let gain = gamma.map { $0[index % $0.count] + normalization.offset } ?? 1
          return row[index] / (square + normalization.epsilon).squareRoot() * gain
        }
      }
    case .select(let selection): return inputs[0].map { row in selection.channels.map { row[$0] } }
    case .attention(let attention): return attend(layer, attention, inputs)
    case .add: return combine(inputs, +)
    case .multiply: return combine(inputs, *)
    case .channelScale:
      let (gamma, beta) = (values(layer, .gamma), values(layer, .beta))
      return inputs[0].map { row in
        row.indices.map { index -> Double in
          row[index] * (gamma?[index] ?? 1) + (beta?[index] ?? 0)
        }
      }
    case .activation(let activation):
      return inputs[0].map { $0.map { Self.activate($0, activation) } }
    case .routing(let routing):
      return inputs[0].map { row in
        var weights =
          routing.gate == .softmax ? Self.softmax(row) : row.map { 1 / (1 + exp(-$0)) }
        if let most = routing.mostExperts {
          let least = weights.sorted(by: >)[most - 1]
          weights = weights.map { $0 < least ? 0 : $0 }
        }
        let total = routing.normalizes ? weights.reduce(0, +) : 1
        return weights.map { $0 / total * routing.scale }
      }
    case .mixture:
      return inputs[0].indices.map { step in
        inputs[1][step].indices.map { channel -> Double in
          var sum = 0.0
          for (expert, output) in inputs.dropFirst().enumerated() {
            sum += inputs[0][step][expert] * output[step][channel]
          }
          return sum
        }
      }
    default: return inputs.first ?? []
    }
  }

  private func combine(
    _ inputs: [[[Double]]], _ operation: (Double, Double) -> Double
  ) -> [[Double]] {
    inputs.dropFirst().reduce(inputs[0]) { sum, other in
      zip(sum, other).map { zip($0, $1).map(operation) }
    }
  }

  private func dense(_ layer: Layer, _ rows: [[Double]]) -> [[Double]] {
    guard let kernel = layer.parameter(.kernel), let weights = tensors[kernel.tensor]?.values else {
      return rows
    }
    let isOutputFirst = kernel.axes[0] == .output
    let (outputs, inputs) =
      isOutputFirst ? (kernel.shape[0], kernel.shape[1]) : (kernel.shape[1], kernel.shape[0])
    let bias = values(layer, .bias)
    return rows.map { row in
      (0..<outputs).map { output -> Double in
        var sum = bias?[output] ?? 0
        for input in 0..<inputs {
          let place = isOutputFirst ? output * inputs + input : input * outputs + output
          sum += row[input] * weights[place]
        }
        return sum
      }
    }
  }

  private func attend(
    _ layer: Layer, _ attention: Attention, _ inputs: [[[Double]]]
  ) -> [[Double]] {
    let heads = attention.heads ?? 1
    let perGroup = heads / (attention.keyValueHeads ?? heads)
    let width = inputs[0][0].count / heads
    let valueWidth = inputs[2][0].count / (heads / perGroup)
    let scale = attention.scale ?? 1 / Double(width).squareRoot()
    let table = values(layer, .positionBias)
    return inputs[0].indices.map { step in
      (0..<heads).flatMap { head -> [Double] in
        let group = head / perGroup
        let query = turned(head: head, inputs[0][step], width, attention.rotary, step)
        let last = attention.isCausal ? step : inputs[1].count - 1
        let logits = (0...last).map { other -> Double in
          let key = turned(head: group, inputs[1][other], width, attention.rotary, other)
          var logit = 0.0
          for (one, other) in zip(query, key) { logit += one * other * scale }
          if let cap = attention.softCap { logit = cap * tanh(logit / cap) }
          if let table { logit += table[min(abs(step - other), 3) * heads + head] }
          return logit
        }
        let weights = Self.softmax(logits)
        return (0..<valueWidth).map { channel -> Double in
          var sum = 0.0
          for (other, weight) in weights.enumerated() {
            sum += weight * inputs[2][other][group * valueWidth + channel]
          }
          return sum
        }
      }
    }
  }

  private func turned(
    head: Int, _ row: [Double], _ width: Int, _ rotary: Rotary?, _ position: Int
  ) -> [Double] {
    var result = Array(row[(head * width)..<((head + 1) * width)])
    guard let rotary else { return result }
    let size = rotary.width ?? width
    for plane in 0..<(size / 2) {
      let angle = Double(position) * pow(rotary.base, -2 * Double(plane) / Double(size))
      let (first, second) =
        rotary.layout == .halves ? (plane, plane + size / 2) : (2 * plane, 2 * plane + 1)
      let (x, y) = (result[first], result[second])
      result[first] = x * cos(angle) - y * sin(angle)
      result[second] = x * sin(angle) + y * cos(angle)
    }
    return result
  }

  private static func softmax(_ logits: [Double]) -> [Double] {
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }

  private static func activate(_ x: Double, _ activation: Activation) -> Double {
    switch activation {
    case .relu: max(0, x)
    case .gelu: x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
    case .silu: x / (1 + exp(-x))
    case .tanh: tanh(x)
    default: x
    }
  }
}
