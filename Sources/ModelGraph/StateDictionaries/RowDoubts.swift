import Catalogs

/// What a row of modules that fit one after another leaves in doubt.
///
/// Boundary 0 of a row is its input, boundary j the output of its j-th kernel. The units of a hidden
/// boundary may be permuted where every reading of the file agrees who makes and who reads them. A
/// boundary whose width no other has can only be read by the next kernel. Where widths repeat, a
/// shortcut, a parallel branch or head, or a layer used twice would fit as well.
struct RowDoubts {
  /// A doubt, and the boundaries whose units stay because of it.
  struct Doubt {
    var assumption: Assumption
    var boundaries: [Int] = []
  }

  /// The doubts, the one about the row first.
  var doubts: [Doubt] = []

  let chain: StateChain
  /// The kernels of the row.
  let kernels: [StateChain.Link]
  /// The channels at every boundary.
  let widths: [Int]
  let naming: RowNaming
  let isCautious: Bool

  /// Finds what is in doubt and not stated.
  ///
  /// - Complexity: O(kernels²).
  ///
  /// - Parameter isCautious: whether also a shortcut around a square layer in a row of uniform names
  ///   counts as a doubt that holds.
  init(_ chain: StateChain, _ statement: GraphStatement, isCautious: Bool = false) {
    self.chain = chain
    self.isCautious = isCautious
    kernels = chain.links.filter(\.module.makesUnits)
    widths = [chain.links.first?.input ?? 0] + kernels.map(\.output)
    naming = RowNaming(chain)
    if !statement.states(.row) {
      doubtRow()
      doubtOrder()
      doubtKernelAxes()
      doubtGroups()
      doubtFlattening()
      doubtSharing()
      doubtStates()
    }
    doubtNormalization(statement)
    if !statement.states(.row) {
      doubtPlaceOfNormalization()
      doubtRepeatedNormalization()
    }
  }

  /// The hidden boundaries.
  var hidden: Range<Int> { 1..<max(1, kernels.count) }

  /// The layer that makes a boundary, by its name in the graph.
  func name(_ boundary: Int) -> String {
    boundary == 0 ? "the input" : kernels[boundary - 1].module.path
  }

  /// The same by its name in the file, with the words of wrappers.
  func fullName(_ boundary: Int) -> String {
    guard boundary > 0 else { return name(boundary) }
    let module = kernels[boundary - 1].module
    guard let tensor = module.tensors[.kernel]?.name ?? module.tensors[.embeddings]?.name,
      let end = tensor.lastIndex(where: { $0 == "." || $0 == "/" })
    else { return module.path }
    let words = tensor[..<end]
    return words.replacing("/", with: ".").hasSuffix(module.path) ? String(words) : module.path
  }

  /// Whether a boundary lies inside a recurrent module, which hands it to its next layer alone.
  func isInner(_ boundary: Int) -> Bool {
    boundary > 0 && kernels[boundary - 1].module.recurrent?.isInner == true
  }

  mutating func doubt(
    _ subject: Assumption.Subject, _ statement: String, alternatives: [String],
    holding boundaries: some Sequence<Int>, settledBy: [Reading] = [.row]
  ) {
    let held = Set(boundaries.filter(hidden.contains)).sorted()
    guard !held.isEmpty else { return }
    let names = held.map(name)
    doubts.append(
      Doubt(
        assumption: Assumption(
          subject, statement, layers: names, tensors: held.flatMap(tensors),
          alternatives: alternatives, effect: .held, settledBy: settledBy),
        boundaries: held))
  }

  func tensors(_ boundary: Int) -> [String] {
    guard boundary > 0 else { return [] }
    return kernels[boundary - 1].module.tensorNames
  }

  /// How often maps were flattened up to a boundary: channels do not meet across that.
  func section(_ boundary: Int) -> Int {
    kernels.prefix(boundary).count { $0.positions > 1 }
  }

  static func list(_ names: [String]) -> String {
    switch names.count {
    case 0...1: names.first ?? ""
    case 2...12: names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    default: "\(names[0]), \(names[1]) and \(names.count - 2) more"
    }
  }
}
