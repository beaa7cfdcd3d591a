import Curvature
import Support
public import ZooIndex

/// How alike the trainings of a cell answer, pair by pair: linear CKA of their logits on the test examples
/// (Kornblith et al. 2019, the unbiased estimate), and on what share of them their predictions agree.
public struct SimilarityMetric: ComparingMetric, PairMetric {
  /// Which trainings are paired.
  public let cells: ZooCells
  private let examples: HessianMetric.Examples

  /// Makes the metric.
  public init(_ cells: ZooCells, examples: HessianMetric.Examples) {
    self.cells = cells
    self.examples = examples
  }

  /// Its settings name the data.
  public var description: MetricDescription {
    MetricDescription(
      name: "similarity", settings: "1 \(examples.summary)", columns: ["cka", "agreement"])
  }

  /// Measures a model's pairs; a row a pair. The CKA of a network that answers every example alike is
  /// none: it has no place there.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is alone in its cell, or a network cannot be run.
  public func measure(
    _ model: ScannedModel, id: Int64, beside companions: [ScannedModel]
  ) throws -> MetricResult {
    try cells.requireOthers(of: id)
    guard !companions.isEmpty else { return MetricResult(rows: []) }
    let member = try CellMember(model, beside: companions)
    let similarity: NetworkSimilarity
    do {
      similarity = try NetworkSimilarity(
        of: [.init(graph: member.graph, weights: member.weights)]
          + member.others.map { .init(graph: member.graph, weights: $0.weightsB) },
        on: examples.test, measuresSVCCA: false, jobs: 1)
    } catch let error as Diagnostic where error.code == .usage {
      throw Diagnostic(.badData, error.message, at: error.location, remedy: error.remedy)
    }
    let rows = self.companions(of: id).enumerated().map { place, partner in
      MetricResult.Row(
        name: cells.file(of: partner),
        values: [
          .finite(similarity.matrices[0].cka(0, place + 1)),
          .finite(similarity.agreement[place + 1]),
        ])
    }
    return MetricResult(rows: rows, summary: rows.means(description.columns))
  }
}
