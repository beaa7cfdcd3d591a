import LinearAlgebra
import ModelGraph
import Support
import Tensors

/// One descent: the groups of B are matched one after another, each exactly while the others stay, until
/// nothing gains.
///
/// A residual stream is a Procrustes problem (Schönemann 1966) or an assignment, with or without signs;
/// heads are an assignment over the best maps of each pair; hidden units are an assignment. Every step
/// has to make the inner product of the two networks larger, or it is taken back.
struct GaugeSearch {
  /// How much of the heads' maps may be used.
  let level: SymmetryLevel
  let groups: [SymmetryGroup]
  /// A's tensors in canonical form, or others that B is brought close to in their place.
  private(set) var a: Weights
  /// B's, with the elements found so far applied.
  private(set) var b: Weights
  let jobs: Int?
  /// What was found of each group.
  private(set) var elements: [GroupElement]
  /// What is known of the experts of each mixture, and the order that was found.
  let mixtures: [ExpertMatching]
  private(set) var exchanges: [ExpertExchange]
  /// The inner product of the two networks after every sweep.
  private(set) var trace: [Double] = []
  private(set) var sweeps = 0
  private let names: [[String]]
  private let scale: Double
  /// The inner products of single tensors that have not changed since.
  private var products: [String: Double] = [:]

  init(
    a: Weights, b: Weights, groups: [SymmetryGroup], experts: [ExpertSymmetry],
    level: SymmetryLevel, jobs: Int?
  ) {
    mixtures = experts.compactMap { ExpertMatching($0, groups: groups) }
    exchanges = mixtures.map {
      ExpertExchange(tensors: $0.experts.tensors, order: Array($0.experts.tensors.indices))
    }
    self.a = a
    self.b = b
    self.groups = groups
    self.level = level
    self.jobs = jobs
    elements = groups.map(GroupElement.identity)
    names = groups.map { Set($0.slices.map(\.tensor)).sorted() }
    let all = Set(names.joined())
    scale = all.reduce(0) { total, name in
      let sums = (squareSum(a[name]?.values ?? []), squareSum(b[name]?.values ?? []))
      return total + (sums.0 * sums.1).squareRoot()
    }
  }

  /// Descends from where B is.
  mutating func run(maximumSweeps: Int, onSweep: (Int, Double) -> Void) throws {
    let streams = groups.indices.filter { isStream($0) }
    let others = groups.indices.filter { !streams.contains($0) }
    // What ties the two networks' coordinates before anything is matched: the rows of tables, the pixels
    // of filters, the classes.
    for group in streams { try improve(group, anchorsOnly: true) }
    trace.append(try total())
    while sweeps < maximumSweeps {
      var gains = false
      for mixture in mixtures.indices where try exchange(mixture) { gains = true }
      for group in others + streams where try improve(group, anchorsOnly: false) { gains = true }
      sweeps += 1
      trace.append(try total())
      onSweep(sweeps, trace.last ?? 0)
      if !gains { break }
    }
  }

  /// Brings B closer to other weights than A's, from where it is.
  ///
  /// - Parameters:
  ///   - target: what B comes close to.
  ///   - sweeps: over all groups, at most.
  /// - Complexity: that of as many sweeps.
  mutating func follow(_ target: Weights, sweeps: Int) throws {
    turn(to: target)
    let streams = groups.indices.filter { isStream($0) }
    let others = groups.indices.filter { !streams.contains($0) }
    for _ in 0..<sweeps {
      var gains = false
      for group in others + streams where try improve(group, anchorsOnly: false) { gains = true }
      if !gains { return }
    }
  }

  /// The same search with other weights in A's place.
  mutating func turn(to a: Weights) {
    self.a = a
    products = [:]
  }

  /// Applies an element without asking whether it gains.
  mutating func apply(_ element: GroupElement, to group: Int) throws {
    try transform(element.steps(groups[group]))
    elements[group] = element.after(elements[group])
  }

  /// Whether a group's units are read by many layers, rather than made for one.
  private func isStream(_ index: Int) -> Bool {
    let group = groups[index]
    return group.attentions.isEmpty && !group.slices.contains { $0.role == .unsigned }
      && (group.kind != .permutation || names[index].count > 4)
  }

  // MARK: Steps

