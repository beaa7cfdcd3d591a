import Catalogs

/// Modules in a row: does the output of each fit the input of the next?
struct StateChain {
  /// How kernels lie.
  enum Orientation: CaseIterable {
    /// PyTorch: [out, in, …].
    case outputFirst
    /// Keras: […, in, out].
    case inputFirst
  }

  /// One module in the row.
  struct Link {
    var module: StateModule
    /// The channels it reads (of all groups).
    var input: Int
    /// The channels it makes.
    var output: Int
    /// The number of groups of a convolution.
    var groups = 1
    /// For the first dense layer after convolutions, the positions that each channel was spread to.
    var positions = 1
  }

  /// The row.
  let links: [Link]
  /// How the kernels lie.
  let orientation: Orientation
  /// Whether the order is that of the container, and not that of names and shapes alone.
  var keepsOrder = false
  /// Whether shapes alone gave the order: neither numbers in names nor the container did.
  var isOrderedByShapes = false
  /// Whether the container keeps the order of definition, and the kernels stand in another there.
  var contradictsFile = false
  /// A model that may be a class of its own, whose layers are called in an order that no file tells.
  var ownModelName: String?
  /// A layer that may stand anywhere and lays its input out anew.
  var reshaping: String?
  /// Whether all modules are of one numbered series, in its order: `0`, `1`, `3`.
  var isOneSeries: Bool {
    let places = links.map { RowNaming.place(of: $0.module.path) }
    return zip(places, places.dropFirst()).allSatisfy { before, after in
      guard let before, let after else { return false }
      return before.series == after.series && before.number < after.number
    }
  }

  /// Checks a row; nil where something does not fit.
  init?(_ modules: [StateModule], _ orientation: Orientation) {
    var links: [Link] = []
    var channels: Int?
    var isSpread = false
    for module in modules {
      guard let link = StateChain.link(module, orientation, after: channels, isSpread) else {
        return nil
      }
      isSpread = StateChain.isSpread(after: module, isSpread)
      channels = link.output
      links.append(link)
    }
    // What reads a table's rows is told for recurrent layers only.
    let isTable = links.first?.module.kind == .embedding
    guard !links.isEmpty, !isTable || links.dropFirst().first?.module.kind == .recurrent else {
      return nil
    }
    self.links = links
    self.orientation = orientation
  }

  /// Whether it has recurrent layers, which read steps.
  var hasSteps: Bool { links.contains { $0.module.kind == .recurrent } }

  /// Whether the channels after a module stand at several places, of a map or of steps.
  static func isSpread(after module: StateModule, _ isSpread: Bool) -> Bool {
    switch module.kind {
    case .convolution, .recurrent: true
    case .dense: false
    case .embedding, .batchNormalization, .layerNormalization: isSpread
    }
  }

  /// A module after so many channels; nil where it does not fit.
  ///
  /// - Parameter isSpread: whether the channels stand at several places, so that a layer may read all
  ///   of them.
  static func link(
    _ module: StateModule, _ orientation: Orientation, after channels: Int?, _ isSpread: Bool
  ) -> Link? {
    let shape = module.shape
    guard shape.allSatisfy({ $0 >= 1 && $0 <= CheckedShape.longestAxis }) else { return nil }
    switch module.kind {
    case .embedding:
      // A table is read by number, so that it can only be the first.
      guard channels == nil, shape.count == 2 else { return nil }
      return Link(module: module, input: shape[0], output: shape[1])
    case .recurrent:
      guard orientation == .outputFirst, let layer = module.recurrent else { return nil }
      var positions = 1
      if let channels, layer.input != channels {
        guard isSpread, layer.input % channels == 0 else { return nil }
        positions = layer.input / channels
      }
      return Link(
        module: module, input: layer.input, output: layer.output,
        positions: positions)
    case .batchNormalization, .layerNormalization:
      guard let channels, shape == [channels],
        module.tensors.values.allSatisfy({ $0.shape == shape })
      else { return nil }
      return Link(module: module, input: channels, output: channels)
    case .dense, .convolution:
      let isFirst = orientation == .outputFirst
      let output = isFirst ? shape[0] : shape[shape.count - 1]
      var input = isFirst ? shape[1] : shape[shape.count - 2]
      if let bias = module.tensors[.bias], bias.shape != [output] { return nil }
      var groups = 1
      var positions = 1
      if let channels, input != channels {
        if module.kind == .dense {
          guard isSpread, input % channels == 0 else { return nil }
          positions = input / channels
        } else {
          guard channels % input == 0, output % (channels / input) == 0 else { return nil }
          groups = channels / input
          input = channels
        }
      }
      return Link(
        module: module, input: input, output: output, groups: groups, positions: positions)
    }
  }
}
