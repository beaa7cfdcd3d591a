/// Whether the names of a row are those of one: numbered series, and at most one name of its own at
/// each end (`stem, layers.0, layers.1, …, head`).
///
/// Only such a row is permuted on its names where a shortcut around a square layer fits, too.
struct RowNaming {
  /// Why the names are not those of a row; nil where they are.
  let objection: String?

  /// Whether the names are those of a row.
  var isUniform: Bool { objection == nil }

  /// - Parameter modules: all modules, in the order of the row.
  init(_ modules: [StateModule]) {
    let kernels = modules.filter { $0.tensors[.kernel] != nil }
    if let early = RowNaming.earlyNormalization(modules) {
      objection = "\(early) stands before the layer of its number, as in residual networks"
      return
    }
    for module in kernels {
      if let word = NameEvidence.branchingWord(in: module.path) {
        objection = "the name \(module.path) speaks of more than a row (\(word))"
        return
      }
    }
    var inner = kernels[...]
    let isNumbered = { (module: StateModule) in RowNaming.place(of: module.path) != nil }
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
      guard let (series, number) = RowNaming.place(of: module.path) else { continue }
      let isConvolution = module.kind != .dense
      if let previous, previous.series == series {
        guard number > previous.number else {
          objection = "the numbers of \(module.path) and of the layer before it do not rise"
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
    where module.tensors[.kernel] == nil && index > 0 && index + 1 < modules.count {
      let number = place(of: module.path)?.number
      guard number != nil, place(of: modules[index + 1].path)?.number == number,
        modules[index + 1].tensors[.kernel] != nil,
        place(of: modules[index - 1].path)?.number != number
      else { continue }
      return module.path
    }
    return nil
  }

  private static func belongs(_ module: StateModule, to others: ArraySlice<StateModule>) -> Bool {
    guard let series = place(of: module.path)?.series else { return false }
    return others.contains { place(of: $0.path)?.series == series }
  }

  /// The series of a name, its last number left out, and that number: `net.#`, 3 of `net.3`; Keras
  /// leaves out the number of the first.
  static func place(of path: String) -> (series: String, number: Int)? {
    let characters = Array(path)
    guard let last = characters.lastIndex(where: { $0.isASCII && $0.isNumber }) else {
      return KerasLayerNames.className(path) == path ? (path + "_#", 0) : nil
    }
    var first = last
    while first > 0, characters[first - 1].isASCII, characters[first - 1].isNumber { first -= 1 }
    guard let number = Int(String(characters[first...last])) else { return nil }
    return (String(characters[..<first]) + "#" + String(characters[(last + 1)...]), number)
  }
}