  /// Matches one group; false where nothing is gained.
  @discardableResult
  private mutating func improve(_ index: Int, anchorsOnly: Bool) throws -> Bool {
    let group = groups[index]
    guard let (found, promise) = try proposal(index, anchorsOnly: anchorsOnly) else {
      return false
    }
    // What the sums say already need not be tried.
    if let promise, !anchorsOnly, promise <= 1e-9 * scale { return false }
    let before = try product(names[index])
    try transform(found.steps(group))
    let gain = try product(names[index]) - before
    // The anchors alone may disagree with what is not matched yet.
    guard anchorsOnly || gain > 1e-9 * scale else {
      try transform(found.steps(group).reversed().map(\.inverse))
      return false
    }
    elements[index] = found.after(elements[index])
    return true
  }

  /// The best element of a group with the others as they are, and how much larger it makes the inner
  /// product of the networks, where that is known without applying it.
  private func proposal(
    _ index: Int, anchorsOnly: Bool
  ) throws -> (element: GroupElement, promise: Double?)? {
    let group = groups[index]
    if group.kind == .heads {
      return try HeadMatching(group, level: level, a: a, b: b, jobs: jobs).best()
        .map { (.heads($0), nil) }
    }
    let slices = anchorsOnly ? anchors(index) : group.slices
    if slices.isEmpty { return nil }
    let isRotated = group.kind == .orthogonal || group.kind == .orthogonalFixingMean
    let carrying = slices.filter { $0.role != .gain && $0.role != .unsigned }
    let products = try sums(carrying, size: group.size)
    if isRotated {
      let doubles = Matrix(
        rows: group.size, columns: group.size, values: products.values.map(Double.init))
      let rotation =
        try group.kind == .orthogonal
        ? Rotations.polar(doubles) : Rotations.polarFixingMean(doubles)
      return (.units(.rotation(rotation)), promise(of: rotation, doubles, slices))
    }
    let plain = try sums(
      slices.filter { $0.role == .gain || $0.role == .unsigned }, size: group.size)
    let map = try UnitAssignment.best(
      carrying: products, plain: plain, hasSigns: group.kind == .signed)
    guard case .order(let order, let factors) = map, isLinear(slices) else {
      return (.units(map), nil)
    }
    let gain = order.enumerated().reduce(0.0) { sum, unit in
      let (place, other) = (unit.offset, unit.element)
      return sum + Double(products[place, other]) * (factors?[place] ?? 1)
        + Double(plain[place, other]) - Double(products[place, place])
        - Double(plain[place, place])
    }
    return (.units(map), gain)
  }

  /// ⟨rotation − 1, products⟩; nil where the change of a tensor is not linear in the rotation.
  private func promise(
    of rotation: Matrix<Double>, _ products: Matrix<Double>, _ slices: [SymmetrySlice]
  ) -> Double? {
    guard isLinear(slices) else { return nil }
    var sum = zip(rotation.values, products.values).reduce(0) { $0 + $1.0 * $1.1 }
    for index in 0..<products.rows { sum -= products[index, index] }
    return sum
  }

  /// Whether no tensor has the units on two axes.
  private func isLinear(_ slices: [SymmetrySlice]) -> Bool {
    Dictionary(grouping: slices, by: \.tensor).values.allSatisfy { Set($0.map(\.axis)).count == 1 }
  }

  /// The slices whose other axes no group changes.
  private func anchors(_ index: Int) -> [SymmetrySlice] {
    groups[index].slices.filter { slice in
      !groups.enumerated().contains { other, group in
        group.slices.contains {
          $0.tensor == slice.tensor && (other != index || $0.axis != slice.axis)
        }
      }
    }
  }

  private func sums(_ slices: [SymmetrySlice], size: Int) throws -> Matrix<Float> {
    let parts = slices.compactMap { slice -> (UnitPlaces, Tensor, Tensor)? in
      guard let a = a[slice.tensor], let b = b[slice.tensor] else { return nil }
      return (UnitPlaces(slice), a, b)
    }
    // A sum a worker, so that not every slice needs a matrix.
    let workers = max(1, min(parts.count, jobs ?? Parallel.processorCount))
    let found = try Parallel.map(count: workers, jobs: jobs) { worker in
      var products = Matrix<Float>(zeros: size, size)
      for index in stride(from: worker, to: parts.count, by: workers) {
        let (places, a, b) = parts[index]
        UnitProducts.add(places, a, b, to: &products)
      }
      return products
    }
    var total = Matrix<Float>(zeros: size, size)
    for part in found {
      for index in total.values.indices { total.values[index] += part.values[index] }
    }
    return total
  }

