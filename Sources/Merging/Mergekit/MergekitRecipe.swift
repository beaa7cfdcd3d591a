public import Tensors

/// A merge as mergekit's YAML tells it: `merge_method`, models or slices of them, `parameters`.
///
/// What mergekit 0.1.5 does with a key is what is done here; a key, a method or a value that is not
/// understood is an error with its line, and never passed over.
public struct MergekitRecipe: Sendable, Hashable {
  typealias Settings = [String: MergekitSetting]

  /// A model, or some of its layers.
  struct Source: Sendable, Hashable {
    /// The model's path.
    var model: String
    /// The layers; nil for all.
    var layers: Range<Int>?
    var settings: Settings
  }

  /// Models of which as many layers are merged one by one.
  struct Slice: Sendable, Hashable {
    var sources: [Source]
    /// What differences are counted from here, where it is another than the recipe's.
    var base: String?
    var settings: Settings
  }

  /// Where the tokenizer comes from.
  public enum Tokenizer: Sendable, Hashable {
    /// The base has it.
    case base
    /// This model has it.
    case model(String)
    /// All models' vocabularies together.
    case union
  }

  /// The file, for errors.
  let file: String
  let method: MergekitMethod
  /// What differences are counted from; of slerp, the end at t = 0.
  public let base: String?
  /// One slice with whole models where the recipe has `models`.
  let slices: [Slice]
  /// Whether the recipe has `models`.
  let isOfWholeModels: Bool
  let settings: Settings
  /// The type of the result's tensors; nil for the widest of the models'.
  public let elementType: ElementType?
  /// Whose tokenizer is copied; nil where nothing is said: the base's, or the first model's.
  public let tokenizer: Tokenizer?

  /// mergekit's name of the method.
  public var methodName: String { method.rawValue }

  /// The paths of all models, each once: the base first, then in the recipe's order. The first one's
  /// configuration is the result's.
  public var models: [String] {
    var all = [base].compactMap { $0 }
    for slice in slices { all += [slice.base].compactMap { $0 } + slice.sources.map(\.model) }
    var seen: Set<String> = []
    return all.filter { seen.insert($0).inserted }
  }

  /// What differences are counted from in a slice.
  func base(of slice: Slice) -> String? { slice.base ?? base }
}
