/// Whether the names of a row are those of one: numbered series, and at most one name of its own at
/// each end (`stem, layers.0, layers.1, …, head`).
///
/// Only such a row is permuted on its names where a shortcut around a square layer fits, too.
struct RowNaming {
  /// Why the names are not those of a row; nil where they are.
  let objection: String?

  /// Whether the names are those of a row.
  var isUniform: Bool { objection == nil }

  /// - Parameter chain: the modules in the order of the row.
  init(_ chain: StateChain) {
    let links = chain.links
    if let model = chain.ownModelName {
      objection =
        "the model is called \(model), as classes of one's own are, whose layers may do anything"
      return
    }
    if let layer = chain.reshaping {
      objection = "\(layer) may stand between any two of them"
      return
    }
    if let block = links.first(where: { $0.groups > 1 }) {
      objection =
        "\(block.module.path) works in groups, as layers in blocks with shortcuts do"
      return
    }
    if let point = RowNaming.oddPoint(chain) {
      objection = "\(point) works on single pixels and others do not, as gates and projections do"
      return
    }
    let modules = links.map(\.module)
    let kernels = modules.filter(\.makesUnits)
    if let early = RowNaming.earlyNormalization(modules) {
      objection = "\(early) stands before the layer of its number, as in residual networks"
      return
    }
    if let odd = RowNaming.oddBias(modules) {
      objection = "\(odd) differs from the other layers in having a bias or none"
      return
    }
    if let pair = RowNaming.unevenNormalization(modules) {
      objection = "\(pair.0) is normalised and \(pair.1) before it is not"
      return
    }
    if let pair = RowNaming.oddNeighbours(modules) {
      objection =
        "\(pair.0) and \(pair.1) leave no place for an activation between them, as others do"
      return
    }
    for module in kernels {
      let own = module.kind == .recurrent ? NameEvidence.recurrence : []
      let words = NameEvidence.words(of: module.spokenName)
      if let word = words.first(where: { NameEvidence.speaksOfBranches($0) && !own.contains($0) }) {
        objection = "the name \(module.spokenName) speaks of more than a row (\(word))"
        return
      }
    }
    objection = RowNaming.objection(toSeriesOf: kernels)
  }

  /// A normalisation with the number of the kernel after it and not of the one before: `bn1, conv1,
  /// bn2, conv2` after a stem.
  private static func earlyNormalization(_ modules: [StateModule]) -> String? {
    for (index, module) in modules.enumerated()
    where !module.makesUnits && index > 0 && index + 1 < modules.count
      // Keras counts every class by itself.
      && module.className == nil
    {
      let number = place(of: module.spokenName)?.number
      guard number != nil, place(of: modules[index + 1].spokenName)?.number == number,
        modules[index + 1].makesUnits,
        place(of: modules[index - 1].spokenName)?.number != number
      else { continue }
      return module.spokenName
    }
    return nil
  }

  /// A dense layer without normalisation after it that has a bias where others have none, or none where
  /// others have one.
  private static func oddBias(_ modules: [StateModule]) -> String? {
    var plain: [StateModule] = []
    for (index, module) in modules.enumerated() where module.kind == .dense {
      let next = modules.indices.contains(index + 1) ? modules[index + 1] : nil
      if next?.makesUnits ?? true { plain.append(module) }
    }
    guard let first = plain.first else { return nil }
    return plain.first { ($0.tensors[.bias] == nil) != (first.tensors[.bias] == nil) }?.spokenName
  }

  /// A square convolution of one pixel among larger ones.
  private static func oddPoint(_ chain: StateChain) -> String? {
    func isPoint(_ link: StateChain.Link) -> Bool {
      let shape = link.module.shape
      let spatial = chain.orientation == .outputFirst ? shape.dropFirst(2) : shape.dropLast(2)
      return spatial.allSatisfy { $0 == 1 }
    }
    let convolutions = chain.links.filter {
      if case .convolution = $0.module.kind { true } else { false }
    }
    guard convolutions.contains(where: { !isPoint($0) }) else { return nil }
    return convolutions.first { isPoint($0) && $0.input == $0.output }?.module.spokenName
  }

  /// A hidden layer that is normalised after one of its kind that is not: what is normalised may be the
  /// sum of both.
  private static func unevenNormalization(_ modules: [StateModule]) -> (String, String)? {
    guard let last = modules.lastIndex(where: { $0.tensors[.kernel] != nil }) else { return nil }
    var without: [StateModule.Kind: String] = [:]
    for (index, module) in modules[..<last].enumerated() where module.tensors[.kernel] != nil {
      if modules[index + 1].tensors[.kernel] != nil {
        without[module.kind] = module.spokenName
      } else if let before = without[module.kind] {
        return (module.spokenName, before)
      }
    }
    return nil
  }

  /// Two kernels next to each other in a numbered sequence (`4`, `5`) of which others leave places for
  /// activations (`0`, `2`).
  private static func oddNeighbours(_ modules: [StateModule]) -> (String, String)? {
    var close: (String, String)?
    var hasRoom = false
    var last: (module: StateModule, series: String, number: Int)?
    var between = 0
    for module in modules {
      guard module.makesUnits else {
        between += 1
        continue
      }
      let words = module.spokenName.split(separator: ".")
      let place = words.last.flatMap { Int($0) } == nil ? nil : place(of: module.spokenName)
      if let last, let place, last.series == place.series {
        if place.number - last.number - between <= 1 {
          close = close ?? (last.module.spokenName, module.spokenName)
        } else {
          hasRoom = true
        }
      }
      last = place.map { (module, $0.series, $0.number) }
      between = 0
    }
    return hasRoom ? close : nil
  }

  /// The series of a name, its last number left out, and that number: `net.#`, 3 of `net.3`; Keras
  /// leaves out the number of the first.
  static func place(of path: String) -> (series: String, number: Int)? {
    if let counted = KerasLayerNames.counted(path) {
      return (counted.className + "_#", counted.number)
    }
    let characters = Array(path)
    guard let last = characters.lastIndex(where: { $0.isASCII && $0.isNumber }) else {
      return nil
    }
    var first = last
    while first > 0, characters[first - 1].isASCII, characters[first - 1].isNumber { first -= 1 }
    guard let number = Int(String(characters[first...last])) else { return nil }
    return (String(characters[..<first]) + "#" + String(characters[(last + 1)...]), number)
  }
}
