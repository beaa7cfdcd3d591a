public import Catalogs
public import Support
import Tensors

/// An adapter of low rank: what its file holds, and what each update is multiplied by.
///
/// From the catalogue alone; no tensor is read.
public struct Adapter: Sendable {
  /// The updates, in the order of the file.
  public private(set) var updates: [LowRankUpdate] = []
  /// The factors that have a third one between them, so that their product is no update.
  public private(set) var factorsOfThree: Set<String> = []
  /// The tensors that belong to no update: biases, whole layers that were trained beside them.
  public private(set) var others: [TensorEntry] = []
  /// The configuration; nil where there is none.
  public let configuration: AdapterConfiguration?
  /// Why the updates are not the products of the factors times a scale, with what says so; nil where
  /// they are.
  public private(set) var obstacle: Diagnostic?
  /// Whether the factors are named as PEFT does, which keeps scales in the configuration.
  public private(set) var usesPEFTNames = false

  /// Finds the updates of a file.
  ///
  /// What is wrong with the configuration is an obstacle: the factors are there all the same.
  ///
  /// - Returns: nil where no tensor is named as a factor.
  public init?(_ catalog: Catalog) {
    var found: [String: FactorName] = [:]
    for entry in catalog.tensors { found[entry.name] = FactorName(entry.name) }
    guard !found.isEmpty else { return nil }
    let places = Dictionary(
      catalog.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var problem: Diagnostic?
    var configuration: AdapterConfiguration?
    do { configuration = try AdapterConfiguration(catalog) } catch {
      problem = error as? Diagnostic
    }
    self.configuration = configuration
    if let reason = configuration?.obstacle {
      problem = Diagnostic(.badData, reason, at: [AdapterConfiguration.name])
    }
    let threefold = Set(catalog.tensors.compactMap { FactorName.moduleOfMiddle($0.name) })
    var used: Set<String> = []
    for entry in catalog.tensors {
      guard let name = found[entry.name], name.isRight, let left = places[name.partner] else {
        continue
      }
      if threefold.contains(name.module) {
        factorsOfThree.formUnion([entry.name, left.name])
        continue
      }
      let alpha = Self.alpha(of: name, places)
      var scale = LowRankUpdate.Scale.unknown
      do {
        scale = try Self.scale(name, rank: entry.shape.first ?? 0, alpha, configuration)
      } catch { problem = problem ?? error as? Diagnostic }
      guard
        let update = LowRankUpdate(
          module: name.plainModule, prefix: name.module, left: left, right: entry, scale: scale)
      else { continue }
      updates.append(update)
      used.formUnion([entry.name, left.name])
      if let alpha { used.insert(alpha.name) }
      if name.convention == .peft { usesPEFTNames = true }
    }
    others = catalog.tensors.filter { !used.contains($0.name) }
    for entry in others where !factorsOfThree.contains(entry.name) {
      guard let reason = Self.reason(entry.name, isFactor: found[entry.name] != nil) else {
        continue
      }
      problem = problem ?? Diagnostic(.badData, reason, at: [entry.name])
    }
    obstacle = problem
  }

  /// The tensor of one number that belongs to a factor.
  private static func alpha(
    of name: FactorName, _ places: [String: TensorEntry]
  ) -> TensorEntry? {
    let candidates = [name.module + ".alpha", name.module + ".lora_alpha"]
    return candidates.lazy.compactMap { places[$0] }.first {
      $0.shape.reduce(1, *) == 1 && $0.elementType.isFloatingPoint
    }
  }

  private static func scale(
    _ name: FactorName, rank: Int, _ alpha: TensorEntry?, _ configuration: AdapterConfiguration?
  ) throws -> LowRankUpdate.Scale {
    if let alpha { return .tensor(alpha) }
    if let scale = try configuration?.scale(of: name.plainModule, rank: rank) {
      return .known(scale)
    }
    // kohya's scripts and diffusers take alpha for the rank where no tensor says another.
    return name.convention == .kohya || name.convention == .diffusers ? .known(1) : .unknown
  }

  /// Why a tensor beside the factors makes the update something else than their product.
  private static func reason(_ name: String, isFactor: Bool) -> String? {
    let words: [(String, String)] = [
      ("lora_magnitude_vector", "DoRA normalises the weights it is added to, so that it is no sum"),
      ("dora_scale", "DoRA normalises the weights it is added to, so that it is no sum"),
      ("lora_E", "AdaLoRA has a third factor between the two"),
      ("ranknum", "AdaLoRA has a third factor between the two"),
      ("lora_mid", "there is a third factor, of the window, between the two"),
      ("hada_", "this is an adapter of Hadamard products"),
      ("lokr_", "this is an adapter of Kronecker products"),
      ("oft_", "this is an adapter that rotates"),
      ("trainable_tokens", "this replaces rows of an embedding"),
      ("lora_B.bias", "this is a bias between the factors and their scale"),
    ]
    if let word = words.first(where: { name.contains($0.0) }) { return word.1 }
    return isFactor ? "this factor has no partner of its rank" : nil
  }

  /// The names of the modules of which nothing says the scale.
  public var modulesOfUnknownScale: [String] {
    updates.filter { $0.scale == .unknown }.map(\.module)
  }
}
