import Catalogs
import Connectivity
import Datasets
import ModelGraph
import Networks
import Reports
import Support
import Tensors
import WeightFiles
import Workbench

/// What `wsl connect` says.
struct ConnectResult: Encodable {
  struct PointRow: Encodable {
    var t: Double
    var loss: FiniteNumber
    var accuracy: FiniteNumber
  }

  struct BarrierRow: Encodable {
    var loss: FiniteNumber
    var accuracy: FiniteNumber
    var at: Double
  }

  /// The signed barriers by every published definition (`Barriers`).
  struct BarrierSet: Encodable {
    var overLine: FiniteNumber?
    var overMean: FiniteNumber?
    var atMiddle: FiniteNumber?
    var modeConnectivity: FiniteNumber?
  }

  struct BarriersRow: Encodable {
    var loss: BarrierSet
    var error: BarrierSet
  }

  /// Taylor's estimate of the barrier at the middle, beside the true one there.
  struct TaylorRow: Encodable {
    var estimate: FiniteNumber
    var barrier: FiniteNumber
    var slopes: [FiniteNumber]
    var curvatures: [FiniteNumber]
  }

  /// R(γ) of Ito et al. 2025 between the ends, and between each end and the middle.
  struct AlignmentRow: Encodable {
    var gammas: [Double]
    var ends: [FiniteNumber]
    var aMiddle: [FiniteNumber]
    var bMiddle: [FiniteNumber]
  }

  /// How far a layer's outputs are apart on the same inputs, and what the singular vectors allow
  /// (`OutputBound`).
  struct OutputBoundRow: Encodable {
    var tensor: String
    var inputs: Int
    var outputNorm: FiniteNumber
    var difference: FiniteNumber
    var bound: FiniteNumber
    var plainBound: FiniteNumber
    var gammas: [Double]
    var concentration: [FiniteNumber]
    var isotropic: [FiniteNumber]
  }

  /// The path with each place at the temperature where its loss is smallest.
  struct TemperatureRow: Encodable {
    struct Point: Encodable {
      var t: Double
      var temperature: FiniteNumber
      var loss: FiniteNumber
    }

    var points: [Point]
    /// The largest excess over the line between the ends, and where it is.
    var barrier: FiniteNumber
    var at: Double
    var barriers: BarrierSet
  }

  struct CurveRow: Encodable {
    var name: String
    var a: String
    var b: String
    var split: String
    var points: [PointRow]
    var barrier: BarrierRow
    var barriers: BarriersRow
    var bestTemperature: TemperatureRow?
    var taylor: TaylorRow?
    var l2: FiniteNumber?
    var cosine: FiniteNumber?
    var alignment: AlignmentRow?
    var outputBound: [OutputBoundRow]?
    var scaling: ScalingRow?
  }

  /// The mean of all networks.
  struct MeanRow: Encodable {
    var name: String
    var split: String
    var loss: FiniteNumber
    var accuracy: FiniteNumber
  }

  /// How far the singular values of a kernel are apart, relative to A's: permutations do not change
  /// them.
  struct SpectrumRow: Encodable {
    var a: String
    var b: String
    var tensor: String
    var difference: FiniteNumber
    var values: [[FiniteNumber]]
  }

  struct RepairRow: Encodable {
    var method: String
    var examples: Int?
    var split: String?
  }

  var command = "connect"
  var method: String?
  var a: String
  var b: String
  var models: [String]
  var data: String
  var normalization: NormalizationRecord?
  var split: String
  var examples: Int?
  /// The loss, and what outputs are compared with; null where the user's command measures.
  var lossFunction: String?
  var target: String?
  var parameters: Int
  var hiddenUnits: [Int]
  var repair: RepairRow?
  var curves: [CurveRow]
  var means: [MeanRow]
  var singularValues: [SpectrumRow]
  /// One a network after the first.
  var pairing: [PairingRow]
  var warnings: [String]
}

extension ConnectResult {
  /// Measures everything.
  init(_ study: PairStudy, method: String?, data: String) async throws {
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
    warnings = loaded.assumptions.map(\.warning) + loaded.brokenElements.map(\.warning)
    for text in parts.flatMap({ $0.notes + [$0.objective?.statement].compactMap { $0 } })
    where !warnings.contains(text) {
      warnings.append(text)
    }
    if loaded.graph.hasBatchNormalization, study.repair == nil {
      warnings.append(
        "between the ends the running statistics of batch normalisation are interpolated, not "
          + "measured again: barriers of such networks are overstated; use --repair reset")
    }
    for curve in curves where curve.points.contains(where: { !$0.loss.value.isFinite }) {
      warnings.append("the \(curve.name) path has losses that are not finite; they are null")
    }
  }
}
