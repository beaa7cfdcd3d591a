import Catalogs

/// The kernels of attention, and of Keras's EinsumDense, as the matrices that they are.
///
/// Keras and Flax keep the projections of query, key and value as [width, heads, size], and that of the
/// output as [heads, size, width]; Gemma's as [heads, width, size]. What decides is, in this order: the
/// equation in the configuration, the shape of the bias (that of the kernel's output axes), the layer's
/// class, and that the output's kernel has the same lengths in its own order.
struct AttentionKernels {
  /// How the axes of a kernel make up a matrix.
  struct Layout: Hashable {
    var type: String
    var roles: [SpectralLayer.AxisRole]
    /// The axis of the heads, where there is one.
    var heads: Int?
  }

  private let entries: [String: TensorEntry]
  private let classes: KerasClasses

  init(_ catalog: Catalog) {
    entries = Dictionary(
      catalog.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    classes = KerasClasses(catalog)
  }

  /// The layout of a kernel of three or more axes.
  ///
  /// - Returns: nil where the tensor is none; a reason where it is one and nothing decides.
  func layout(of entry: TensorEntry) -> Result<Layout, Undecided>? {
    guard let place = TensorPlace(entry.name), place.isKernel, entry.shape.count >= 3 else {
      return nil
    }
    if let equation = classes.equation(of: entry.name),
      equation.roles.count == entry.shape.count
    {
      return .success(Layout(type: "einsum", roles: equation.roles, heads: nil))
    }
    let part = place.part
    if let layout = layout(of: entry, part, bias: entries[place.bias]?.shape) {
      return .success(layout)
    }
    guard let part else {
      return place.isEinsum ? .failure(.equation) : nil
    }
    guard entry.shape.count == 3 else { return .failure(.axes) }
    if part == .output {
      return .success(Layout(type: "attention", roles: [.row, .row, .column], heads: 0))
    }
    if classes.isAttention(entry.name) || place.isKerasOwn {
      return .success(Layout(type: "attention", roles: [.row, .column, .column], heads: 1))
    }
    let outputs = Set(place.outputs.compactMap { entries[$0]?.shape }).filter { $0.count == 3 }
    guard outputs.count == 1, let output = outputs.first else { return .failure(.axes) }
    // The size of a head and the width are the same in all of them; the number of heads is not.
    let isFirst = entry.shape[0] == output[2] && entry.shape[2] == output[1]
    let isMiddle = entry.shape[1] == output[2] && entry.shape[2] == output[1]
    if isFirst != isMiddle {
      return .success(
        isFirst
          ? Layout(type: "attention", roles: [.row, .column, .column], heads: 1)
          : Layout(type: "attention", roles: [.column, .row, .column], heads: 0))
    }
    return .failure(.axes)
  }

  /// What the bias tells: it has the output's axes. That of a projection into heads has two; one of a
  /// layer of another name may have fewer than the kernel's output.
  private func layout(
    of entry: TensorEntry, _ part: TensorPlace.Part?, bias: [Int]?
  ) -> Layout? {
    let axes = entry.shape.count
    guard let bias, bias.count < axes, Array(entry.shape.suffix(bias.count)) == bias else {
      return nil
    }
    let heads: Int?
    switch part {
    case .input:
      guard bias.count == axes - 1 else { return nil }
      heads = axes == 3 ? 1 : nil
    case .output:
      guard bias.count == max(1, axes - 2) else { return nil }
      heads = 0
    case nil:
      guard bias.count >= 2 else { return nil }
      heads = nil
    }
    return Layout(
      type: part == nil ? "einsum" : "attention",
      roles: entry.shape.indices.map { $0 < axes - bias.count ? .row : .column }, heads: heads)
  }

  /// Whether a kernel of three or more axes is one, and something decides.
  func isUnderstood(_ entry: TensorEntry) -> Bool {
    if case .success? = layout(of: entry) { true } else { false }
  }

  /// Whether a tensor of several axes is the bias of such a kernel.
  func isBias(_ entry: TensorEntry) -> Bool {
    guard entry.shape.count >= 2, let place = TensorPlace(entry.name),
      let kernel = place.kernel.flatMap({ entries[$0] })
    else { return false }
    return kernel.shape.count > entry.shape.count
      && Array(kernel.shape.suffix(entry.shape.count)) == entry.shape
      && (place.part != nil || place.isEinsum || classes.equation(of: entry.name) != nil)
  }

  /// Why nothing decides.
  enum Undecided: Error {
    case equation, axes

    /// The reason.
    var reason: String {
      switch self {
      case .equation: "which axes an EinsumDense sums over stands only in a configuration"
      case .axes: "nothing tells the heads of this attention kernel from its width"
      }
    }
  }
}

extension AttentionKernels.Layout {
  /// The rows of the result that a kernel gives: one matrix, or one a head where that is asked for.
  func layers(_ entry: TensorEntry, splitsHeads: Bool) -> [SpectralLayer] {
    let name = TensorPlace(entry.name)?.layerName ?? entry.name
    guard splitsHeads, let heads else {
      return MatrixShape(name, type, entry.name, entry.shape, roles).layers
    }
    var roles = roles
    roles[heads] = .slice
    return MatrixShape(name, type, entry.name, entry.shape, roles)
      .gates((0..<entry.shape[heads]).map { "head \($0)" })
  }
}
