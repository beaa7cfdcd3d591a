import Catalogs
import ModelGraph
import Tensors

/// Which layers WeightWatcher 0.7.7 analyses of a file, and why not the others, which it does not say.
struct WeightWatcherPlan {
  private(set) var layers: [WeightWatcherLayer] = []
  private(set) var skipped: [Catalog.Skipped] = []

  /// Plans by a Keras model's configuration where there is one, else as for a state dict.
  init(_ catalog: Catalog, graph: ModelGraph?) {
    var found: [String: WeightWatcherLayer] = [:]
    if let model = KerasLayerList(catalog), let graph {
      found = Self.kerasLayers(model, graph)
    } else {
      found = Self.stateDictionaryLayers(catalog)
    }
    // Everything that is no layer of WeightWatcher's keeps the reason that it has anyway.
    let plan = SpectralPlan(catalog, graph: graph)
    var reasons: [String: String] = [:]
    for object in plan.skipped { reasons[object.name] = object.reason }
    for entry in catalog.tensors {
      if let layer = found[entry.name] {
        if let reason = layer.reasonToSkip {
          skipped.append(.init(name: entry.name, reason: reason))
        } else {
          layers.append(layer)
        }
      } else {
        skipped.append(
          .init(
            name: entry.name,
            reason: reasons[entry.name] ?? "WeightWatcher does not know a layer of this kind"))
      }
    }
    layers.sort { $0.number < $1.number }
    let known = Set(catalog.tensors.map(\.name))
    skipped += catalog.skipped.filter { !known.contains($0.name) }
  }

  /// Two axes: one matrix. Four: a kernel, PyTorch's or Keras's.
  private static func layer(
    _ number: Int, _ name: String, _ type: String, _ entry: TensorEntry, channelsFirst: Bool
  ) -> WeightWatcherLayer? {
    let shape = entry.shape
    if shape.count == 2 {
      let (long, short) = (shape.max() ?? 0, shape.min() ?? 0)
      guard short > 0 else { return nil }
      return WeightWatcherLayer(
        number: number, type: type, n: long, m: short, window: 1,
        layer: SpectralLayer(
          name: name, type: type, tensors: [entry.name],
          source: .view(shape: shape, roles: [.row, .column]), longSide: long, shortSide: short,
          sliceCount: 1))
    }
    guard shape.count == 4, !shape.contains(0) else { return nil }
    let looksFirst = shape[0] + shape[1] >= shape[2] + shape[3]
    let (sides, window) =
      channelsFirst ? (shape[0...1], shape[2] * shape[3]) : (shape[2...3], shape[0] * shape[1])
    let (first, last) = (sides.first ?? 0, sides.last ?? 0)
    // The sides [out, in] of PyTorch, [out, in] of Keras where the window comes first as expected.
    var (n, m) = channelsFirst == looksFirst && !channelsFirst ? (last, first) : (first, last)
    if channelsFirst == looksFirst, n < m, window % 2 == 1 { swap(&n, &m) }
    let roles: [SpectralLayer.AxisRole] =
      channelsFirst ? [.row, .column, .slice, .slice] : [.slice, .slice, .row, .column]
    return WeightWatcherLayer(
      number: number, type: type, n: n, m: m, window: window,
      layer: SpectralLayer(
        name: name, type: type, tensors: [entry.name], source: .view(shape: shape, roles: roles),
        longSide: max(first, last), shortSide: min(first, last), sliceCount: window))
  }

  private static func stateDictionaryLayers(_ catalog: Catalog) -> [String: WeightWatcherLayer] {
    var found: [String: WeightWatcherLayer] = [:]
    var number = 0
    for entry in catalog.tensors {
      var words = entry.name.split { $0 == "." || $0 == "/" }
      guard words.last == "weight", entry.role == nil else { continue }
      number += 1
      words.removeLast()
      if words.count > 1, words.first == "state_dict" { words.removeFirst() }
      guard entry.elementType.isFloatingPoint, (entry.shape.first ?? 0) >= 2 else { continue }
      found[entry.name] = layer(
        number, words.joined(separator: "."), entry.shape.count == 4 ? "conv2d" : "dense", entry,
        channelsFirst: true)
    }
    return found
  }

  private static func kerasLayers(
    _ model: KerasLayerList, _ graph: ModelGraph
  ) -> [String: WeightWatcherLayer] {
    var found: [String: WeightWatcherLayer] = [:]
    for (number, item) in model.layers.enumerated() {
      guard let type = item.type else { continue }
      let names = [item.name, item.name + "/depthwise"]
      let kernel = names.lazy.compactMap { name in
        graph.layers.first { $0.name == name }
      }.compactMap { $0.parameter(.kernel) ?? $0.parameter(.embeddings) }.first
      guard let kernel, found[kernel.tensor] == nil else { continue }
      let entry = TensorEntry(
        name: kernel.tensor, shape: kernel.shape, elementType: .float32, layout: .unallocated)
      found[kernel.tensor] = layer(number, item.name, type, entry, channelsFirst: false)
    }
    return found
  }
}
