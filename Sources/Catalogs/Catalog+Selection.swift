import Support

extension Catalog {
  /// Keeps the tensors of one part of a model, without the part's name before their own: `teacher` of
  /// `teacher.0.weight`. What describes the whole model goes.
  ///
  /// - Returns: what stood before the names.
  /// - Throws: `Diagnostic` of code `noInput` where no tensor's name begins so.
  /// - Complexity: O(tensors).
  package mutating func select(_ name: String) throws -> String {
    let prefixes = [name + ".", name + "/"]
    guard
      let prefix = prefixes.first(where: { prefix in
        tensors.contains { $0.name.hasPrefix(prefix) }
      })
    else {
      var first: [String] = []
      for tensor in tensors {
        let word = String(tensor.name.prefix { $0 != "." && $0 != "/" })
        if first.last != word, !first.contains(word) { first.append(word) }
        if first.count > 12 { break }
      }
      throw Diagnostic(
        .noInput, "there is nothing called \(name) in it",
        remedy: first.isEmpty ? nil : "it has \(first.prefix(12).joined(separator: ", "))")
    }
    func renamed(_ name: String) -> String? {
      name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }
    var kept: [TensorEntry] = []
    var others: [Skipped] = []
    for tensor in tensors {
      guard let short = renamed(tensor.name) else {
        others.append(Skipped(name: tensor.name, reason: "it is not in \(name)"))
        continue
      }
      var entry = tensor
      entry.name = short
      kept.append(entry)
    }
    tensors = kept
    skipped =
      skipped.map { item in
        var item = item
        // What is not in the part is none of its tensors.
        guard let short = renamed(item.name) else {
          (item.tensor, item.tensorCount) = (nil, 0)
          return item
        }
        item.name = short
        item.tensor?.content?.name = short
        return item
      } + others
    sharedBeside = Set(sharedBeside.compactMap(renamed))
    for (name, target) in linkedTensors where (renamed(name) == nil) != (renamed(target) == nil) {
      if let short = renamed(name) ?? renamed(target) { sharedBeside.insert(short) }
    }
    linkedTensors = linkedTensors.reduce(into: [:]) { result, link in
      if let short = renamed(link.key), let target = renamed(link.value) { result[short] = target }
    }
    groups = groups.compactMap(renamed)
    attributes = attributes.reduce(into: [:]) { result, item in
      if let short = renamed(item.key) { result[short] = item.value }
    }
    attributes["", default: [:]]["state_dict"] = .string(name)
    aliases = [:]
    documents = [:]
    onnxGraph = nil
    return prefix
  }
}
