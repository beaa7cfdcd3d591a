import Support

/// The dense layers after the pooling of a network of a family.
public struct HeadPlan: Sendable, Hashable {
  /// A layer before the last.
  public struct Hidden: Sendable, Hashable {
    /// Its name: `fc.0`.
    public var name: String
    /// Its units.
    public var units: Int
    /// The name of the batch normalisation after it; nil for none.
    public var normalization: String?
    /// Whether there is place for an activation after it.
    public var isActivated: Bool
    /// Whether it may also be a head beside the others: both read as many features, and the names do
    /// not tell.
    public var isInDoubt: Bool
  }

  /// The layers before the last.
  public var hidden: [Hidden]
  /// The name of the last layer; nil where the network ends with the pooled features.
  public var last: String?

  /// A single layer.
  public init(_ last: String) {
    hidden = []
    self.last = last
  }
}

extension HeadPlan {
  /// The row that the modules after a pooling form; nil where they form none.
  ///
  /// Their names are of one numbered series (`fc.0`, `fc.2`; `fc1`, `fc2`), with a name of its own for the
  /// last at most. Numbers of an `nn.Sequential` that leave no place between two layers leave none for an
  /// activation.
  ///
  /// - Parameters:
  ///   - modules: all modules behind the pooling.
  ///   - features: the pooled features.
  ///   - keepsOrder: whether the modules stand in the order of their definition.
  init?(_ modules: [StateModule], features: Int, keepsOrder: Bool) {
    func precedes(_ a: StateModule, _ b: StateModule) -> Bool {
      let ends = (NameEvidence.saysEnd(a.path), NameEvidence.saysEnd(b.path))
      return ends.0 == ends.1 ? NaturalOrder.precedes(a.path, b.path) : ends.1
    }
    let row = keepsOrder ? modules : modules.sorted(by: precedes)
    let dense = row.filter { $0.kind == .dense }
    guard let last = dense.last else {
      guard row.isEmpty else { return nil }
      self.hidden = []
      self.last = nil
      return
    }
    guard HeadPlan.areSeries(dense), row.first?.path == dense.first?.path,
      row.last?.path == last.path
    else { return nil }
    var hidden: [Hidden] = []
    var width = features
    for (index, module) in row.enumerated() {
      switch module.kind {
      case .dense:
        let shape = module.shape
        guard shape.count == 2, shape[1] == width, !module.isNamedAsKeras else { return nil }
        width = shape[0]
        if module.path == last.path { continue }
        let next = row[index + 1].kind == .batchNormalization ? index + 2 : index + 1
        let isApart = HeadPlan.place(row[next - 1], isBefore: row[next])
        hidden.append(
          Hidden(
            name: module.path, units: width, normalization: nil, isActivated: isApart ?? true,
            isInDoubt: width == features && next == index + 1 && isApart != true))
      case .batchNormalization:
        guard index > 0, row[index - 1].kind == .dense, module.shape == [width] else { return nil }
        hidden[hidden.count - 1].normalization = module.path
      default: return nil
      }
    }
    self.hidden = hidden
    self.last = last.path
  }

  /// Whether an `nn.Sequential` has a layer without weights between two of its layers; nil where they are
  /// not of one.
  private static func place(_ module: StateModule, isBefore next: StateModule) -> Bool? {
    let (a, b) = (module.path.split(separator: "."), next.path.split(separator: "."))
    guard a.dropLast() == b.dropLast(), let first = a.last.flatMap({ Int($0) }),
      let second = b.last.flatMap({ Int($0) })
    else { return nil }
    return second - first > 1
  }

  private static func areSeries(_ dense: [StateModule]) -> Bool {
    guard dense.allSatisfy({ NameEvidence.branchingWord(in: $0.path) == nil }) else { return false }
    let places = dense.map { RowNaming.place(of: $0.path) }
    let inner = places.dropLast()
    for (before, after) in zip(inner, inner.dropFirst()) {
      guard let before, let after, before.series == after.series, before.number < after.number
      else { return false }
    }
    guard let end = places.last ?? nil, let previous = inner.last ?? nil,
      end.series == previous.series
    else { return inner.count <= 1 || NameEvidence.saysEnd(dense.last?.path ?? "") }
    return previous.number < end.number
  }
}

extension FamilyBuilder {
  /// Adds the layers behind a pooling.
  ///
  /// - Returns: the index of the last.
  mutating func add(_ head: HeadPlan, _ input: Int, classes: Int) throws -> Int {
    var x = input
    for layer in head.hidden {
      let features = x
      x = try dense(layer.name, x, units: layer.units)
      // Beside each other both would read the features.
      if layer.isInDoubt { doubtful += [features, x] }
      if let name = layer.normalization { x = try batchNormalization(name, x) }
      if layer.isActivated { x = try activation(layer.name, .relu, x) }
    }
    guard let last = head.last else { return x }
    return try dense(last, x, units: classes)
  }

  /// Keeps the units of layers in place that may be heads beside each other.
  mutating func holdDoubtfulHeads() {
    guard let first = doubtful.first else { return }
    let names = doubtful.map(graph.name)
    graph.assume(
      Assumption(
        .row,
        "\(graph.name(of: first)) reads as many features as it makes, and the layer after it may be a "
          + "head beside it", layers: names, tensors: [], alternatives: ["parallel heads"],
        effect: .held, settledBy: [.row]))
    for layer in doubtful { graph.hold(layer) }
  }
}
