import Catalogs
import Support

extension StateChain {
  /// The row that the modules form: of names that differ by their numbers alone in the order of
  /// these, else in the order of the file where it has one, else of the names' numbers, else in the
  /// only order that fits.
  ///
  /// - Throws: `Diagnostic` of code `badData` where none fits, or several do and nothing decides.
  ///
  /// - Parameter keepsOrder: whether the container keeps the order of definition, as PyTorch does, so
  ///   that it says something even where it is that of the alphabet.
  static func find(
    _ modules: [StateModule], keepsOrder: Bool = false
  ) throws -> StateChain {
    var chain = try ordered(modules, keepsOrder: keepsOrder)
    let isSeries = Set(modules.map { NaturalOrder.series($0.path) }).count == 1
    if keepsOrder, !isSeries {
      func kernels(_ modules: [StateModule]) -> [String] {
        modules.filter { $0.tensors[.kernel] != nil }.map(\.path)
      }
      chain.contradictsFile = kernels(chain.links.map(\.module)) != kernels(modules)
    }
    return chain
  }

  private static func ordered(
    _ modules: [StateModule], keepsOrder: Bool
  ) throws -> StateChain {
    var candidates: [[StateModule]] = []
    let natural = modules.sorted { NaturalOrder.precedes($0.path, $1.path) }
    let isInFileOrder = keepsOrder || modules.map(\.path) != modules.map(\.path).sorted()
    let isNumbered = modules.allSatisfy { !NaturalOrder.numbers(in: $0.path).isEmpty }
    if isNumbered {
      candidates.append(natural)
      candidates.append(byNumber(modules))
    }
    if isInFileOrder {
      // Shards and writers that sort by type mix the layers of a file: numbers say more.
      let areSeries = isNumbered && Set(modules.map { NaturalOrder.series($0.path) }).count == 1
      candidates.insert(modules, at: areSeries ? candidates.endIndex : 0)
    }
    for candidate in candidates {
      if let chain = oriented(candidate) { return chain }
    }
    if !isNumbered, let chain = aroundSeries(modules) { return chain }
    var search = ChainSearch(natural)
    let found = search.run()
    if found.count == 1, let order = found.first, var chain = oriented(order) {
      chain.isOrderedByShapes = true
      return chain
    }
    if found.count > 1 {
      throw Diagnostic(
        .badData,
        "the layers fit one after another in several orders, and their names do not say which",
        at: [natural.first?.path ?? ""],
        remedy: Remedies.describeNetwork)
    }
    throw broken(candidates.first ?? natural)
  }

  /// The row with its kernels the way they lie: as both tensors and names say, the names deciding
  /// where all kernels are square.
  private static func oriented(_ modules: [StateModule]) -> StateChain? {
    let areKeras = modules.contains { $0.isNamedAsKeras }
    let preferred: Orientation = areKeras ? .inputFirst : .outputFirst
    let other: Orientation = areKeras ? .outputFirst : .inputFirst
    if let chain = StateChain(modules, preferred) { return chain }
    // That kernels fit the other way is a coincidence where their names say how they lie, and no bias
    // contradicts: `fc1` of [8, 6] and `fc2` of [6, 4] are two branches. A 3×3 kernel taken for one of
    // 3 inputs and 3 outputs fits every other.
    let isContradicted = modules.contains { module in
      guard let kernel = module.tensors[.kernel]?.shape, let bias = module.tensors[.bias]?.shape,
        let first = kernel.first, let last = kernel.last, first != last
      else { return false }
      return bias == [other == .outputFirst ? first : last]
    }
    let isUnsaid = !modules.allSatisfy { $0.tensors[.kernel] == nil || $0.saysOrientation }
    return isContradicted || isUnsaid ? StateChain(modules, other) : nil
  }

  /// `fc1`, `bn1`, `fc2`, …: by number, then the layer before what normalises it.
  private static func byNumber(_ modules: [StateModule]) -> [StateModule] {
    func rank(_ module: StateModule) -> Int {
      switch module.kind {
      case .embedding: 0
      case .convolution, .recurrent: 1
      case .dense: 2
      case .batchNormalization, .layerNormalization: 3
      }
    }
    // Convolutions come before dense layers: conv1, bn1, conv2, bn2, fc1.
    let hasConvolutions = modules.contains {
      if case .convolution = $0.kind { true } else { false }
    }
    func stage(_ module: StateModule) -> Int {
      hasConvolutions && module.kind == .dense ? 1 : 0
    }
    return modules.enumerated().sorted { x, y in
      let a = (stage(x.element), NaturalOrder.numbers(in: x.element.path).last ?? 0)
      let b = (stage(y.element), NaturalOrder.numbers(in: y.element.path).last ?? 0)
      if a != b { return a < b }
      return (rank(x.element), x.offset) < (rank(y.element), y.offset)
    }.map(\.element)
  }

