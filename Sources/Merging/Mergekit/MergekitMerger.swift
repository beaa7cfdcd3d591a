import Catalogs
import Support
public import Tensors
public import WeightFiles

/// Makes what a recipe of mergekit describes.
///
///     let recipe = try MergekitRecipe(parsing: text, file: "merge.yaml")
///     let merger = try MergekitMerger(recipe, files: files, configurations: documents)
///     try merger.contents(seed: 0).write(to: "merged.safetensors")
///
/// Everything is computed in Float64 and rounded once. mergekit computes in the type of `dtype`, so that its
/// BF16 results may be a step or two away from these.
public struct MergekitMerger: Sendable {
  /// The recipe.
  public let recipe: MergekitRecipe
  let models: [String: PlannedModel]
  let plan: MergekitPlan
  private let configurations: [String: ModelConfiguration]

  /// Plans the merge. Of tensors that are no floating-point numbers the elements are compared; nothing else
  /// is read.
  ///
  /// - Parameters:
  ///   - files: every model of the recipe (`recipe.models`), by its path.
  ///   - configurations: their `config.json`, where they have one.
  /// - Throws: `Diagnostic` of code `badData` where the models do not fit the recipe.
  public init(
    _ recipe: MergekitRecipe, files: [String: WeightFile], configurations: [String: [UInt8]]
  ) throws {
    self.recipe = recipe
    self.configurations = try configurations.mapValues { try ModelConfiguration(parsing: $0) }
    let read = self.configurations
    models = Dictionary(
      files.map { path, file in
        (path, PlannedModel(file, configuredLayers: read[path]?.layerCount))
      }, uniquingKeysWith: { first, _ in first })
    plan = try MergekitPlan(recipe, models)
    try checkOuterTensors()
  }

  /// The models without a share of a tensor's name in the first model would be passed over.
  private func checkOuterTensors() throws {
    guard let first = models[recipe.slices[0].sources[0].model] else { return }
    for source in recipe.slices.flatMap(\.sources) {
      guard let other = models[source.model] else { continue }
      let spare = Set(other.outer).subtracting(first.outer).filter { name in
        other.entry(name)?.elementType.isFloatingPoint ?? false
      }
      if let name = spare.min() {
        throw Diagnostic(
          .badData, "\(recipe.slices[0].sources[0].model) has no tensor in its place",
          at: [source.model, name], remedy: "merge models of one architecture")
      }
    }
  }

  /// How many tensors the result has.
  public var tensorCount: Int { plan.items.count }
  /// How many numbers it has.
  public var parameterCount: Int { plan.items.reduce(0) { $0 + $1.inputs[0].entry.elementCount } }
  /// How many layers it has; 0 where those are not known.
  public var layerCount: Int { plan.layers.count }
  /// The types of the result's tensors of floating-point numbers.
  public var elementTypes: [ElementType] {
    Set(plan.items.filter { $0.rule != nil }.map { elementType(of: $0) })
      .sorted { $0.rawValue < $1.rawValue }
  }

  /// The result's configuration: the first model's with the number of layers and the type of the result.
  ///
  /// - Returns: nil where that model has none.
  /// - Throws: `Diagnostic` of code `badData` where a list of the configuration is about layers and the
  ///   result has others.
  public func configuration() throws -> [UInt8]? {
    guard let donor = configurations[recipe.models[0]] else { return nil }
    return try donor.document(
      layers: plan.layers.map { (configurations[$0.model], $0.index) },
      elementType: elementTypes.count == 1 ? elementTypes.first : nil)
  }

  /// The type of a tensor of the result: the recipe's, or the one that holds those of all inputs, as PyTorch
  /// promotes types.
  func elementType(of item: MergekitPlan.Item) -> ElementType {
    guard item.rule != nil else { return item.inputs[0].entry.elementType }
    if let type = recipe.elementType { return type }
    let types = Set(item.inputs.map(\.entry.elementType))
    if types.contains(.float64) { return .float64 }
    return types.count == 1 ? item.inputs[0].entry.elementType : .float32
  }
}
