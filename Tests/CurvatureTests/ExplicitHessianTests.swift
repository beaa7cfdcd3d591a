import Foundation
import LinearAlgebra
import ModelGraph
import Networks
import Testing
import WeightFiles

@testable import Curvature

/// A number and its derivative along one direction.
private struct Dual {
  var value: Double
  var slope: Double = 0

  static func + (a: Dual, b: Dual) -> Dual {
    Dual(value: a.value + b.value, slope: a.slope + b.slope)
  }
  static func - (a: Dual, b: Dual) -> Dual {
    Dual(value: a.value - b.value, slope: a.slope - b.slope)
  }
  static func * (a: Dual, b: Dual) -> Dual {
    Dual(value: a.value * b.value, slope: a.value * b.slope + a.slope * b.value)
  }
  static func / (a: Dual, b: Dual) -> Dual {
    let value = a.value / b.value
    return Dual(value: value, slope: (a.slope - value * b.slope) / b.value)
  }
  var exponential: Dual { Dual(value: exp(value), slope: slope * exp(value)) }
  var tangent: Dual {
    let y = tanh(value)
    return Dual(value: y, slope: slope * (1 - y * y))
  }
}

/// The gradient of a perceptron's cross-entropy written out in dual numbers, 500 times: the whole matrix.
@Suite("The whole matrix of a network of 500 parameters")
struct ExplicitHessianTests {
  private static let widths = [8, 20, 10, 10]

  private static func graph() throws -> ModelGraph {
    var builder = ModelGraph.Builder(source: "test", channelOrder: .first)
    var last = try builder.input(shape: [widths[0]])
    for (index, (input, output)) in zip(widths, widths.dropFirst()).enumerated() {
      last = try builder.add(
        "d\(index)", .dense(units: output), inputs: [last],
        parameters: [
          Parameter(
            role: .kernel, tensor: "w\(index)", shape: [output, input], axes: [.output, .input]),
          Parameter(role: .bias, tensor: "b\(index)", shape: [output], axes: [.output]),
        ])
      if index < 2 {
        last = try builder.add("t\(index)", .activation(.tanh), inputs: [last])
      }
    }
    return try builder.finish(outputs: [last])
  }

  /// The gradient of the mean loss by all weights, a layer's kernel before its bias.
  private static func gradient(_ weights: [Dual], _ examples: [[Double]], _ labels: [Int]) -> [Dual]
  {
    var total = Array(repeating: Dual(value: 0), count: weights.count)
    let share = Dual(value: 1 / Double(examples.count))
    for (example, label) in zip(examples, labels) {
      var layers = [example.map { Dual(value: $0) }]
      var start = 0
      var starts: [Int] = []
      for (index, (input, output)) in zip(widths, widths.dropFirst()).enumerated() {
        starts.append(start)
        let below = layers[index]
        layers.append(
          (0..<output).map { unit in
            var sum = weights[start + input * output + unit]
            for k in 0..<input { sum = sum + weights[start + unit * input + k] * below[k] }
            return index < 2 ? sum.tangent : sum
          })
        start += input * output + output
      }
      let powers = layers[3].map(\.exponential)
      let sum = powers.reduce(Dual(value: 0), +)
      var delta = powers.enumerated().map { index, power in
        (power / sum - Dual(value: index == label ? 1 : 0)) * share
      }
      for index in (0..<3).reversed() {
        let (input, output) = (widths[index], widths[index + 1])
        let below = layers[index]
        var next = Array(repeating: Dual(value: 0), count: input)
        for unit in 0..<output {
          let bias = starts[index] + input * output + unit
          total[bias] = total[bias] + delta[unit]
          for k in 0..<input {
            let place = starts[index] + unit * input + k
            total[place] = total[place] + delta[unit] * below[k]
            next[k] = next[k] + weights[place] * delta[unit]
          }
        }
        delta = (0..<input).map { next[$0] * (Dual(value: 1) - below[$0] * below[$0]) }
      }
    }
    return total
  }

  @Test("columns, eigenvalues, trace and density agree with it")
  func agrees() throws {
    var generator = SeededGenerator(seed: 11)
    let graph = try Self.graph()
    var weights: Weights = [:]
    for parameter in graph.parameters {
      weights[parameter.tensor] = Tensor(
        shape: parameter.shape,
        values: (0..<parameter.shape.reduce(1, *)).map { _ in Float(0.4 * generator.normal()) })
    }
    let examples = (0..<6).map { _ in (0..<8).map { _ in Double(Float(generator.normal())) } }
    let labels = (0..<6).map { _ in generator.integer(below: 10) }
    let data = try Dataset(
      examples: examples.joined().map { Float($0) }, exampleShape: [8],
      labels: labels.map { Int32($0) }, classCount: 10)
    let hessian = try LossHessian(graph: graph, weights: weights, dataset: data)
    #expect(hessian.parameters.map(\.name) == ["w0", "b0", "w1", "b1", "w2", "b2"])
    #expect(hessian.dimension == 500)
    let flat = hessian.parameters.flatMap { weights[$0.name]?.values ?? [] }
    var matrix = Matrix<Double>(zeros: 500, 500)
    var largest = 0.0
    for column in 0..<500 {
      var duals = flat.map { Dual(value: Double($0)) }
      duals[column].slope = 1
      let slopes = Self.gradient(duals, examples, labels).map(\.slope)
      for row in 0..<500 {
        matrix[row, column] = slopes[row]
        largest = max(largest, abs(slopes[row]))
      }
    }
    var worst = 0.0
    for column in 0..<500 {
      var unit = Array(repeating: 0.0, count: 500)
      unit[column] = 1
      let product = try hessian.product(unit)
      for row in 0..<500 { worst = max(worst, abs(product[row] - matrix[row, column])) }
    }
    // Seen: 2e-7 of the largest element.
    #expect(worst / largest < 1e-5)

    let exact = try SymmetricEigenvectors(matrix).values
    let trace = (0..<500).reduce(0) { $0 + matrix[$1, $1] }
    var options = HessianOptions()
    options.densityVectors = 6
    let measures = try HessianMeasures(of: hessian, options: options)
    #expect(measures.top.hasConverged)
    for (index, value) in measures.top.values.enumerated() {
      #expect(abs(value - exact[499 - index]) < 1e-5 * exact[499])
      #expect(abs(value - exact[499 - index]) < measures.top.residuals[index] + 1e-6 * exact[499])
    }
    #expect(measures.trace.error > 0)
    #expect(abs(measures.trace.value - trace) < 4 * measures.trace.error)
    let density = try #require(measures.density)
    #expect(abs(density.weights.reduce(0, +) - 1) < 1e-9)
    let first = zip(density.nodes, density.weights).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(first * 500 - trace) < 0.3 * abs(trace))
  }
}
