public import Catalogs
import Support
public import WeightFiles

/// Merges models tensor by tensor.
///
///     var merger = try Merger([.init(a), .init(b)], base: .init(base), recipe: recipe)
///     try merger.prepare(jobs: nil)
///     try await a.writeCopy(to: "merged.safetensors", computing: merger.replacements)
///
/// Only the tensors in work are in memory, and of those only what has to be decoded as a whole. The
/// result does not depend on the number of threads.
public struct Merger: Sendable {
  let models: [MergeInput]
  let base: MergeInput?
  let recipe: MergeRecipe
  private(set) var shared: SharedTensors
  let pool: WorkspacePool
  /// How far the result is from each model.
  public let distances: MergeDistances
  /// What a method has to know of all tensors together.
  var trimming: GlobalTrimming?

  /// Lays the models' tensors side by side, as the inputs tell. No tensor is read yet.
  ///
  /// - Parameters:
  ///   - models: the models; the first one's tensors keep their types.
  ///   - base: what the models were trained from, where the recipe needs it.
  ///   - recipe: the formula.
  ///   - sharedOnly: whether tensors that not all have stay as they are in the first model.
  /// - Throws: `Diagnostic`: `usage` where the recipe does not fit, `badData` where tensors are
  ///   missing or reshaped.
  public init(
    _ models: [MergeInput], base: MergeInput?, recipe: MergeRecipe, sharedOnly: Bool = false
  ) throws {
    try recipe.check(modelCount: models.count, hasBase: base != nil)
    self.models = models
    self.base = base
    self.recipe = recipe
    shared = try SharedTensors(models, base: base, sharedOnly: sharedOnly)
    pool = WorkspacePool(inputCount: models.count + 1)
    distances = MergeDistances(modelCount: models.count)
  }

  /// The tensors that are merged, as they are in the first model.
  public var tensors: [TensorEntry] { shared.merged }
  /// The names of the first model's tensors that stay as they are: those that are no floating-point
  /// numbers, an optimizer's state, and what not all models have.
  public var keptTensors: [String] { shared.kept }
  /// The names of kept tensors of whole numbers or truth values of which a model has other elements: they
  /// have no mean, and are the first model's. Known after `prepare`.
  public var differingTensors: [String] { shared.differing }
  /// The names of tensors that are kept because they say what such numbers mean: the scales of quantised
  /// weights. Known after `prepare`.
  public var boundTensors: [String] { shared.bound }
  /// The share of each model's differences that stays, where the method asks for one by magnitude.
  public var askedShare: Double? {
    switch recipe.method {
    case .ties(let density, _): density
    case .breadcrumbs(let bottom, let top, _): max(0, 1 - bottom - top)
    default: nil
    }
  }
  /// The names of tensors that are not in the result, because the first model does not have them.
  public var leftOutTensors: [String] { shared.leftOut }

  /// Compares what has no mean, and makes the passes over all tensors that a method needs before the first
  /// one can be merged.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a tensor is damaged or not finite.
  public mutating func prepare(jobs: Int?) throws {
    try shared.keepBound(to: WholeNumbers.differing(models, jobs: jobs), of: models[0])
    guard case .ties(let density, .global) = recipe.method, recipe.convention == .papers else {
      return
    }
    let openers = tensors.map { entry in
      { @Sendable [self] in try open(entry, jobs: jobs) }
    }
    let count = tensors.reduce(0) { $0 + $1.elementCount }
    trimming = try GlobalTrimming.find(
      DifferenceScan(openers, count: count, jobs: jobs),
      keeping: Int((density * Double(count)).rounded()), weights: recipe.weights,
      electsZeros: true)
  }

  /// What stands in the place of each merged tensor of the first model.
  public var replacements: [String: TensorReplacement] {
    Dictionary(
      uniqueKeysWithValues: tensors.map { entry in
        let replacement = TensorReplacement(heldByteCount: heldByteCount(entry)) { [self] jobs in
          let tensor = try open(entry, jobs: jobs)
          let rule = try rule(for: tensor, jobs: jobs)
          return ComputedElements { range, target in
            try fill(range, of: tensor, by: rule, into: target)
          }
        }
        return (entry.name, replacement)
      })
  }

  private func heldByteCount(_ entry: TensorEntry) -> Int {
    let inputs = models + [base].compactMap { $0 }
    return inputs.reduce(0) { sum, input in
      guard let own = input.partner(of: entry.name) else { return sum }
      // Passes over a tensor should find it in the system's cache.
      return sum + (needsPasses ? own.entry.byteCount : input.heldByteCount(own))
    }
  }

  func open(_ entry: TensorEntry, jobs: Int?) throws -> OpenedTensor {
    let inputs = models + [base].compactMap { $0 }
    let ranges = try inputs.map { input in
      guard let own = input.partner(of: entry.name) else {
        throw Diagnostic(.failed, "the tensor is gone", at: [input.name, entry.name])
      }
      return try input.open(own, jobs: jobs)
    }
    return OpenedTensor(
      entry: entry, inputs: ranges, names: inputs.map(\.name), modelCount: models.count,
      pool: pool)
  }
}
