/// Whether the names of a row are those of one: numbered series, and at most one name of its own at
/// each end (`stem, layers.0, layers.1, …, head`).
///
/// Only such a row is permuted on its names where a shortcut around a square layer fits, too.
struct RowNaming {
  /// Why the names are not those of a row; nil where they are.
  let objection: String?

  /// Whether the names are those of a row.
  var isUniform: Bool { objection == nil }

  /// - Parameter links: all modules, in the order of the row.
  init(_ links: [StateChain.Link]) {
    if let block = links.first(where: { $0.groups > 1 }) {
      objection =
        "\(block.module.path) works in groups, as layers in blocks with shortcuts do"
      return
    }
    let modules = links.map(\.module)
    let kernels = modules.filter { $0.tensors[.kernel] != nil }
    if let early = RowNaming.earlyNormalization(modules) {
      objection = "\(early) stands before the layer of its number, as in residual networks"
      return
    }
    if let odd = RowNaming.oddBias(modules) {
      objection = "\(odd) differs from the other layers in having a bias or none"
      return
    }
    if let pair = RowNaming.oddNeighbours(modules) {
      objection =
        "\(pair.0) and \(pair.1) leave no place for an activation between them, as others do"
      return
    }
    for module in kernels {
      if let word = NameEvidence.branchingWord(in: module.spokenName) {
        objection = "the name \(module.spokenName) speaks of more than a row (\(word))"
        return
      }
    }
    var inner = kernels[...]
    let isNumbered = { (module: StateModule) in RowNaming.place(of: module.spokenName) != nil }
    // A name of its own at an end is no objection where a series is left between.
    if inner.count > 1, let last = inner.last, !RowNaming.belongs(last, to: inner.dropLast()) {
      inner = inner.dropLast()
    }
    if inner.count > 2, let first = inner.first, !RowNaming.belongs(first, to: inner.dropFirst()) {
      inner = inner.dropFirst()
    }
    guard inner.allSatisfy(isNumbered) else {
      objection = "the names are not numbered"
      return
    }
    var previous: (series: String, number: Int, isConvolution: Bool)?
    var seen: Set<String> = []
    for module in inner {
      guard let (series, number) = RowNaming.place(of: module.spokenName) else { continue }
      let isConvolution = module.kind != .dense
      if let previous, previous.series == series {
        guard number > previous.number else {
          objection = "the numbers of \(module.spokenName) and of the layer before it do not rise"
          return
        }
      } else {
        // A second series begins only where convolutions end.
        guard seen.insert(series).inserted,
          previous.map({ $0.isConvolution && !isConvolution }) ?? true
        else {
          objection = "the names are of several series"
          return
        }
      }
      previous = (series, number, isConvolution)
    }
    objection = nil
  }

  /// A normalisation with the number of the kernel after it and not of the one before: `bn1, conv1,
  /// bn2, conv2` after a stem.
  private static func earlyNormalization(_ modules: [StateModule]) -> String? {
    for (index, module) in modules.enumerated()
    where module.tensors[.kernel] == nil && index > 0 && index + 1 < modules.count
      // Keras counts every class by itself.
      && module.className == nil
    {
      let number = place(of: module.spokenName)?.number
      guard number != nil, place(of: modules[index + 1].spokenName)?.number == number,
        modules[index + 1].tensors[.kernel] != nil,
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
      if next == nil || next?.tensors[.kernel] != nil { plain.append(module) }
    }
    guard let first = plain.first else { return nil }
    return plain.first { ($0.tensors[.bias] == nil) != (first.tensors[.bias] == nil) }?.spokenName
  }

  /// Two kernels next to each other in a numbered sequence (`4`, `5`) of which others leave places for
  /// activations (`0`, `2`).
  private static func oddNeighbours(_ modules: [StateModule]) -> (String, String)? {
    var close: (String, String)?
    var hasRoom = false
    var last: (module: StateModule, series: String, number: Int)?
    var between = 0
    for module in modules {
      guard module.tensors[.kernel] != nil else {
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

  private static func belongs(_ module: StateModule, to others: ArraySlice<StateModule>) -> Bool {
    guard let series = place(of: module.spokenName)?.series else { return false }
    return others.contains { place(of: $0.spokenName)?.series == series }
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
