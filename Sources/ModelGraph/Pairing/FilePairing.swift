public import Catalogs
import Support

/// Which tensors of two files correspond: the one answer for everything that lays files side by side.
///
/// By the graph wherever both files have one and they fit, also where only the heads differ; by names where
/// somebody chose them; by order where names come from counters that began elsewhere, and the shapes fit
/// one to one; by shape and order where nothing else is left. How each pair was found stands beside it,
/// and what was not certain in `notes`.
public struct FilePairing: Sendable {
  /// How two tensors were found to correspond.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// Their layers stand in the same place of the two networks.
    case graph
    /// They have one name, but for a first word that wrappers add.
    case name
    /// Their names are numbers from different counts, and they are taken in order.
    case order
    /// They are what is left of their shape, in the order of the files: a guess.
    case shapeAndOrder
  }

  /// Two tensors that correspond, as places in the catalogues.
  public struct Pair: Sendable, Hashable {
    /// The place of the first.
    public var first: Int
    /// The place of the second.
    public var second: Int
    /// How they were found.
    public var reason: Reason
    /// The order of the second's axes under which it has the first's shape; nil where it is its own.
    public var axes: [Int]?
    /// Whether they belong to layers that the networks do not share: to be compared, not to be mixed.
    public var isOfHead = false
  }

  /// The pairs of one shape, in the first file's order.
  public private(set) var pairs: [Pair] = []
  /// Tensors that correspond and have several shapes, in the first file's order.
  public private(set) var reshaped: [Pair] = []
  /// Tensors that only the first file has.
  public private(set) var removed: [Int] = []
  /// Tensors that only the second file has.
  public private(set) var added: [Int] = []
  /// What was taken off names, taken in order, guessed, or left unpaired because nothing tells.
  public private(set) var notes: [String] = []
  /// The networks, where both files have one and they fit.
  public private(set) var networks: ModelPair?
  /// The names of the first file's tensors that its network does not use, and of the second's.
  public private(set) var unused: (first: Set<String>, second: Set<String>) = ([], [])

  /// How alike two tensors of one shape are: their cosine; nil where that is not known.
  public typealias Likeness = (_ first: TensorEntry, _ second: TensorEntry) throws -> Double?

  /// Pairs the tensors of two catalogues.
  ///
  /// - Parameters:
  ///   - graphs: the networks, where the files are understood.
  ///   - transposing: whether kernels without a graph may be laid [in, out] beside [out, in].
  ///   - likeness: decides where two networks' layers stand in one place and somebody gave them each
  ///     other's names; nil where their place decides.
  /// - Complexity: O(tensors), apart from sorting.
  public init(
    _ a: Catalog, _ b: Catalog, graphs: (a: ModelGraph?, b: ModelGraph?), transposing: Bool = false,
    likeness: Likeness? = nil
  ) throws {
    var names = NamePairing(a, b, transposing: transposing)
    var networkNote: String?
    if let first = graphs.a, let second = graphs.b {
      do {
        networks = try ModelPair(first, second, acceptsHeads: true)
      } catch let error as Diagnostic {
        networkNote = "the networks cannot be laid side by side (\(error.message)): names decide"
      }
    }
    if let networks {
      try take(networks, &names, a, b, likeness)
    }
    names.pairNames()
    names.pairWrapped()
    names.noteRefusals()
    // What is left over of networks that fit is no part of them.
    if networks == nil {
      if let own = KerasOrder(a), let other = KerasOrder(b) {
        names.pairSlots(own, other)
      } else {
        names.pairShapes()
      }
    }
    pairs = (pairs + names.pairs).sorted { $0.first < $1.first }
    reshaped = (reshaped + names.reshaped).sorted { $0.first < $1.first }
    let seen = (Set((pairs + reshaped).map(\.first)), Set((pairs + reshaped).map(\.second)))
    removed = a.tensors.indices.filter { !seen.0.contains($0) }
    added = b.tensors.indices.filter { !seen.1.contains($0) }
    if let networkNote, names.hasCounters { notes.append(networkNote) }
    notes += names.notes
  }

  /// Takes over what the graphs say.
  private mutating func take(
    _ networks: ModelPair, _ names: inout NamePairing, _ a: Catalog, _ b: Catalog,
    _ likeness: Likeness?
  ) throws {
    let places = (a: Self.places(a), b: Self.places(b))
    let renamed = try self.renamed(networks, places, a, b, likeness)
    for (name, partner) in networks.tensorsBFromA {
      guard let first = places.a[name], let second = places.b[renamed[name] ?? partner] else {
        continue
      }
      let axes = networks.axes[name] ?? []
      pairs.append(
        Pair(
          first: first, second: second, reason: renamed[name] == nil ? .graph : .name,
          axes: axes == Array(axes.indices) ? nil : axes))
    }
    noteWrapper(a, b)
    for (own, other) in networks.headTensors {
      guard let first = places.a[own.tensor], let second = places.b[other.tensor] else { continue }
      let order = own.axes.map { other.axes.firstIndex(of: $0) }.compactMap { $0 }
      let isOrder = order.count == other.shape.count && Set(order).count == order.count
      let fits = isOrder && order.map { other.shape[$0] } == own.shape
      let pair = Pair(
        first: first, second: second, reason: .graph,
        axes: fits && order != Array(order.indices) ? order : nil, isOfHead: true)
      if fits { pairs.append(pair) } else { reshaped.append(pair) }
    }
    let used = (
      a: Set(networks.a.parameters.map(\.tensor)), b: Set(networks.b.parameters.map(\.tensor))
    )
    unused = (
      Set(a.tensors.map(\.name)).subtracting(used.a), Set(b.tensors.map(\.name)).subtracting(used.b)
    )
    names.leave(
      paired: pairs + reshaped, heads: (used.a, used.b),
      renamed: networks.layers.map { (networks.a.layers[$0].name, networks.b.layers[$1].name) })
    if let head = networks.headNote {
      notes.append("the networks have different heads, which are not shared: \(head)")
    }
  }

  /// Says where all names of one file begin with words that the other's have not.
  private mutating func noteWrapper(_ a: Catalog, _ b: Catalog) {
    let names = pairs.map { pair in
      (NameWords(a.tensors[pair.first].name).words, NameWords(b.tensors[pair.second].name).words)
    }
    guard let (own, other) = names.first, own.count != other.count else { return }
    let length = abs(own.count - other.count)
    let words = (own.count > other.count ? own : other).prefix(length)
    let isWrapper = names.allSatisfy { x, y in
      let (long, short) = own.count > other.count ? (x, y) : (y, x)
      return long.starts(with: words) && long.dropFirst(length).elementsEqual(short)
    }
    guard isWrapper else { return }
    let file = own.count > other.count ? "A" : "B"
    notes.append(
      "names are compared with first words taken off: \(words.joined(separator: ".")). off "
        + "\(file)'s (\(names.count) tensors)")
  }

  /// The partners of tensors that go by their names against their place in the networks: where their
  /// weights say so.
  private mutating func renamed(
    _ networks: ModelPair, _ places: (a: [String: Int], b: [String: Int]), _ a: Catalog,
    _ b: Catalog, _ likeness: Likeness?
  ) throws -> [String: String] {
    guard !networks.contradictions.isEmpty else { return [:] }
    let layers = networks.contradictions.map { "\($0.a) ~ \($0.b)" }.joined(separator: ", ")
    var namesakes: [String: String] = [:]
    for one in networks.contradictions {
      namesakes.merge(one.namesakes, uniquingKeysWith: { $1 })
    }
    // Only where the names alone pair these layers among themselves.
    let partners = Set(namesakes.keys.compactMap { networks.tensorsBFromA[$0] })
    var sums = (place: 0.0, name: 0.0, count: 0)
    if let likeness, Set(namesakes.values) == partners {
      for (name, namesake) in namesakes.sorted(by: { $0.key < $1.key }) {
        guard let first = places.a[name], a.tensors[first].shape.count > 1,
          let partner = networks.tensorsBFromA[name], let place = places.b[partner],
          let own = places.b[namesake],
          let atPlace = try likeness(a.tensors[first], b.tensors[place]),
          let atName = try likeness(a.tensors[first], b.tensors[own])
        else { continue }
        sums = (sums.place + atPlace, sums.name + atName, sums.count + 1)
      }
    }
    let count = Double(max(1, sums.count))
    let goesByName = sums.name / count > 0.5 && sums.place / count < sums.name / count - 0.25
    notes.append(
      "layers that carry each other's names stand in one place of the networks (\(layers)); "
        + (goesByName
          ? "they are paired by name, as their weights are alike"
          : "they are paired by their place"))
    return goesByName ? namesakes : [:]
  }

  private static func places(_ catalog: Catalog) -> [String: Int] {
    Dictionary(
      catalog.tensors.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { one, _ in one })
  }
}
