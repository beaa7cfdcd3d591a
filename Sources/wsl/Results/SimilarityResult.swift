import Curvature
import Foundation
import LinearAlgebra
import Reports
import Support
import Workbench

/// What `wsl similarity` says: of the first split, and of each where there are several.
struct SimilarityResult: Encodable {
  struct Layer: Encodable {
    var layer: String
    /// A row a network. Null where the outputs of one do not vary.
    var cka: [[FiniteNumber]]
    var svcca: [[FiniteNumber]]?
    /// The means over all pairs.
    var meanCKA: FiniteNumber
    var meanSVCCA: FiniteNumber?
  }

  struct Split: Encodable {
    var split: String
    var examples: Int
    var layers: [Layer]
    /// On what share of the examples the largest outputs agree: a row a network.
    var agreement: [[Double]]
    var meanAgreement: Double
  }

  var models: [String]
  var data: String
  var estimate: String
  var normalization: NormalizationRecord?
  /// The shape of the weights by which examples were mixed; nil where they are as they are.
  var mixup: Double?
  var splits: [Split] = []
  var warnings: [String] = []
  private let measuresSVCCA: Bool

  init(
    models: [String], data: String, estimate: SimilarityMatrix.Estimate, measuresSVCCA: Bool
  ) {
    self.models = models
    self.data = data
    self.estimate = estimate.rawValue
    self.measuresSVCCA = measuresSVCCA
  }

  mutating func add(_ similarity: NetworkSimilarity, split: String) {
    let count = similarity.count
    func table(_ value: (Int, Int) -> Double) -> [[Double]] {
      (0..<count).map { row in (0..<count).map { value(row, $0) } }
    }
    func mean(_ rows: [[Double]]) -> Double {
      (0..<count).flatMap { a in (0..<a).map { rows[a][$0] } }.mean ?? .nan
    }
    func numbers(_ rows: [[Double]]) -> [[FiniteNumber]] { rows.map { $0.map(FiniteNumber.init) } }
    let layers = zip(similarity.layers, similarity.matrices).map { name, matrix in
      let cka = table(matrix.cka)
      let canonical = measuresSVCCA ? table(matrix.svcca) : nil
      return Layer(
        layer: name, cka: numbers(cka), svcca: canonical.map(numbers),
        meanCKA: FiniteNumber(mean(cka)),
        meanSVCCA: canonical.map { FiniteNumber(mean($0)) })
    }
    let agreement = table { similarity.agreement[$0 * count + $1] }
    splits.append(
      Split(
        split: split, examples: similarity.exampleCount, layers: layers, agreement: agreement,
        meanAgreement: mean(agreement)))
  }

  private enum Key: String, CodingKey {
    case models, data, estimate, normalization, mixup, splits, warnings
  }

  func encode(to encoder: any Encoder) throws {
    try splits.first?.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(models, forKey: .models)
    try container.encode(data, forKey: .data)
    try container.encode(estimate, forKey: .estimate)
    try container.encodeIfPresent(normalization, forKey: .normalization)
    try container.encodeIfPresent(mixup, forKey: .mixup)
    if splits.count > 1 { try container.encode(splits, forKey: .splits) }
    try container.encode(warnings, forKey: .warnings)
  }

  /// The result for a person: a row a pair and layer.
  var text: String {
    let names = models.map { ($0 as NSString).lastPathComponent.escapingControlCharacters }
    return splits.map { split in
      var table = TextTable([
        .text("networks"), .text(""), .text("layer"), .number("CKA"), .number("SVCCA"),
        .number("agreement"),
      ])
      for a in names.indices {
        for b in names.indices where b > a {
          for layer in split.layers {
            table.add(
              names[a], names[b], layer.layer.escapingControlCharacters,
              NumberFormat.fixed(layer.cka[a][b].value, decimals: 4),
              layer.svcca.map { NumberFormat.fixed($0[a][b].value, decimals: 4) } ?? "",
              NumberFormat.percent(split.agreement[a][b]))
          }
        }
      }
      let examples = NumberFormat.grouped(split.examples)
      return "\(examples) \(split.split) examples of \(data.escapingControlCharacters)\n"
        + table.text
    }.joined(separator: "\n\n")
  }
}

extension SimilarityResult: TabularResult {
  /// A row a pair of networks, a layer and a split.
  var table: ResultTable {
    var cells: [[ResultTable.Cell]] = []
    for split in splits {
      for a in models.indices {
        for b in models.indices where b > a {
          cells += split.layers.map { layer in
            [
              .text(models[a]), .text(models[b]), .text(split.split), .text(layer.layer),
              .number(layer.cka[a][b]), .number(layer.svcca?[a][b]),
              .number(split.agreement[a][b]),
            ]
          }
        }
      }
    }
    return ResultTable(["a", "b", "split", "layer", "cka", "svcca", "agreement"], cells)
  }
}
