import Catalogs
import Connectivity
import Matching
import Merging
import ModelGraph
import Reports
import Support
import Tensors
import WeightFiles
import Workbench

/// What `wsl merge` says.
struct MergeResult: Encodable {
  struct Source: Encodable {
    var file: String
    var weight: Double
    /// The distance to the merged network, before and after lining up.
    var l2: [FiniteNumber]
    /// How many hidden units were moved.
    var moved: Int
    /// The share of its differences from the base that stays, where the method keeps those of some
    /// magnitudes.
    var stays: FiniteNumber?
  }

  var command = "merge"
  var output: String
  var method: String
  var base: String?
  var scale: Double?
  var compat: String?
  var sources: [Source]
  var matched = false
  var repair: PairStudyResult.RepairRow?
  var normalization: NormalizationRecord?
  var adapters: Adapters?
  var tensors: Int
  var parameters: Int
  var keptTensors: [String]
  var leftOutTensors: [String]
  /// Kept tensors of whole numbers that differ between the models.
  var differingTensors: [String]
  /// Kept tensors that belong to those.
  var boundTensors: [String]
  /// The tensors of the first model that are not read as numbers, and so not merged.
  var unreadTensors: [String] = []
  var seconds = 0.0
  var seed: UInt64
  /// One a file after the first.
  var pairing: [PairingRow] = []
  var warnings: [String] = []
  /// Whether the output is a copy of the first model's file.
  var isCopy = true

  private enum CodingKeys: CodingKey {
    case command, output, method, base, scale, compat, sources, matched, repair, normalization
    case adapters, tensors, parameters, keptTensors, leftOutTensors, differingTensors, boundTensors
    case pairing
    case unreadTensors, seconds, seed, warnings
  }
}

extension MergeResult {
  init(_ recipe: MergeRecipe, _ merger: Merger, files: [String], base: String?, output: String) {
    self.output = output
    method = recipe.method.name
    self.base = recipe.needsBase ? base : nil
    scale = recipe.usesScale ? recipe.scale : nil
    compat = recipe.convention == .mergekit ? "mergekit" : nil
    let distances = merger.distances.l2
    let staying = merger.askedShare.map { (asked: $0, shares: merger.distances.staying) }
    sources = files.indices.map { index in
      let l2 = FiniteNumber(distances[index])
      return Source(
        file: files[index], weight: recipe.weights[index], l2: [l2, l2], moved: 0,
        stays: staying.map { FiniteNumber($0.shares[index]) })
    }
    tensors = merger.tensors.count
    parameters = merger.tensors.reduce(0) { $0 + $1.elementCount }
    keptTensors = NaturalOrder.listed(merger.keptTensors) { $0 }
    leftOutTensors = NaturalOrder.listed(merger.leftOutTensors) { $0 }
    differingTensors = merger.differingTensors
    boundTensors = merger.boundTensors
    seed = recipe.seed
    if let staying { warn(ofShares: staying.shares, asked: staying.asked) }
  }

  /// Takes over what was done with networks before and after they were merged.
  mutating func take(
    _ loaded: MatchedModels, merged: Weights, isMatched: Bool, repair: Repair?
  ) {
    for (index, model) in loaded.models.enumerated() where sources.indices.contains(index) {
      sources[index].l2 = [model.weights, loaded.matchedWeights(model)].map {
        FiniteNumber(PairMeasures($0, merged).l2)
      }
      sources[index].moved = (model.permutations ?? []).reduce(0) { total, permutation in
        total + permutation.enumerated().count { $0.offset != $0.element }
      }
    }
    matched = isMatched
    let pairs = loaded.models.compactMap { model in model.pair.map { (model.file.catalog.file, $0) }
    }
    pairing = pairs.map { PairingRow($1, with: $0) }
    for (file, pair) in pairs {
      guard let note = pair.headNote else { continue }
      warnings.append(
        "\(file): the networks have different heads, and only their bodies are merged: \(note)")
      leftOutTensors += pair.leftOut.filter { $0.network == .second }.flatMap(\.tensors)
    }
    self.repair = repair.map(PairStudyResult.RepairRow.init)
    keptTensors = loaded.models[0].file.catalog.tensors.map(\.name).filter { merged[$0] == nil }
    warnings += loaded.assumptions.map(\.warning)
    if isMatched, let sentence = loaded.graph.leftAloneSentence { warnings.append(sentence) }
  }

