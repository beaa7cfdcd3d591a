import Foundation
import LinearAlgebra
import Tensors
import WeightFiles

@testable import Probes

/// A probe network that PyTorch trained for twenty steps: `Fixtures/make_reference.py`.
struct ReferenceProbe: Sendable {
  static let names = [
    "probex-labels", "probex-classes", "linear-numbers", "aligned", "mvprobe-labels",
    "mvprobe-classes",
  ]

  let shape: ProbeNetworkShape
  let stack: LayerStack<Float>
  let targets: ProbeTargets
  let texts: Matrix<Float>?
  let before: [Float]
  let after: [Float]
  let gradient: [Float]
  let losses: [Float]

  /// The models that a step learns from.
  static func batch(_ step: Int) -> [Int] { (0..<8).map { (5 * step + $0) % 12 } }

  init(_ name: String) async throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/probes.h5").path
    let file = try await WeightFile.open(path)
    func read(_ part: String) throws -> Tensor {
      try file.read(file.entry(named: "\(name)/\(part)"))
    }
    let x = try read("x")
    let y = try read("y")
    (before, after) = (try read("before").values, try read("after").values)
    (gradient, losses) = (try read("gradient").values, try read("losses").values)
    stack = LayerStack(rows: x.shape[1], columns: x.shape[2], values: x.values)
    let isAligned = name == "aligned"
    let textTensor = isAligned ? try read("texts") : nil
    texts = textTensor.map { Matrix(rows: $0.shape[0], columns: $0.shape[1], values: $0.values) }
    let outputs: Int
    if name.hasSuffix("labels") {
      targets = .labels(Matrix(rows: y.shape[0], columns: y.shape[1], values: y.values))
      outputs = y.shape[1]
    } else if name.hasSuffix("numbers") {
      targets = .numbers(y.values.map(Double.init))
      outputs = 1
    } else {
      targets = .classes(y.values.map { Int($0) }, count: 4)
      outputs = 4
    }
    let isMany = name.hasPrefix("mvprobe")
    shape = ProbeNetworkShape(
      rows: x.shape[1], columns: x.shape[2], probeCount: 4, projectionCount: 3,
      representationCount: 5, branches: isMany ? ProbeBranch.allCases : [.outputs],
      standardises: isMany, rectifies: !name.hasPrefix("linear"),
      head: isAligned ? .aligned(textWidth: 6) : .linear(outputs: outputs))
  }
}

extension LayerStack<Double> {
  /// The same matrices in Float64.
  init(widening stack: LayerStack<Float>) {
    self.init(
      rows: stack.rows, columns: stack.columns, rank: stack.rank,
      values: stack.values.map(Double.init))
  }
}
