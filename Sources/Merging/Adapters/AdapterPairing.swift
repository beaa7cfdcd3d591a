import Catalogs
import ModelGraph
import Support
import WeightFiles

/// Which updates of several adapters are of the same module.
struct AdapterPairing {
  /// The modules of the result.
  private(set) var updates: [MergedUpdate] = []
  /// What has to be said of modules that not all have.
  private(set) var notes: [String] = []

  /// Pairs them by the modules' names.
  ///
  /// - Throws: `Diagnostic` of code `badData` where two updates of one module have other sides, and
  ///   where the adapters name their tensors in different ways.
  init(_ inputs: [AdapterInput], _ recipe: AdapterRecipe) throws {
    var order: [String] = []
    var terms: [String: [MergedUpdate.Term]] = [:]
    for (index, input) in inputs.enumerated() {
      for update in input.adapter.updates {
        if terms[update.module] == nil { order.append(update.module) }
        if let own = terms[update.module] {
          guard !own.contains(where: { $0.input == index }) else {
            throw Diagnostic(
              .badData, "it has two updates of this module", at: [input.name, update.module])
          }
          try Self.check(update, of: input, own[0].update, inputs[own[0].input].name)
        }
        let scale = try input.scale(update) ?? 1
        guard scale.isFinite, scale != 0 else {
          throw Diagnostic(
            .badData, "its scale is \(scale)", at: [input.name, update.module],
            remedy: "leave out an adapter that adds nothing")
        }
        terms[update.module, default: []].append(
          MergedUpdate.Term(
            input: index, update: update, factor: recipe.factors[index], scale: scale))
      }
    }
    let isMixed = Set(inputs.map(\.adapter.usesPEFTNames)).count > 1
    var lacking: [Int: [String]] = [:]
    for module in order {
      let own = terms[module] ?? []
      updates.append(MergedUpdate(own, limit: recipe.rank))
      let there = Set(own.map(\.input))
      for index in inputs.indices where !there.contains(index) {
        lacking[index, default: []].append(module)
      }
    }
    for (index, modules) in lacking.sorted(by: { $0.key < $1.key }) {
      if isMixed {
        throw Diagnostic(
          .badData, "it has no update of \(modules[0]), and the adapters' names differ in kind",
          at: [inputs[index].name],
          remedy: "convert them to the names of one library, as diffusers' scripts do")
      }
      notes.append(
        "\(inputs[index].name) has no update of \(modules.count) of the \(order.count) modules "
          + "(\(modules[0])\(modules.count > 1 ? ", …" : "")): there it counts as zero")
    }
  }

  private static func check(
    _ update: LowRankUpdate, of input: AdapterInput, _ other: LowRankUpdate, _ first: String
  ) throws {
    guard update.rows == other.rows,
      Array(update.right.shape.dropFirst()) == Array(other.right.shape.dropFirst()),
      update.left.shape.count == other.left.shape.count
    else {
      throw Diagnostic(
        .badData,
        "its update is \(update.rows)×\(update.columns), and \(other.rows)×\(other.columns) in "
          + first, at: [input.name, update.module], remedy: "merge adapters of one base")
    }
  }
}
