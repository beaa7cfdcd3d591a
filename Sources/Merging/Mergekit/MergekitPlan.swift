import Catalogs
import Support
import Tensors
import WeightFiles

/// Which tensors of which models make each tensor of a recipe's result.
struct MergekitPlan: Sendable {
  /// A tensor of the result.
  struct Item: Sendable {
    var name: String
    /// The model and the tensor of each source of its slice.
    var inputs: [(model: String, entry: TensorEntry)]
    /// What is done with them; nil where elements that are no floating-point numbers stay the first's.
    var rule: MergekitRule?
    /// Which inputs the rule takes, in its order.
    var order: [Int]
  }

  /// One layer of the result: where it comes from.
  struct Layer: Sendable, Hashable {
    /// The first source's model, and the layer in it.
    var model: String
    var index: Int
  }

  private(set) var items: [Item] = []
  /// The layers of the result; empty where no row of layers is known.
  private(set) var layers: [Layer] = []

  private let recipe: MergekitRecipe
  private let models: [String: PlannedModel]

  /// Lays the models' tensors side by side.
  ///
  /// - Parameter models: every model of the recipe, by its path.
  /// - Throws: `Diagnostic` of code `badData` where a model lacks a tensor, shapes differ, layers are asked
  ///   for that are not there, or a parameter is not said.
  init(_ recipe: MergekitRecipe, _ models: [String: PlannedModel]) throws {
    self.recipe = recipe
    self.models = models
    try checkRows()
    let first = recipe.slices[0]
    let last = recipe.slices[recipe.slices.count - 1]
    let outer = try sides(first, last)
    for name in outer.before {
      try add(name, [String](repeating: name, count: first.sources.count), first, depth: 0)
    }
    for slice in recipe.slices { try add(layersOf: slice) }
    for name in outer.after {
      try add(name, [String](repeating: name, count: last.sources.count), last, depth: 0)
    }
  }

  private func model(_ path: String) throws -> PlannedModel {
    guard let model = models[path] else {
      throw Diagnostic(.failed, "this model was not opened", at: [path])
    }
    return model
  }

  /// Checks that layers can be told apart where the recipe needs it.
  private func checkRows() throws {
    for source in recipe.slices.flatMap(\.sources) {
      let model = try model(source.model)
      guard let row = model.row else {
        guard recipe.isOfWholeModels else {
          throw Diagnostic(
            .badData, "its layers cannot be told from its tensors' names", at: [source.model],
            remedy: "merge whole models: `models` instead of `slices`")
        }
        let settings = [recipe.settings, source.settings] + recipe.slices.map(\.settings)
        if let name = settings.flatMap({ $0 }).first(where: { $0.value.isGradient })?.key {
          throw Diagnostic(
            .badData,
            "\(name) is a gradient over layers, and those of \(source.model) cannot be told",
            at: [recipe.file], remedy: "give one value")
        }
        continue
      }
      if let range = source.layers, range.upperBound > row.count {
        throw Diagnostic(
          .badData,
          "it has \(row.count) layers, and the recipe wants \(range.lowerBound) to "
            + "\(range.upperBound - 1)", at: [source.model])
      }
    }
  }

  /// The tensors before and behind the layers.
  private func sides(
    _ first: MergekitRecipe.Slice, _ last: MergekitRecipe.Slice
  ) throws -> (before: [String], after: [String]) {
    let outer = try model(first.sources[0].model).outer
    let isSame =
      first.settings == last.settings && first.base == last.base
      && first.sources.map { [$0.model] } == last.sources.map { [$0.model] }
      && first.sources.map(\.settings) == last.sources.map(\.settings)
    if isSame { return (outer, []) }
    var sides: (before: [String], after: [String]) = ([], [])
    for name in outer {
      switch OuterTensor(name) {
      case .before: sides.before.append(name)
      case .after: sides.after.append(name)
      case nil:
        throw Diagnostic(
          .badData,
          "whether it stands before the layers or behind them is not known, and the first slice and "
            + "the last differ", at: [first.sources[0].model, name])
      }
    }
    let behind = try model(last.sources[0].model).outer
    sides.after = behind.filter { OuterTensor($0) == .after }
    return sides
  }

  private mutating func add(layersOf slice: MergekitRecipe.Slice) throws {
    guard let row = try model(slice.sources[0].model).row else { return }
    let ranges = try slice.sources.map { source in
      let count = try model(source.model).row?.count ?? 0
      return source.layers ?? 0..<count
    }
    let count = ranges[0].count
    guard ranges.allSatisfy({ $0.count == count }) else {
      throw Diagnostic(
        .badData, "the models have \(ranges.map { "\($0.count)" }.joined(separator: ", ")) layers",
        at: [recipe.file], remedy: "take slices of as many layers")
    }
    for offset in 0..<count {
      let depth = count > 1 ? Double(offset) / Double(count - 1) : 1
      let (own, index) = (try model(slice.sources[0].model), ranges[0].lowerBound + offset)
      let rests = own.layers[index] ?? []
      for (place, source) in slice.sources.enumerated() {
        let other = try model(source.model)
        let layer = ranges[place].lowerBound + offset
        if let more = Set(other.layers[layer] ?? []).subtracting(rests).min() {
          throw Diagnostic(
            .badData, "\(slice.sources[0].model) has no tensor in its place",
            at: [source.model, other.row?.name(layer, more) ?? more],
            remedy: "merge models of one architecture")
        }
      }
      for rest in rests {
        let names = try slice.sources.indices.map { place in
          try model(slice.sources[place].model).row?
            .name(ranges[place].lowerBound + offset, rest) ?? rest
        }
        try add(row.name(layers.count, rest), names, slice, depth: depth)
      }
      layers.append(Layer(model: slice.sources[0].model, index: index))
    }
  }

  private mutating func add(
    _ name: String, _ names: [String], _ slice: MergekitRecipe.Slice, depth: Double
  ) throws {
    let inputs = try zip(slice.sources, names).map { source, name in
      guard let entry = try model(source.model).entry(name) else {
        throw Diagnostic(
          .badData, "there is no tensor of that name", at: [source.model, name],
          remedy: "merge models of one architecture")
      }
      return (model: source.model, entry: entry)
    }
    for input in inputs where input.entry.shape != inputs[0].entry.shape {
      throw Diagnostic(
        .badData,
        "its shape is \(input.entry.shape), and \(inputs[0].entry.shape) in "
          + inputs[0].model, at: [input.model, input.entry.name],
        remedy: "merge models of one architecture and vocabulary")
    }
    guard inputs.allSatisfy(\.entry.elementType.isFloatingPoint) else {
      return items.append(Item(name: name, inputs: inputs, rule: nil, order: []))
    }
    if let narrow = inputs.first(where: { $0.entry.elementType.isSmallFloat }) {
      throw Diagnostic(
        .badData, "its elements are 8-bit floats, whose scales a merge would not know",
        at: [narrow.model, narrow.entry.name], remedy: "merge the models as they were before")
    }
    let (rule, order) = try recipe.rule(
      MergekitRecipe.Place(slice: slice, tensor: name, depth: depth), names: names)
    items.append(Item(name: name, inputs: inputs, rule: rule, order: order))
  }
}
