import LinearAlgebra
import ModelGraph
import Tensors
import Testing

@testable import Matching

/// The rows of the catalogue that are within layers, each with its failing twin: changes that are no
/// elements of the groups that keep distances (general maps of heads, factors, constants), made by hand.
@Suite("Catalogue of symmetries within layers")
struct HeadSymmetryTests {
  typealias Bench = SymmetryCatalogueTests.Bench
  static let exact = SymmetryCatalogueTests.exact
  static let broken = SymmetryCatalogueTests.broken

  private func attention(_ bench: Bench) throws -> AttentionSymmetry {
    try #require(bench.symmetries.groups.lazy.compactMap(\.attentions.first).first)
  }

  /// A map of a head's channels, well away from rotations.
  private func general(_ count: Int, seed: UInt64) throws -> UnitMap {
    var generator = SeededGenerator(seed: seed)
    let left = try generator.rotation(count)
    let right = try generator.rotation(count)
    let scales = UnitMap.factors((0..<count).map { 0.5 + Double($0) })
    return UnitMap.rotation(left).after(scales).after(.rotation(right))
  }

  /// The map that keeps products where another is applied to one side.
  private func contragredient(_ map: UnitMap) -> UnitMap {
    let (matrix, inverse) = map.matrices
    return .matrix(inverse.transposed(), inverse: matrix.transposed())
  }

  private func places(
    _ slices: [AttentionSymmetry.Slice], _ heads: Range<Int>, _ width: Int
  ) -> [UnitPlaces] {
    slices.flatMap { slice in heads.map { UnitPlaces(slice, head: $0, width: width) } }
  }

  /// Queries and keys of the first group, mapped against each other.
  private func queryKey(
    _ attention: AttentionSymmetry, _ map: UnitMap, keyMap: UnitMap? = nil
  ) -> [GaugeStep] {
    let queries = 0..<attention.queriesPerGroup
    return [
      .map(places(attention.query, queries, attention.headWidth), map),
      .map(places(attention.key, 0..<1, attention.headWidth), keyMap ?? contragredient(map)),
    ]
  }

  private static let plain: [TransformerSketch] = [
    .gpt, SymmetryCatalogueTests.sketch(.gpt) { $0.projections = .byHead },
    SymmetryCatalogueTests.sketch(.gpt) {
      $0.heads = 4
      $0.keyValueHeads = 2
      $0.projections = .separate
      $0.hasPositionBias = true
      $0.softCap = 20
    },
  ]

  /// Without rotation by position any map of a head's queries against its keys.
  @Test(arguments: plain) func queriesAgainstKeys(_ sketch: TransformerSketch) throws {
    let bench = try Bench(sketch)
    let attention = try attention(bench)
    let map = try general(attention.headWidth, seed: 1)
    #expect(try bench.change(queryKey(attention, map), folded: false) < Self.exact)
    #expect(try bench.change(queryKey(attention, map, keyMap: map), folded: false) > Self.broken)
  }