  // MARK: Experts

  /// Finds the best order of a mixture's experts, together with the orders of their hidden units; false
  /// where nothing is gained.
  private mutating func exchange(_ index: Int) throws -> Bool {
    let mixture = mixtures[index]
    let count = mixture.experts.tensors.count
    let (first, second) = (a, b)
    let pairs = try Parallel.map(count: count * count, jobs: jobs) { pair in
      try mixture.fit(pair / count, pair % count, first, second)
    }
    let router = try sums(mixture.experts.router, size: count)
    let costs = Matrix(
      rows: count, columns: count,
      values: pairs.indices.map { -(Float(pairs[$0].gain) + router.values[$0]) })
    var solver = LinearAssignment(size: count)
    let order = try solver.minimize(costs).columns
    guard order != Array(0..<count) else { return false }
    let exchange = ExpertExchange(tensors: mixture.experts.tensors, order: order)
    let touched = Array(Set(exchange.tensors.joined() + mixture.experts.router.map(\.tensor)))
      .sorted()
    let before = try product(touched)
    let (old, oldElements) = (b, elements)
    for (place, expert) in order.enumerated() {
      for (name, source) in zip(exchange.tensors[place], exchange.tensors[expert]) {
        b[name] = old[source]
        products[name] = nil
      }
      for (unit, map) in zip(mixture.units[place].indices, pairs[place * count + expert].maps) {
        let group = mixture.units[place][unit]
        elements[group] = oldElements[mixture.units[expert][unit]]
        try apply(.units(map), to: group)
      }
    }
    try transform([
      .map(mixture.experts.router.map(UnitPlaces.init), .order(order, factors: nil))
    ])
    guard try product(touched) - before > 1e-9 * scale else {
      (b, elements) = (old, oldElements)
      products = [:]
      return false
    }
    exchanges[index].order = order.map { exchanges[index].order[$0] }
    return true
  }

  // MARK: B

  private mutating func transform(_ steps: [GaugeStep]) throws {
    let transform = GaugeTransform(steps)
    let names = transform.tensors.filter { b[$0] != nil }.sorted()
    // As many tensors as there are workers at a time, so that no second network is held.
    let width = max(1, jobs ?? Parallel.processorCount)
    for first in stride(from: 0, to: names.count, by: width) {
      let chosen = Array(names[first..<min(names.count, first + width)])
      let source = chosen.map { b[$0] ?? Tensor(zeros: [0]) }
      let changed = try Parallel.map(count: chosen.count, jobs: jobs) { index -> [Float] in
        var values = source[index].values
        for case .map(let places, let map) in transform.steps {
          for places in places where places.tensor == chosen[index] {
            guard let blocks = UnitBlocks(places, shape: source[index].shape) else { continue }
            map.apply(to: &values, blocks)
          }
        }
        return values
      }
      for (name, values) in zip(chosen, changed) {
        b[name]?.values = values
        products[name] = nil
      }
    }
  }

  private mutating func product(_ names: [String]) throws -> Double {
    let missing = names.filter { products[$0] == nil }
    let (a, b) = (a, b)
    let found = try Parallel.map(count: missing.count, jobs: jobs) { index -> Double in
      guard let first = a[missing[index]], let second = b[missing[index]] else { return 0 }
      return dotProduct(first.values, second.values)
    }
    for (name, value) in zip(missing, found) { products[name] = value }
    return names.reduce(0) { $0 + (products[$1] ?? 0) }
  }

  private mutating func total() throws -> Double {
    try product(Set(names.joined()).sorted())
  }

  /// The sum of the squares of both networks.
  var squares: Double {
    Set(names.joined()).sorted().reduce(0) { total, name in
      total + squareSum(a[name]?.values ?? []) + squareSum(b[name]?.values ?? [])
    }
  }

  /// The squared distance of the two networks over all tensors that a group changes.
  var distance: Double {
    Set(names.joined()).sorted().reduce(0) { total, name in
      guard let a = a[name], let b = b[name] else { return total }
      return total + squaredDistance(a.values, b.values)
    }
  }
}