  /// The row of a numbered series with one or two modules of other names before or after it, where
  /// only one such arrangement fits: `fc1, bn1, fc2, bn2, out`.
  private static func aroundSeries(_ modules: [StateModule]) -> StateChain? {
    let isNumbered = { (module: StateModule) in !NaturalOrder.numbers(in: module.path).isEmpty }
    let series = byNumber(modules.filter(isNumbered))
    let others = modules.filter { !isNumbered($0) }
    guard !series.isEmpty, (1...2).contains(others.count) else { return nil }
    let arrangements =
      others.count == 1
      ? [[others[0]] + series, series + [others[0]]]
      : [
        [others[0]] + series + [others[1]], [others[1]] + series + [others[0]],
        others + series, others.reversed() + series, series + others, series + others.reversed(),
      ]
    let fitting = arrangements.compactMap(oriented)
    guard fitting.count == 1, var chain = fitting.first else { return nil }
    chain.isOrderedByShapes = others.count > 1
    return chain
  }

  /// The error for modules that form no row: names the first that does not fit.
  private static func broken(_ modules: [StateModule]) -> Diagnostic {
    var count = modules.count
    while count > 1, oriented(Array(modules.prefix(count))) == nil { count -= 1 }
    let next = count < modules.count ? modules[count] : modules.last
    let before = oriented(Array(modules.prefix(count)))?.links.last
    let reason =
      before.map {
        "its tensor of \(describe(next?.shape ?? [])) does not fit the \($0.output) outputs of "
          + $0.module.path
      } ?? "its tensors do not fit each other"
    return Diagnostic(
      .badData, "the layers do not form a chain: \(reason)", at: [next?.path ?? ""],
      remedy: Remedies.describeNetwork)
  }
}

/// Looks for every order in which modules fit one after another.
private struct ChainSearch {
  private let modules: [StateModule]
  private var stepsLeft = 200_000
  private var found: [[StateModule]] = []

  /// The words of every name, and the numbers between them.
  private let places: [(series: [String?], numbers: [Int])]

  init(_ modules: [StateModule]) {
    self.modules = modules
    places = modules.map { (NaturalOrder.series($0.path), NaturalOrder.numbers(in: $0.path)) }
  }

  /// Up to two orders; none where the search takes too long or there is normalisation, whose place
  /// shapes do not tell.
  mutating func run() -> [[StateModule]] {
    let isPlain = modules.allSatisfy { module in
      switch module.kind {
      case .dense, .convolution, .recurrent, .embedding: true
      case .batchNormalization, .layerNormalization: false
      }
    }
    guard isPlain, modules.count <= 64 else { return [] }
    for orientation in StateChain.Orientation.allCases {
      extend([], Set(modules.indices), nil, false, orientation)
      if !found.isEmpty { break }
    }
    return stepsLeft > 0 ? found : []
  }

  private mutating func extend(
    _ order: [Int], _ left: Set<Int>, _ channels: Int?, _ isSpread: Bool,
    _ orientation: StateChain.Orientation
  ) {
    if left.isEmpty {
      found.append(order.map { modules[$0] })
      return
    }
    for index in left.sorted() where found.count < 2 && stepsLeft > 0 {
      stepsLeft -= 1
      let module = modules[index]
      // Names that differ by numbers alone are in the order of these.
      let place = places[index]
      let isLater = left.contains { other in
        places[other].series == place.series
          && places[other].numbers.lexicographicallyPrecedes(place.numbers)
      }
      if isLater { continue }
      if case .convolution = module.kind, !order.isEmpty, !isSpread { continue }
      guard
        let link = StateChain.link(module, orientation, after: channels, isSpread)
      else { continue }
      extend(
        order + [index], left.subtracting([index]), link.output,
        StateChain.isSpread(after: module, isSpread), orientation)
    }
  }
}
