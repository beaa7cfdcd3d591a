import Catalogs
import Support

extension GraphFileReader {
  /// Adds a recurrent layer of a description whose tensors have PyTorch's names, `rnn.weight_ih_l0`: with
  /// all layers and both directions of its module, as the file has them. Nil where the names are others.
  ///
  /// The tensors are those of the layer's name, or of the module or the layer that `tensors: {kernel: …}`
  /// names; the others follow from it, so that no bias is forgotten.
  mutating func addPyTorchRecurrent(_ layer: GraphFileLayer, _ input: Int) throws -> Int? {
    let words: [String: Recurrent.Kind] = ["lstm": .lstm, "gru": .gru, "simpleRNN": .simple]
    guard let kind = words[layer.type], let found = try pyTorchLayers(of: layer) else { return nil }
    guard let last = found.last, last.kind == kind else {
      throw Diagnostic(
        .badData, "by its tensors it is a \(found.last?.kind.rawValue ?? "") and no \(layer.type)")
    }
    if layer.has("units"), try layer.integer("units") != last.units {
      throw Diagnostic(
        .badData, "its tensors have \(last.units) units, not \(try layer.integer("units"))")
    }
    if kind == .gru, try !layer.flag("resetsAfter", default: true) {
      throw Diagnostic(.badData, "PyTorch's GRU resets after the product")
    }
    let goesBackwards = try layer.flag("goesBackwards", default: false)
    if goesBackwards, last.cells.count > 1 || found.count > 1 {
      throw Diagnostic(.badData, "only one layer of one direction can go backwards")
    }
    let returnsSequences = try layer.flag("returnsSequences", default: false)
    var index = input
    for (number, cells) in found.enumerated() {
      let isLast = number == found.count - 1
      index = try builder.addRecurrent(
        isLast ? layer.name : "\(layer.name).l\(cells.number)", cells, input: index,
        returnsSequences: !isLast || returnsSequences, goesBackwards: goesBackwards)
    }
    return index
  }

  /// The recurrent layers that a description names.
  private func pyTorchLayers(of layer: GraphFileLayer) throws -> [RecurrentModule]? {
    let kernel = layer.tensor("kernel")
    let name = kernel.map { $0.replacing("/", with: ".") } ?? "\(layer.name).weight_ih_l0"
    guard let dot = name.lastIndex(of: "."),
      let leaf = RecurrentModule.Leaf(String(name[name.index(after: dot)...])),
      leaf.part == "weight_ih"
    else { return nil }
    let module = String(name[...dot])
    var members: [(leaf: String, entry: TensorEntry)] = []
    for entry in catalog.tensors {
      let dotted = entry.name.replacing("/", with: ".")
      guard dotted.hasPrefix(module) else { continue }
      let own = String(dotted.dropFirst(module.count))
      if RecurrentModule.Leaf(own) != nil { members.append((own, entry)) }
    }
    if members.isEmpty { return nil }
    guard let layers = RecurrentModule.layers(of: members) else {
      throw Diagnostic(
        .badData, "the tensors \(module)weight_ih_…, weight_hh_… and bias_… do not fit each other")
    }
    guard kernel != nil else { return layers }
    // A kernel that is named is that layer alone, in that direction alone.
    guard layers.indices.contains(leaf.layer) else { return nil }
    var one = layers[leaf.layer]
    let place = leaf.isReversed ? 1 : 0
    guard one.cells.indices.contains(place) else { return nil }
    if layers.count > 1 || one.cells.count > 1 { one.cells = [one.cells[place]] }
    let own = Set(one.cells[0].tensors.map { $0.name.replacing("/", with: ".") })
    for role in ["recurrentKernel", "bias", "recurrentBias"] {
      guard let given = layer.tensor(role), !own.contains(given.replacing("/", with: ".")) else {
        continue
      }
      throw Diagnostic(.badData, "\(given) does not belong to \(name)")
    }
    return [one]
  }
}
