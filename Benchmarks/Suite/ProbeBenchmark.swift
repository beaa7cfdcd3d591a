import Foundation
import LinearAlgebra
import Probes
import Support

/// Probes of one layer of many models: an epoch of ProbeX with its published sizes, and kernel ridge
/// regression, which solves for the dense expert. All processors.
enum ProbeBenchmark {
  private static let outputs = 100

  /// The times of both, in milliseconds.
  static func run(models: Int, side: Int) throws -> [String: [String: Double]] {
    guard (10...10_000).contains(models), (8...4096).contains(side) else {
      throw Diagnostic(.usage, "10 to 10000 models and a side of 8 to 4096 are needed")
    }
    let stack = LayerStack<Float>(rows: side, columns: side, values: numbers(models * side * side))
    let targets = ProbeTargets.labels(
      Matrix<Float>(rows: models, columns: outputs) { Float(($0 * 7 + $1 * $1 * 3) / 2 % 2) })
    let all = Array(0..<models)
    var options = ProbeTrainingOptions()
    options.epochs = 1
    let shape = ProbeNetworkShape(rows: side, columns: side, head: .linear(outputs: outputs))
    let network = ProbeNetwork<Float>(shape: shape, seed: 1)
    let epoch = try Stopwatch.best(of: 3) {
      _ = try ProbeTrainer(options: options).train(
        network, on: stack, targets: targets, training: all, validation: [])
    }
    let ridge = try Stopwatch.best(of: 1) {
      // A new input each time: it keeps its inner products.
      _ = try DenseProbe().fit(
        ProbeInput(stack: stack), targets, training: all, validation: [],
        settings: ProbeSettings(), jobs: nil)
    }
    return ["epoch": epoch.milliseconds, "ridge": ridge.milliseconds]
  }

  /// Numbers between −1 and 1, from a linear congruential generator: what they are does not matter here.
  private static func numbers(_ count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { target, filled in
      var state: UInt64 = 1
      for at in 0..<count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        target[at] = Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
      }
      filled = count
    }
  }
}