  /// Warns where much more of the differences stays than was asked for. A share of a tensor is rounded to
  /// whole elements, hence the allowance.
  private mutating func warn(ofShares shares: [Double], asked: Double) {
    for (index, share) in shares.enumerated() where share > 1.1 * asked + 0.005 {
      let number = NumberFormat.fixed(share, decimals: 2)
      warnings.append(
        "\(sources[index].file): \(number) stay: many differences are equal "
          + "(\(NumberFormat.fixed(asked, decimals: 2)) were asked for; --compat mergekit keeps exactly "
          + "as many)")
    }
  }

  /// Warns of whole numbers that differ, of which there is no mean.
  mutating func warnOfWholeNumbers() {
    if !differingTensors.isEmpty {
      warnings.append(
        "whole numbers have no mean, and those that differ are the first model's: "
          + MergeResult.listed(differingTensors))
    }
    if !boundTensors.isEmpty {
      warnings.append(
        "kept with them, because they say what they mean: " + MergeResult.listed(boundTensors))
    }
  }

  /// Names, the first ones of many.
  private static func listed(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ")
      + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }

  /// Tells of the tensors that are not read in the models, and so not merged.
  ///
  /// - Parameter staysAsItIs: whether the output is a copy of the first model's file.
  mutating func take(unreadOf files: [WeightFile], staysAsItIs: Bool) {
    unreadTensors = files[0].catalog.unreadTensors.map(\.name)
    let fate = staysAsItIs ? "not merged, and stay as they are in it" : "left out"
    warnings += [files[0].catalog.unreadNote(fate)].compactMap { $0 }
    warnings += files.dropFirst().compactMap { $0.catalog.unreadNote("not merged") }
    isCopy = staysAsItIs
  }

  /// Warns of what a merged network is known to lack.
  mutating func warn(about graph: ModelGraph?, repair: Repair?) {
    warnOfWholeNumbers()
    if graph?.hasBatchNormalization == true, repair == nil {
      warnings.append(
        "the running statistics of batch normalisation are merged like weights, not measured again: "
          + "the merged network will do badly; use --repair reset --data D")
    }
    if !leftOutTensors.isEmpty {
      warnings.append(
        "not in the first model, and left out: " + MergeResult.listed(leftOutTensors))
    }
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([
      .text("network"), .number("weight"), .number("L2 to the result"), .number("lined up"),
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
    let unread =
      unreadTensors.isEmpty
      ? ""
      : "\n\(unreadTensors.count) of \(tensors + keptTensors.count + unreadTensors.count) tensors of "
        + "the first file are not read, and "
        + (isCopy ? "stay as they are" : "are left out")
    let repaired = repair.map { ", repaired by \($0.method)" } ?? ""
    let verb = method == "mean" ? "averaged" : "merged by \(method)"
    let from = base.map { " from \($0.escapingControlCharacters)" } ?? ""
    let paired = pairing.map { row in
      "\n" + (pairing.count > 1 ? row.file.escapingControlCharacters + ": " : "") + row.text
    }
    if let adapters {
      return table.text + "\n\n\(verb): \(adapters.text)"
        + "\nwritten: \(output.escapingControlCharacters)"
    }
    return table.text + "\n\n\(verb)\(from): \(tensors) tensors\(repaired)" + kept + unread
      + paired.joined()
      + "\nwritten: \(output.escapingControlCharacters)"
  }
}

extension MergeRecipe.Method {
  /// What the command line calls the formula.
  var name: String {
    switch self {
    case .mean: "mean"
    case .taskArithmetic: "task-arithmetic"
    case .ties: "ties"
    case .dare(_, let elects): elects ? "dare-ties" : "dare"
    case .breadcrumbs(_, _, let elects): elects ? "breadcrumbs-ties" : "breadcrumbs"
    case .modelStock: "model-stock"
    case .slerp: "slerp"
    case .tallMasks: "tall-masks"
    }
  }
}
