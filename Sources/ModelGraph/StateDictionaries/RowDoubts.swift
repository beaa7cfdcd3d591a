import WeightFiles

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
  private(set) var doubts: [Doubt] = []

  let chain: StateChain
  /// The kernels of the row.
  let kernels: [StateChain.Link]
  /// The channels at every boundary.
  let widths: [Int]
  let naming: RowNaming
  private let isCautious: Bool

  /// Finds what is in doubt and not stated.
  ///
  /// - Complexity: O(kernels²).
  ///
  /// - Parameter isCautious: whether also a shortcut around a square layer in a row of uniform names
  ///   counts as a doubt that holds.
  init(_ chain: StateChain, _ statement: GraphStatement, isCautious: Bool = false) {
    self.chain = chain
    self.isCautious = isCautious
    kernels = chain.links.filter { $0.module.tensors[.kernel] != nil }
    widths = [chain.links.first?.input ?? 0] + kernels.map(\.output)
    naming = RowNaming(chain.links)
    if !statement.states(.row) {
      doubtRow()
      doubtKernelAxes()
      doubtGroups()
      doubtFlattening()
      doubtSharing()
    }
    doubtNormalization(statement)
    if !statement.states(.row) { doubtPlaceOfNormalization() }
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
    guard let tensor = module.tensors[.kernel]?.name,
      let end = tensor.lastIndex(where: { $0 == "." || $0 == "/" })
    else { return module.path }
    let words = tensor[..<end]
    return words.replacing("/", with: ".").hasSuffix(module.path) ? String(words) : module.path
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

  private func tensors(_ boundary: Int) -> [String] {
    guard boundary > 0 else { return [] }
    return kernels[boundary - 1].module.tensors.values.map(\.name).sorted()
  }

  /// How often maps were flattened up to a boundary: channels do not meet across that.
  func section(_ boundary: Int) -> Int {
    kernels.prefix(boundary).count { $0.positions > 1 }
  }

  private mutating func doubtRow() {
    var square: [Int] = []
    var held: [[Int]] = []
    var seen: Set<Int> = []
    for first in widths.indices where !seen.contains(first) {
      let alike = widths.indices.filter {
        widths[$0] == widths[first] && section($0) == section(first)
      }
      seen.formUnion(alike)
      guard alike.count > 1, let last = alike.last, alike.contains(where: hidden.contains) else {
        continue
      }
      if naming.isUniform, !isCautious, last - first + 1 == alike.count {
        square += (first + 1)...last
      } else {
        held.append(alike)
      }
    }
    var statement = "the layers are taken to follow one another: the file holds weights alone"
    if !square.isEmpty {
      let names = square.map(fullName)
      statement +=
        ", and shortcuts around the square layers \(RowDoubts.list(names)), or their use twice, would "
        + "fit as well"
    }
    doubts.append(
      Doubt(
        assumption: Assumption(
          .row, statement, layers: square.map(name), tensors: square.flatMap(tensors),
          alternatives: square.isEmpty
            ? [] : ["a shortcut around a square layer", "a square layer used twice"],
          effect: .taken, settledBy: square.isEmpty ? [] : [.row])))
    for alike in held {
      let names = RowDoubts.list(alike.map(fullName))
      let reason =
        naming.objection
        ?? (isCautious ? "the data do not tell" : "the layers between are of other widths")
      doubt(
        .row,
        "\(names) have one width (\(widths[alike[0]])), and \(reason): a shortcut, a branch or "
          + "a head beside others would fit as well as a row",
        alternatives: ["a shortcut", "parallel branches or heads", "a layer used twice"],
        holding: alike)
    }
  }

  /// A square kernel fits either way.
  private mutating func doubtKernelAxes() {
    for (index, link) in kernels.enumerated() {
      guard case .convolution = link.module.kind, link.groups == 1, link.input == link.output,
        link.module.className == nil, !NameEvidence.saysConvolution(link.module.path)
      else { continue }
      doubt(
        .kernelAxes,
        "\(link.module.path) may be a plain or a transposed convolution: its kernel is square",
        alternatives: ["a transposed convolution"], holding: [index, index + 1])
    }
    let other: StateChain.Orientation =
      chain.orientation == .outputFirst ? .inputFirst : .outputFirst
    if !kernels.allSatisfy(\.module.saysOrientation),
      StateChain(chain.links.map(\.module), other) != nil
    {
      doubt(
        .kernelAxes, "the kernels fit as [out, in] and as [in, out], and their names do not say",
        alternatives: ["the other order of axes"], holding: hidden)
    }
  }

  /// A kernel of fewer inputs than there are channels is one of groups, or of something else.
  private mutating func doubtGroups() {
    for (index, link) in kernels.enumerated() where link.groups > 1 {
      let isDepthwise = link.groups == link.input
      let next = kernels.indices.contains(index + 1) ? kernels[index + 1] : nil
      if isDepthwise, let next, next.module.kind != .dense, next.groups == 1 { continue }
      doubt(
        .groups,
        "\(link.module.path) is taken for a convolution in \(link.groups) groups, since it "
          + "fits no other way into the row",
        alternatives: ["a transposed convolution", "an operation between that changes channels"],
        holding: [index, index + 1])
    }
  }

  /// Whether a dense layer may read so many positions of a map, and not pooled maps one after another
  /// (two or three poolings; pyramids of 1, 4, 9, 16 cells): maps of images are mostly square.
  private func isUsualMap(_ positions: Int, rank: Int) -> Bool {
    if rank == 1 { return positions > 3 }
    let side = Int(Double(positions).squareRoot().rounded())
    return positions > 3 && side * side == positions
  }

  private mutating func doubtFlattening() {
    for (index, link) in kernels.enumerated() where link.positions > 1 {
      let read = link.input * link.positions
      if isSumOfWidths(read, upTo: index) {
        doubt(
          .flattening,
          "the \(read) inputs of \(link.module.path) may be a flattened map or several outputs one "
            + "after another", alternatives: ["a concatenation"], holding: 1...index)
      } else if !naming.isUniform || !isUsualMap(link.positions, rank: rank(before: index)) {
        doubt(
          .flattening,
          "the \(read) inputs of \(link.module.path) may be a flattened map or pooled maps one after "
            + "another", alternatives: ["a concatenation of pooled maps"], holding: [index])
      }
    }
  }

  /// The number of spatial axes of the convolution before a kernel.
  private func rank(before index: Int) -> Int {
    for link in kernels.prefix(index).reversed() {
      if case .convolution(let rank) = link.module.kind { return rank }
    }
    return 2
  }

  /// Whether a number is the sum of two or more different boundaries' channels.
  private func isSumOfWidths(_ total: Int, upTo last: Int) -> Bool {
    guard last < 64, total <= 1 << 16 else { return false }
    // reachable[s]: the least number of boundaries, up to two, whose channels make s.
    var reachable = [0: 0]
    for width in widths[0...last] {
      for (sum, count) in reachable where sum + width <= total {
        reachable[sum + width] = max(reachable[sum + width] ?? 0, min(2, count + 1))
      }
    }
    return (reachable[total] ?? 0) >= 2
  }

  private mutating func doubtSharing() {
    var first: [TensorEntry.Layout: Int] = [:]
    for (index, link) in kernels.enumerated() {
      guard let entry = link.module.tensors[.kernel] else { continue }
      switch entry.layout {
      case .contiguous, .strided: break
      default: continue
      }
      guard let other = first.updateValue(index, forKey: entry.layout) else { continue }
      doubt(
        .sharing,
        "\(kernels[other].module.path) and \(link.module.path) are one tensor under two names",
        alternatives: ["one layer used twice"],
        holding: [other, other + 1, index, index + 1])
    }
  }

  private mutating func doubtNormalization(_ statement: GraphStatement) {
    let stated: [Reading] = [
      .layerNormalization, .batchNormalization, .instanceNormalization,
    ]
    if stated.contains(where: statement.states) { return }
    var boundary = 0
    for link in chain.links {
      if link.module.tensors[.kernel] != nil { boundary += 1 }
      guard link.module.kind == .layerNormalization else { continue }
      switch link.module.normalization {
      case .layer, .batch, .instance: continue
      case .group:
        doubt(
          .normalization,
          "\(link.module.path) normalises groups of channels, and the file does not say how many",
          alternatives: [], holding: [boundary], settledBy: [])
      case nil:
        doubt(
          .normalization,
          "\(link.module.path) has no running statistics: layer, group, instance or batch "
            + "normalisation would fit",
          alternatives: ["group normalisation", "layer normalisation", "batch normalisation"],
          holding: [boundary], settledBy: stated)
      }
    }
  }

  /// Where a file keeps no order, normalisation may stand after the layer of its number or before it,
  /// unless the widths of one of them tell.
  private mutating func doubtPlaceOfNormalization() {
    guard !chain.keepsOrder else { return }
    var boundary = 0
    var normalised: [Int] = []
    for link in chain.links {
      if link.module.tensors[.kernel] != nil {
        boundary += 1
      } else {
        normalised.append(boundary)
      }
    }
    guard !normalised.isEmpty,
      normalised.allSatisfy({ $0 > 0 && widths[$0 - 1] == widths[$0] })
    else { return }
    doubt(
      .normalization,
      "normalisation may stand after the layer of its number or before it: the file keeps no order, "
        + "and the widths do not tell", alternatives: ["normalisation before the layers"],
      holding: hidden)
  }

  private static func list(_ names: [String]) -> String {
    switch names.count {
    case 0...1: names.first ?? ""
    case 2...12: names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    default: "\(names[0]), \(names[1]) and \(names.count - 2) more"
    }
  }
}
