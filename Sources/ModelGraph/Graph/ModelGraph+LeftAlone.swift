public import Catalogs

extension ModelGraph {
  /// The layers that are not understood, and why: what meets them stays as it is.
  public var layersLeftAlone: [Skipped] {
    let names = Set(
      layers.lazy.filter { layer in
        if case .unsupported = layer.operation { true } else { false }
      }.map(\.name))
    guard !names.isEmpty else { return [] }
    var seen: Set<String> = []
    return skipped.filter { names.contains($0.name) && seen.insert($0.name).inserted }
  }

  /// A sentence that names the layers that are left alone; nil where there are none.
  public var leftAloneSentence: String? {
    let found = layersLeftAlone
    guard let first = found.first else { return nil }
    let shown = found.prefix(8).map { "\($0.name) (\($0.reason))" }.joined(separator: ", ")
    let more = found.count > 8 ? ", and \(found.count - 8) more" : ""
    let isOne = found.count == 1 && !first.name.isEmpty
    return "\(shown)\(more): \(isOne ? "this layer is" : "these layers are") left alone, and the "
      + "units that meet \(isOne ? "it" : "them") stay where they are"
  }
}
