import Connectivity
import Matching
import ModelGraph
import Reports
import WeightFiles
import WorkbenchCore

/// What `wsl merge` says.
struct MergeResult: Encodable {
  struct Source: Encodable {
    var file: String
    var weight: Double
    /// The distance to the merged network, before and after lining up.
    var l2: [FiniteNumber]
    /// How many hidden units were moved.
    var moved: Int
  }

  var command = "merge"
  var output: String
  var sources: [Source]
  var matched: Bool
  var repair: ConnectResult.RepairRow?
  var tensors: Int
  var parameters: Int
  var keptTensors: [String]
  var seconds: Double
  var seed: UInt64
  var warnings: [String]
}

extension MergeResult {
  init(
    _ loaded: MatchedModels, merged: Weights, shares: [Double], output: String, isMatched: Bool,
    repair: Repair?, seconds: Double, seed: UInt64
  ) {
    self.output = output
    sources = zip(loaded.models, shares).map { model, share in
      Source(
        file: model.file.catalog.file, weight: share,
        l2: [model.weights, loaded.matchedWeights(model)].map {
          FiniteNumber(PairMeasures($0, merged).l2)
        },
        moved: (model.permutations ?? []).reduce(0) { total, permutation in
          total + permutation.enumerated().count { $0.offset != $0.element }
        })
    }
    matched = isMatched
    self.repair = repair.map(ConnectResult.RepairRow.init)
    tensors = merged.count
    parameters = merged.values.reduce(0) { $0 + $1.values.count }
    keptTensors = loaded.models[0].file.catalog.tensors.map(\.name).filter { merged[$0] == nil }
    self.seconds = seconds
    self.seed = seed
    warnings = loaded.assumptions
    if loaded.graph.hasBatchNormalization, repair == nil {
      warnings.append(
        "the running statistics of batch normalisation are averaged, not measured again: the merged "
          + "network will do badly; use --repair reset --data D")
    }
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([
      .text("network"), .number("weight"), .number("L2 to the mean"), .number("lined up"),
      .number("units moved"),
    ])
    for source in sources {
      table.add(
        source.file.escapingControlCharacters, NumberFormat.significant(source.weight),
        NumberFormat.fixed(source.l2[0].value, decimals: 3),
        matched ? NumberFormat.fixed(source.l2[1].value, decimals: 3) : "",
        matched ? NumberFormat.grouped(source.moved) : "")
    }
    let kept =
      keptTensors.isEmpty
      ? "" : "\n\(keptTensors.count) other tensors of the first file stay as they are"
    let repaired = repair.map { ", repaired by \($0.method)" } ?? ""
    return table.text + "\n\naveraged \(tensors) tensors\(repaired)" + kept
      + "\nwritten: \(output.escapingControlCharacters)"
  }
}
