import Catalogs
import ModelGraph
import Support
import WeightFiles

/// Merges adapters of low rank: the result's updates are the sums of theirs, each times its factor.
///
/// The products are never formed: the factors of a sum are those of its terms beside and below each
/// other. A module that an adapter does not have counts as an update of zero.
public struct AdapterMerger: Sendable {
  let inputs: [AdapterInput]
  let recipe: AdapterRecipe
  /// The modules of the result, in the order of the first adapter, then of the others.
  let updates: [MergedUpdate]
  /// The tensors that are no updates.
  let plain: [PlainTensor]
  let findings: AdapterFindings
  /// What a reader of the result has to know.
  public private(set) var notes: [String]

  /// Pairs the adapters' modules by name. Only scales are read.
  ///
  /// - Throws: `Diagnostic`: `usage` where the recipe does not fit; `badData` where an adapter's
  ///   updates are no products of two factors, where modules of one name have other sides, where only
  ///   some scales are known, and where an adapter lacks a tensor that is no update.
  public init(_ inputs: [AdapterInput], recipe: AdapterRecipe) throws {
    guard !inputs.isEmpty, recipe.factors.count == inputs.count else {
      throw Diagnostic(
        .usage, "there are \(inputs.count) adapters and \(recipe.factors.count) weights")
    }
    if let rank = recipe.rank, rank < 1 {
      throw Diagnostic(.usage, "a rank has to be 1 or more")
    }
    for input in inputs {
      if let obstacle = input.adapter.obstacle {
        throw Diagnostic(
          obstacle.code, obstacle.message, at: [input.name] + obstacle.location,
          remedy: obstacle.remedy ?? "merge each with its base in the library that made it, first")
      }
    }
    self.inputs = inputs
    self.recipe = recipe
    notes = try AdapterMerger.notes(inputs)
    let pairing = try AdapterPairing(inputs, recipe)
    updates = pairing.updates
    notes += pairing.notes
    plain = try PlainTensor.all(inputs, recipe)
    findings = AdapterFindings(inputCount: inputs.count)
  }

  /// Refuses adapters of which some scales are unknown, and gathers what can only be said.
  private static func notes(_ inputs: [AdapterInput]) throws -> [String] {
    var notes: [String] = []
    let unknown = inputs.filter { !$0.adapter.modulesOfUnknownScale.isEmpty }
    if let first = unknown.first {
      let isWhole = unknown.allSatisfy {
        $0.adapter.modulesOfUnknownScale.count == $0.adapter.updates.count
      }
      guard unknown.count == inputs.count, isWhole else {
        throw Diagnostic(
          .badData, "nothing says what its updates are multiplied by, and of others it is known",
          at: [first.name, first.adapter.modulesOfUnknownScale[0]],
          remedy: "put its \(AdapterConfiguration.name) beside it")
      }
      notes.append(
        "nothing says what the updates are multiplied by: they are taken as if lora_alpha were r in "
          + "all adapters; the result is right where their scales are equal, and it must be multiplied "
          + "by the same scale, whatever its rank is")
    }
    for (word, reading) in [
      ("different bases", "base_model_name_or_path"), ("different tasks", "task_type"),
    ] {
      let names = Set(inputs.compactMap { $0.adapter.configuration?[reading]?.string })
      if names.count > 1 {
        notes.append("the adapters are for \(word): \(names.sorted().joined(separator: ", "))")
      }
    }
    for input in inputs {
      if let way = input.adapter.configuration?.baseChange {
        notes.append(
          "\(input.name): started by \(way), which changes the base: its updates count from the "
            + "changed one")
      }
    }
    return notes
  }

  /// How many tensors the result has.
  public var tensorCount: Int { updates.count * 2 + alphaCount + plain.count }
  /// How many numbers.
  public var parameterCount: Int {
    updates.reduce(0) { $0 + $1.rank * ($1.model.rows + $1.model.columns) }
      + plain.reduce(0) { $0 + $1.entry.elementCount }
  }
  /// The module of each update and its rank.
  public var ranks: [(module: String, rank: Int)] {
    updates.map { (module: $0.model.module, rank: $0.rank) }
  }
  private var alphaCount: Int {
    updates.count { if case .tensor = $0.model.scale { true } else { false } }
  }

  /// How far the result is from each adapter (the Euclidean distance over all updates), and the size
  /// of what was cut off by a rank, relative to that of the whole. Of what was written so far.
  public var distances: (l2: [Double], error: Double) { findings.summary }
}
