import Datasets
import Networks
import Reports
import Support
import Workbench

/// What `wsl signature study` says.
struct SignatureStudyResult: Encodable {
  struct Score: Encodable {
    var cleanAccuracy: FiniteNumber
    var robustAccuracy: FiniteNumber

    init(_ score: StudyScore) {
      cleanAccuracy = FiniteNumber(score.clean)
      robustAccuracy = FiniteNumber(score.robust)
    }
  }

  struct CorruptionRow: Encodable {
    var type: String
    var standard: Score
    var robust: Score
    /// By number of layers, from 1.
    var patched: [Score]
    var cosine: FiniteNumber
  }

  struct SweepRow: Encodable {
    var layers: Int
    var alpha: Double
    var score: Score
  }

  struct FormRow: Encodable {
    /// Nil for Float32.
    var levels: Int?
    var projection: Bool
    var score: Score
  }

  struct PairRow: Encodable {
    var alpha: Double
    var score: Score
  }

  struct NeighbourRow: Encodable {
    var layers: Int
    var nearest: FiniteNumber
    var sameCosine: FiniteNumber
    var differentCosine: FiniteNumber
  }

  struct TransferRow: Encodable {
    var layers: Int
    var own: Score
    var foreign: Score
  }

  var zoo: String
  var data: String
  var models: Int
  var examples: Int
  var normalization: NormalizationRecord?
  var layers: Int
  var seed: UInt64
  var seconds: Double
  var claims: [StudyClaim]
  var corruptions: [CorruptionRow]
  var sweep: [SweepRow]
  var forms: [FormRow]
  var pairs: [PairRow]
  var acrossSeeds: [NeighbourRow]
  var acrossLabelSets: [NeighbourRow]
  var transfer: [TransferRow]

  init(
    _ study: SignatureStudy, _ findings: StudyFindings, zoo: String, examples: Int, seed: UInt64,
    seconds: Double
  ) {
    self.zoo = zoo
    data = study.zoo.data
    models = study.zoo.modelCount
    self.examples = examples
    layers = study.layerCount
    self.seed = seed
    self.seconds = seconds
    claims = StudyClaim.all(findings)
    corruptions = findings.kinds.map { kind in
      let cells = findings.cells(of: kind)
      return CorruptionRow(
        type: kind.rawValue, standard: Score(findings.mean(over: cells, \.standard)),
        robust: Score(findings.mean(over: cells, \.robust)),
        patched: study.tensors.indices.map { layer in
          Score(findings.mean(over: cells) { $0.grid[layer][StudyFindings.full] })
        }, cosine: FiniteNumber(cells.reduce(0) { $0 + $1.cosine } / Double(cells.count)))
    }
    sweep = study.tensors.indices.flatMap { layer in
      SignatureStudy.alphas.indices.map { index in
        SweepRow(
          layers: layer + 1, alpha: SignatureStudy.alphas[index],
          score: Score(findings.mean { $0.grid[layer][index] }))
      }
    }
    forms = SignatureStudy.forms.map { form in
      let score = Score(findings.mean { $0.forms[form] ?? $0.standard })
      if case .levels(let count) = form {
        return FormRow(levels: count, projection: true, score: score)
      }
      return FormRow(levels: nil, projection: form == .dense, score: score)
    }
    pairs = zip(SignatureStudy.pairAlphas, findings.byPairStrength).map {
      PairRow(alpha: $0, score: Score($1))
    }
    func rows(_ neighbours: [SignatureStudy.Neighbours]) -> [NeighbourRow] {
      neighbours.enumerated().map { index, near in
        NeighbourRow(
          layers: index + 1, nearest: FiniteNumber(near.nearest),
          sameCosine: FiniteNumber(near.same), differentCosine: FiniteNumber(near.different))
      }
    }
    acrossSeeds = rows(findings.acrossSeeds)
    acrossLabelSets = rows(findings.acrossLabelSets)
    transfer =
      findings.acrossLabelSets.isEmpty
      ? []
      : study.tensors.indices.map { layer in
        TransferRow(
          layers: layer + 1,
          own: Score(findings.mean { $0.grid[layer][StudyFindings.full] }),
          foreign: Score(findings.mean { $0.foreign[layer] }))
      }
  }
}
