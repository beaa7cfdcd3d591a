import LinearAlgebra
import Networks
import Support
import Tensors
public import ZooIndex

/// What averaging weights gains in test accuracy: over the last epochs of a training (as WiSE-FT does,
/// Wortsman et al. 2022; Izmailov et al. 2018), and over the trainings of a cell with their units lined up
/// (Git Re-Basin, Ainsworth et al. 2023) and as they are.
///
/// Every tensor is averaged, biases and statistics included; statistics of batch normalisation are then
/// measured anew on the training examples. The gain is over the model itself for its epochs, and over the
/// mean accuracy of the averaged ones for trainings; these are lined up with the model.
public struct AveragingMetric: ComparingMetric {
  /// How many epochs are averaged, the last one included.
  public static let epochs = 5

  private let cells: ZooCells
  private let examples: HessianMetric.Examples

  /// Makes the metric.
  public init(_ cells: ZooCells, examples: HessianMetric.Examples) {
    self.cells = cells
    self.examples = examples
  }

  /// Its settings name the data.
  public var description: MetricDescription {
    MetricDescription(
      name: "averaging", settings: "1 \(examples.summary) \(Self.epochs)",
      columns: ["models", "accuracy", "without", "gain"])
  }

  /// Checkpoints within a training are averaged with its end.
  public func applies(to model: Int64) -> Bool { cells.isEnd(model) }

  /// The checkpoints of the training, and then the other trainings of the cell.
  public func companions(of model: Int64) -> [Int64] {
    checkpoints(of: model) + cells.others(of: model)
  }

  /// Others to average with are other numbers.
  public func settings(for model: Int64) -> String {
    "\(description.settings) \(cells.fingerprint(checkpoints(of: model))) "
      + cells.fingerprint(cells.others(of: model))
  }

  private func checkpoints(of model: Int64) -> [Int64] {
    (try? cells.checkpoints(of: model, last: Self.epochs - 1)) ?? []
  }

  /// Measures the means; a row each, called epochs, seeds and naiveSeeds.
  ///
  /// - Throws: `Diagnostic` of code `badData` where there is nothing to average with, or a network cannot
  ///   be run.
  public func measure(
    _ model: ScannedModel, id: Int64, beside companions: [ScannedModel]
  ) throws -> MetricResult {
    let count = try cells.checkpoints(of: id, last: Self.epochs - 1).count
    guard !companions.isEmpty else {
      throw Diagnostic(
        .badData, "it has neither checkpoints nor another start to be averaged with")
    }
    let member = try CellMember(model, beside: companions)
    let meter = try PathMeter(member.graph, on: examples)
    let own = try meter.accuracy(member.weights)
    var result = MetricResult(rows: [])
    func add(_ name: String, _ networks: [Weights], without: Double) throws {
      let accuracy = try meter.accuracy(ofMean: networks)
      result.rows.append(
        MetricResult.Row(
          name: name,
          values: [
            .integer(Int64(networks.count)), .finite(accuracy), .finite(without),
            .finite(accuracy - without),
          ]))
      result.summary[name + "Gain"] = .finite(accuracy - without)
      result.summary[name + "Accuracy"] = .finite(accuracy)
    }
    let (epochs, seeds) = (member.others.prefix(count), member.others.dropFirst(count))
    if !epochs.isEmpty {
      try add("epochs", epochs.map(\.weightsB) + [member.weights], without: own)
    }
    if !seeds.isEmpty {
      let accuracies = try [own] + seeds.map { try meter.accuracy($0.weightsB) }
      let mean = accuracies.mean ?? .nan
      try add(
        "seeds", try [member.weights] + seeds.map { try member.matched($0) }, without: mean)
      try add("naiveSeeds", [member.weights] + seeds.map(\.weightsB), without: mean)
    }
    return result
  }
}