  /// Any map of a head's values against what reads them; it is one for all queries of a group.
  @Test(arguments: plain + [.llama]) func valuesAgainstOutputs(_ sketch: TransformerSketch) throws {
    let bench = try Bench(sketch)
    let attention = try attention(bench)
    let map = try general(attention.valueWidth, seed: 2)
    let outputs = places([attention.output], 0..<attention.queriesPerGroup, attention.valueWidth)
    let values = places(attention.value, 0..<1, attention.valueWidth)
    #expect(
      try bench.change(
        [.map(values, map), .map(outputs, contragredient(map))], folded: false) < Self.exact)
    #expect(
      try bench.change([.map(values, map), .map(outputs, map)], folded: false) > Self.broken)
    if attention.queriesPerGroup > 1 {
      #expect(
        try bench.change(
          [.map(values, map), .map([outputs[0]], contragredient(map))], folded: false)
          > Self.broken)
    }
  }

  private static let turned: [TransformerSketch] = [
    .llama,
    SymmetryCatalogueTests.sketch(.llama) { $0.rotary = Rotary(layout: .interleaved) },
    SymmetryCatalogueTests.sketch(.llama) { $0.rotary = Rotary(width: 2) },
    SymmetryCatalogueTests.sketch(.llama) {
      $0.rotary = Rotary(width: 2)
      $0.hasBiases = true
    },
  ]

  /// With rotation by position a complex number for each plane, and any map of what is not turned.
  @Test(arguments: turned) func planes(_ sketch: TransformerSketch) throws {
    let bench = try Bench(sketch)
    let attention = try attention(bench)
    let width = attention.headWidth
    let rest = Array(attention.rotaryWidth..<width)
    func map(mirrors: Bool, layout: Rotary.Layout?) throws -> UnitMap {
      var matrix = Matrix<Double>(zeros: width, width)
      var other = attention
      if let layout { other.rotary?.layout = layout }
      for plane in other.planes {
        PlaneMap(cosine: 1.2, sine: 0.9).write(plane, into: &matrix)
        if mirrors {
          matrix[plane.first, plane.second] *= -1
          matrix[plane.second, plane.second] *= -1
        }
      }
      let free = try general(rest.count, seed: 3).matrices.matrix
      for row in rest {
        for column in rest { matrix[row, column] = free[row - rest[0], column - rest[0]] }
      }
      // The inverse, by singular vectors.
      let parts = try SingularValueDecomposition(matrix)
      let scaled = Matrix(rows: width, columns: width) {
        parts.right[$0, $1] / parts.values[$1]
      }
      return .matrix(matrix, inverse: BLAS.product(scaled, parts.left, transposingRight: true))
    }
    let right = try map(mirrors: false, layout: nil)
    #expect(try bench.change(queryKey(attention, right), folded: false) < Self.exact)
    let mirrored = try map(mirrors: true, layout: nil)
    #expect(try bench.change(queryKey(attention, mirrored), folded: false) > Self.broken)
    if attention.planes.count > 1 {
      let layout: Rotary.Layout = sketch.rotary?.layout == .halves ? .interleaved : .halves
      let wrong = try map(mirrors: false, layout: layout)
      #expect(try bench.change(queryKey(attention, wrong), folded: false) > Self.broken)
    }
  }

  /// Where queries and keys are normalised, signs alone are left.
  @Test(arguments: [Rotary(), nil]) func normalizedHeads(_ rotary: Rotary?) throws {
    let bench = try Bench(
      SymmetryCatalogueTests.sketch(.llama) {
        $0.normalizesHeads = true
        $0.rotary = rotary
      })
    for group in bench.symmetries.groups where group.kind == .heads {
      #expect(try bench.random(group) < Self.exact)
    }
    let attention = try attention(bench)
    var matrix = Matrix<Double>(zeros: attention.headWidth, attention.headWidth)
    let half = attention.headWidth / 2
    for plane in 0..<half {
      PlaneMap(angle: 1).write((plane, plane + half), into: &matrix)
    }
    #expect(
      try bench.change(queryKey(attention, .rotation(matrix)), folded: false) > Self.broken)
  }

  /// A key's bias changes nothing where nothing turns or normalises it, or caps the products; a query's
  /// does.
  @Test(arguments: [
    (SymmetryCatalogueTests.sketch(.gpt) { $0.seed = 2 }, true),
    (SymmetryCatalogueTests.sketch(.gpt) { $0.softCap = 2 }, false),
    (SymmetryCatalogueTests.sketch(.gpt) { $0.rotary = Rotary() }, false),
    (SymmetryCatalogueTests.sketch(.gpt) { $0.normalizesHeads = true }, false),
  ]) func keyBias(_ sketch: TransformerSketch, _ isNull: Bool) throws {
    let bench = try Bench(sketch)
    let attention = try attention(bench)
    func change(_ slices: [AttentionSymmetry.Slice]) throws -> [GaugeStep] {
      let bias = slices[1]
      let entries = bias.starts.flatMap { Array($0..<($0 + attention.headWidth)) }
      let old = try #require(bench.weights[bias.tensor]).values
      return [
        .set(
          ElementChange(
            tensor: bias.tensor, entries: entries, old: entries.map { Double(old[$0]) },
            new: entries.indices.map { $0 % 2 == 0 ? 3 : -2 }))
      ]
    }
    let key = try bench.change(change(attention.key), folded: false)
    #expect(isNull ? key < Self.exact : key > 1e-3)
    #expect(try bench.change(change(attention.query), folded: false) > 1e-3)
    // What is found to be null is what the canonical form takes away.
    let left = try attention.key.dropFirst().map {
      try bench.canonical.tensor($0.tensor, of: bench.weights).values[$0.starts[0]]
    }
    #expect(left.allSatisfy { ($0 == 0) == isNull })
  }

  /// The bias of values goes through what reads them; taken away alone it changes the outputs.
  @Test func valueBias() throws {
    let bench = try Bench(.gpt)
    let attention = try attention(bench)
    let bias = attention.value[1]
    let moved = try bench.canonical.tensor(bias.tensor, of: bench.weights)
    #expect((0..<attention.valueWidth).allSatisfy { moved.values[bias.starts[0] + $0] == 0 })
    let entries = Array(bias.starts[0]..<(bias.starts[0] + 3 * attention.valueWidth))
    let old = try #require(bench.weights[bias.tensor]).values
    let removal = GaugeStep.set(
      ElementChange(
        tensor: bias.tensor, entries: entries, old: entries.map { Double(old[$0]) },
        new: entries.map { _ in 0 }))
    #expect(try bench.change([removal], folded: false) > Self.broken)
  }

  /// Heads change places with everything that is theirs; without their outputs they do not. A group of
  /// queries moves as a whole.
  @Test(arguments: plain + turned) func orderOfHeads(_ sketch: TransformerSketch) throws {
    let bench = try Bench(sketch)
    let group = try #require(bench.symmetries.groups.first { $0.kind == .heads })
    guard case .heads(var element) = GroupElement.identity(group) else { return }
    let perGroup = group.attentions[0].queriesPerGroup
    element.groups.swapAt(0, 1)
    element.queries = element.groups.flatMap { head in
      (0..<perGroup).reversed().map { head * perGroup + $0 }
    }
    #expect(try bench.change(element.steps(group), folded: false) < Self.exact)
    var partly = group
    partly.attentions = [group.attentions[0]]
    var wrong = element
    wrong.groups = Array(0..<group.size)
    #expect(try bench.change(wrong.steps(partly), folded: false) > Self.broken)
  }

  /// Hidden units change places; gated ones have a factor, sign included, between what makes and what reads
  /// them. The gate's own rows keep theirs.
  @Test func hiddenUnits() throws {
    let bench = try Bench(.llama)
    let group = try #require(bench.symmetries.groups.first { $0.kind == .signed })
    func places(_ role: SymmetrySlice.Role) -> [UnitPlaces] {
      group.slices.filter { $0.role == role }.map(UnitPlaces.init)
    }
    let factors = UnitMap.factors((0..<group.size).map { $0 % 2 == 0 ? -3 : 0.5 })
    #expect(
      try bench.change(
        [.map(places(.writer), factors), .map(places(.reader), factors.inverse)], folded: false)
        < Self.exact)
    #expect(
      try bench.change(
        [.map(places(.unsigned), factors), .map(places(.reader), factors.inverse)], folded: false)
        > Self.broken)
    // The units of a plain layer with GELU have an order alone, with ReLU a positive factor.
    for (activation, limit) in [(Activation.gelu(approximate: false), false), (.relu, true)] {
      let bench = try Bench(
        SymmetryCatalogueTests.sketch(.gpt) { $0.middle = .plain(activation) })
      let group = try #require(bench.symmetries.groups.first { $0.name == "h.0.hidden.up" })
      #expect(group.kind == .permutation)
      let factors = UnitMap.factors((0..<group.size).map { 0.3 + Double($0) })
      let writers = group.slices.filter { $0.role == .writer }.map(UnitPlaces.init)
      let readers = group.slices.filter { $0.role == .reader }.map(UnitPlaces.init)
      let change = try bench.change(
        [.map(writers, factors), .map(readers, factors.inverse)], folded: false)
      #expect(limit ? change < Self.exact : change > 1e-3)
    }
  }

  /// A softmax over experts sees no number that is added to all of its products; a sigmoid does.
  @Test(arguments: [Routing.Gate.softmax, .sigmoid]) func routers(_ gate: Routing.Gate) throws {
    let bench = try Bench(
      SymmetryCatalogueTests.sketch(.llama) {
        $0.middle = .experts(Routing(gate: gate, mostExperts: 2))
      })
    let name = "h.0.hidden.router.weight"
    let kernel = try #require(bench.weights[name])
    let term = CommonTerm(
      places: UnitPlaces(tensor: name, axis: 0, starts: Array(0..<kernel.shape[0])),
      values: (0..<kernel.shape[1]).map { Double($0 % 3) - 1 }, sign: 1)
    let change = try bench.change([.add(term)], folded: false)
    #expect(gate == .softmax ? change < Self.exact : change > 1e-3)
  }

  /// Readers lose their mean only where the shifts have left the normalisation.
  @Test func centredReaders() throws {
    var sketch = TransformerSketch.gpt
    sketch.hasBiases = false
    let bench = try Bench(sketch)
    let kernel = "h.0.attention.qkv.weight"
    let places = UnitPlaces(tensor: kernel, axis: 0, starts: Array(0..<sketch.width))
    let folded = try bench.canonical.tensor(kernel, of: bench.weights)
    let term = try #require(CommonTerm(meanOf: places, folded))
    #expect(try bench.change([.add(term)]) > 1e-2)
    let moved = try Bench(.gpt)
    let other = try moved.canonical.tensor(kernel, of: moved.weights)
    let mean = try #require(CommonTerm(meanOf: places, other))
    #expect(mean.values.allSatisfy { abs($0) < Self.exact })
  }

  /// Gains that lead to a tied table are not folded: the table would have to be two.
  @Test func tiedTables() throws {
    let bench = try Bench(SymmetryCatalogueTests.sketch(.llama) { $0.isTied = true })
    #expect(!bench.symmetries.folds.contains { $0.layer == "norm" })
    let reason = try bench.group("embed").reason
    #expect(reason?.contains("embed.weight") == true)
    let gains = try #require(bench.weights["norm.weight"]).values.map(Double.init)
    let places = UnitPlaces(tensor: "embed.weight", axis: 1, starts: Array(gains.indices))
    let ones = GaugeStep.set(
      ElementChange(
        tensor: "norm.weight", entries: Array(gains.indices), old: gains,
        new: gains.map { _ in 1 }))
    #expect(
      try bench.change([.map([places], .factors(gains)), ones], folded: false) > Self.broken)
  }
}
