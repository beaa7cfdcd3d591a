public import Catalogs
public import ModelGraph
import Support
import Tensors

/// Which matrices of a model have a spectrum, and why the other tensors have none.
public struct SpectralPlan: Sendable {
  /// What becomes of a convolution's kernel.
  public enum Convolutions: String, Sendable, Hashable, CaseIterable {
    /// A matrix in × out for every position in the window, their eigenvalues taken together.
    case slices
    /// One matrix, out × (in · window).
    case flattened
  }

  /// What is analysed: in the order of the network where it is known, else in that of the file.
  public private(set) var layers: [SpectralLayer] = []
  /// What is not.
  public private(set) var skipped: [Catalog.Skipped] = []
  /// What a reader of the numbers has to know, a line each.
  public private(set) var notes: [String] = []

  /// Plans the analysis of a file's tensors.
  ///
  /// What a tensor's axes mean comes from the graph where there is one that has the tensor, else from
  /// its name and shape, and from what wrote the file.
  ///
  /// - Parameters:
  ///   - catalog: what the file holds.
  ///   - graph: the network, where it is understood.
  ///   - convolutions: what becomes of kernels.
  ///   - splitsHeads: whether each head of an attention kernel has a row of its own, where the tensor
  ///     has an axis of heads.
  public init(
    _ catalog: Catalog, graph: ModelGraph? = nil, convolutions: Convolutions = .slices,
    splitsHeads: Bool = false
  ) {
    let known = KnownParameters(graph)
    let pairs = LowRankPairs(catalog)
    notes = pairs.notes
    let order = ChannelOrder(catalog, graph)
    let attention = AttentionKernels(catalog)
    for entry in known.inOrder(NaturalOrder.listed(catalog.tensors, by: \.name)) {
      // A pair comes before all else: a factor of rank 1 is a matrix with one row.
      if pairs.partners.contains(entry.name) { continue }
      if let pair = pairs[entry.name] {
        layers.append(pair)
      } else if pairs.factorsOfThree.contains(entry.name) {
        skipped.append(.init(name: entry.name, reason: "one of three factors of an update"))
      } else if let reason = Self.reasonToSkip(entry) ?? known.reasonToSkip(entry.name) {
        skipped.append(.init(name: entry.name, reason: reason))
      } else if let scale = entry.scale(among: catalog.tensors) {
        skipped.append(
          .init(name: entry.name, reason: "its 8-bit floats are to be multiplied by \(scale)"))
      } else if let known = known[entry.name],
        !known.parameter.isSpread || !attention.isUnderstood(entry)
      {
        take(known.layers(entry, convolutions), entry)
      } else if let reason = BufferTensor.reason(entry) {
        skipped.append(.init(name: entry.name, reason: reason))
      } else if attention.isBias(entry) {
        skipped.append(.init(name: entry.name, reason: "a bias has no spectrum"))
      } else if let found = attention.layout(of: entry) {
        switch found {
        case .success(let layout): layers += layout.layers(entry, splitsHeads: splitsHeads)
        case .failure(let undecided):
          skipped.append(.init(name: entry.name, reason: undecided.reason))
        }
      } else {
        take(NamedTensor(entry, of: catalog, order).layers(convolutions), entry)
      }
    }
    for object in catalog.skipped { skipped.append(object) }
  }

  /// Makes a plan of given layers.
  init(layers: [SpectralLayer], skipped: [Catalog.Skipped]) {
    self.layers = layers
    self.skipped = skipped
  }

  private mutating func take(_ found: [SpectralLayer], _ entry: TensorEntry) {
    if found.isEmpty {
      skipped.append(
        .init(name: entry.name, reason: "its axes \(entry.shape) do not tell a matrix"))
    }
    layers += found
  }

  /// Why a tensor has no spectrum, whatever its axes mean; nil where it may have one.
  private static func reasonToSkip(_ entry: TensorEntry) -> String? {
    if let role = entry.role { return "\(role.rawValue), no weight" }
    guard entry.elementType.isFloatingPoint else {
      return "its elements are \(entry.elementType.rawValue), no weights"
    }
    guard !entry.shape.contains(0) else { return "it has no elements" }
    guard entry.shape.count >= 2 else {
      return entry.shape.isEmpty ? "a single number" : "a vector has no spectrum"
    }
    guard entry.shape.filter({ $0 > 1 }).count >= 2 else {
      return "a matrix with one row or column has no spectrum"
    }
    let bytes = entry.shape.reduce(8 as Int?) { product, length in
      guard let product, length > 0 else { return nil }
      let (next, overflows) = product.multipliedReportingOverflow(by: length)
      return overflows ? nil : next
    }
    return bytes == nil ? "its shape overflows" : nil
  }
}
