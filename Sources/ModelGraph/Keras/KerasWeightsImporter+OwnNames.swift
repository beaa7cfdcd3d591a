import Catalogs

/// What a file without a configuration tells of the names that a user gave.
extension KerasWeightsImporter {
  /// The name that the user gave a layer, which the file keeps as an attribute of its variables; nil
  /// where it is the class's with a counter.
  static func ownName(
    of entry: TensorEntry, _ storage: String, _ catalog: Catalog
  ) -> String? {
    guard let slash = entry.name.lastIndex(of: "/"),
      let name = catalog.text("name", of: String(entry.name[..<slash])), name != storage,
      KerasLayerNames.className(name) == nil
    else { return nil }
    return name
  }

  /// The name of a model that is neither a functional nor a sequential one, as far as a file of Keras 3
  /// tells: a functional model lists its inputs, and Keras calls both after their classes unless told
  /// otherwise.
  static func ownModelName(_ catalog: Catalog) -> String? {
    guard let name = catalog.text("name", of: "vars"),
      !catalog.groups.contains(where: { $0.contains("input_layer") })
    else { return nil }
    return isUsual(name) ? nil : name
  }

  /// A layer that lays its input out anew, somewhere in a file that does not say where.
  static func reshapingLayer(_ catalog: Catalog) -> String? {
    catalog.groups.lazy.compactMap { $0.split(separator: "/").last.map(String.init) }
      .first(where: KerasLayerNames.reshapes)
  }

  /// The model whose call made the tensors, as TensorFlow put it before their names where the model is a
  /// class of one's own: `net/dense/kernel`.
  static func ownScope(_ names: [String], _ tensors: KerasTensors) -> String? {
    for name in names {
      for candidate in tensors.candidates(at: KerasPath(names: [name], storage: [name])) {
        let scope = candidate.components.first ?? name
        if candidate.components.count > 2, scope != name, !isUsual(scope) { return scope }
      }
    }
    return nil
  }

  private static func isUsual(_ model: String) -> Bool {
    ["sequential", "functional", "model"].contains(KerasLayerNames.withoutCounter(model))
  }
}
