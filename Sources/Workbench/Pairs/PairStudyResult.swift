import Catalogs
import Connectivity
import Datasets
import ModelGraph
import Networks
package import Support
import Tensors
import WeightFiles

/// What a study of paths between networks found, as it is written as JSON: keys are added, never renamed.
package struct PairStudyResult: Codable {
  package struct PointRow: Codable {
    package var t: Double
    package var loss: FiniteNumber
    package var accuracy: FiniteNumber
  }

  package struct BarrierRow: Codable {
    package var loss: FiniteNumber
    package var accuracy: FiniteNumber
    package var at: Double
  }

  /// The signed barriers by every published definition (`Barriers`).
  package struct BarrierSet: Codable {
    package var overLine: FiniteNumber?
    package var overMean: FiniteNumber?
    package var atMiddle: FiniteNumber?
    package var modeConnectivity: FiniteNumber?
  }

  package struct BarriersRow: Codable {
    package var loss: BarrierSet
    package var error: BarrierSet
  }

  /// Taylor's estimate of the barrier at the middle, beside the true one there.
  package struct TaylorRow: Codable {
    package var estimate: FiniteNumber
    package var barrier: FiniteNumber
    package var slopes: [FiniteNumber]
    package var curvatures: [FiniteNumber]
  }

  /// R(γ) of Ito et al. 2025 between the ends, and between each end and the middle.
  package struct AlignmentRow: Codable {
    package var gammas: [Double]
    package var ends: [FiniteNumber]
    package var aMiddle: [FiniteNumber]
    package var bMiddle: [FiniteNumber]
  }

  /// How far a layer's outputs are apart on the same inputs, and what the singular vectors allow
  /// (`OutputBound`).
  package struct OutputBoundRow: Codable {
    package var tensor: String
    package var inputs: Int
    package var outputNorm: FiniteNumber
    package var difference: FiniteNumber
    package var bound: FiniteNumber
    package var plainBound: FiniteNumber
    package var gammas: [Double]
    package var concentration: [FiniteNumber]
    package var isotropic: [FiniteNumber]
  }

  /// The path with each place at the temperature where its loss is smallest.
  package struct TemperatureRow: Codable {
    package struct Point: Codable {
      package var t: Double
      package var temperature: FiniteNumber
      package var loss: FiniteNumber
    }

    package var points: [Point]
    /// The largest excess over the line between the ends, and where it is.
    package var barrier: FiniteNumber
    package var at: Double
    package var barriers: BarrierSet
  }

  package struct CurveRow: Codable {
    package var name: String
    package var a: String
    package var b: String
    package var split: String
    package var points: [PointRow]
    package var barrier: BarrierRow
    package var barriers: BarriersRow
    package var bestTemperature: TemperatureRow?
    package var taylor: TaylorRow?
    package var l2: FiniteNumber?
    package var cosine: FiniteNumber?
    package var alignment: AlignmentRow?
    package var outputBound: [OutputBoundRow]?
    package var scaling: ScalingRow?
  }

  /// The mean of all networks.
  package struct MeanRow: Codable {
    package var name: String
    package var split: String
    package var loss: FiniteNumber
    package var accuracy: FiniteNumber
  }

  /// How far the singular values of a kernel are apart, relative to A's: permutations do not change
  /// them.
  package struct SpectrumRow: Codable {
    package var a: String
    package var b: String
    package var tensor: String
    package var difference: FiniteNumber
    package var values: [[FiniteNumber]]
  }

  package struct RepairRow: Codable {
    package var method: String
    package var examples: Int?
    package var split: String?
  }

  package var command = "connect"
  package var method: String?
  /// What was searched where that is more than orders of units: a level of symmetries.
  package var symmetries: String?
  package var a: String
  package var b: String
  package var models: [String]
  package var data: String
  package var normalization: NormalizationRecord?
  package var split: String
  package var examples: Int?
  /// The loss, and what outputs are compared with; null where the user's command measures.
  package var lossFunction: String?
  package var target: String?
  package var parameters: Int
  package var hiddenUnits: [Int]
  package var repair: RepairRow?
  package var curves: [CurveRow]
  package var means: [MeanRow]
  package var singularValues: [SpectrumRow]
  /// One a network after the first.
  package var pairing: [PairingRow]
  package var warnings: [String]
}

extension PairStudyResult {
  /// Measures everything.
  ///
  /// - Parameters:
  ///   - method: how the networks were matched; nil for not at all.
  ///   - data: what they are measured on.
  ///   - warnings: what was to be said before.
  /// - Throws: what measuring throws.
  package init(
    _ study: PairStudy, method: String?, data: String, warnings before: [String]
  ) async throws {
    let loaded = study.models
    let parts = study.judge.parts
    models = loaded.models.map(\.file.catalog.file)
    a = models[0]
    b = models[1]
    self.data = data
    self.method = method
    split = parts.count == 1 ? parts[0].split.rawValue : "both"
    examples = parts[0].exampleCount
    lossFunction = parts[0].objective?.loss.rawValue
    target = parts[0].objective?.target.rawValue
    parameters = loaded.models[0].weights.values.reduce(0) { $0 + $1.values.count }
    hiddenUnits = loaded.groups.map(\.size)
    repair = study.repair.map(RepairRow.init)
    pairing = loaded.models.compactMap { model in
      model.pair.map { PairingRow($0, with: model.file.catalog.file) }
    }
    curves = []
    means = []
    singularValues = []
    for (first, second) in loaded.pairs {
      for matched in [false, true].prefix(method == nil ? 1 : 2) {
        for finding in try await study.findings(first, second, isMatched: matched) {
          curves += finding.curves.indices.map { part in
            CurveRow(finding, part: part, split: parts[part].split.rawValue, models: loaded)
          }
        }
      }
      if let measuring = study.measuring {
        let values = (try measuring.spectra(first), try measuring.spectra(second))
        let differences = try measuring.singularValueDifferences(first, second)
        for (index, row) in differences.enumerated() {
          singularValues.append(
            SpectrumRow(
              a: first.file.catalog.file, b: second.file.catalog.file, tensor: row.tensor,
              difference: FiniteNumber(row.difference ?? .nan),
              values: [values.0[index].values, values.1[index].values].map {
                $0.map(FiniteNumber.init)
              }))
        }
      }
    }
    if loaded.models.count > 2 {
      for matched in [false, true].prefix(method == nil ? 1 : 2) {
        for mean in try await study.means(isMatched: matched) {
          means += zip(parts, mean.results).map { part, result in
            MeanRow(
              name: mean.name, split: part.split.rawValue, loss: FiniteNumber(result.loss),
              accuracy: FiniteNumber(result.accuracy))
          }
        }
      }
    }
    warnings = before + loaded.brokenElements.map(\.warning)
    for text in parts.flatMap({ $0.notes + [$0.objective?.statement].compactMap { $0 } })
    where !warnings.contains(text) {
      warnings.append(text)
    }
    if loaded.graph.hasBatchNormalization, study.repair == nil {
      warnings.append(
        "between the ends the running statistics of batch normalisation are interpolated, not "
          + "measured again: barriers of such networks are overstated; "
          + "\(Wording("use \(setting: .repair) reset"))")
    }
    for curve in curves where curve.points.contains(where: { !$0.loss.value.isFinite }) {
      warnings.append("the \(curve.name) path has losses that are not finite; they are null")
    }
  }
}
