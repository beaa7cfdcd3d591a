import ModelGraph
import Networks
import Support
import Tensors
import WeightFiles

/// About how much memory the training of a model takes, known before it begins.
package struct TrainingMemory {
  /// The weights alone, in bytes; `Int.max` where that cannot be counted.
  let weights: Int
  /// All of it: weights, as they were drawn, as they are and as they are measured, gradients, running
  /// averages, the file that is written, and what layers hand on for a batch, forwards and backwards.
  let total: Int

  /// Counts.
  ///
  /// - Parameter examples: how many there are: a batch has no more.
  init(_ graph: ModelGraph, _ options: TrainingOptions, examples: Int) {
    let elements = graph.parameters.reduce(0) {
      TrainingMemory.sum($0, checkedProduct($1.shape) ?? .max)
    }
    weights = checkedProduct([elements, MemoryLayout<Float>.size]) ?? .max
    let outputs = graph.layers.reduce(0) {
      TrainingMemory.sum($0, checkedProduct($1.outputShape.map { $0 ?? 1 }) ?? .max)
    }
    let batch = max(1, min(options.batchSize, examples))
    let passing = checkedProduct([outputs, batch, 2 * MemoryLayout<Float>.size]) ?? .max
    let copies = 6 + options.optimizer.stateCount
    total = TrainingMemory.sum(checkedProduct([weights, copies]) ?? .max, passing)
  }

  /// Refuses what the machine cannot hold.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  func check(available: Int = MachineMemory.byteCount) throws {
    guard total > available else { return }
    throw Diagnostic(
      .badData,
      "the network takes \(ByteCount.rough(weights)) and its training \(ByteCount.rough(total)) of "
        + "memory, and there are \(ByteCount.rough(available))",
      remedy: "make it narrower, or the batches smaller")
  }

  private static func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}
