import Testing
import WorkbenchCore

@testable import WeightFiles

/// Differences between files, against sums written out.
@Suite struct ComparisonTests {
  /// Writes tensors of some type and opens the file.
  private func file(
    _ tensors: [(String, [Int], [Float])], in folder: String, _ name: String,
    as type: ElementType = .float32, _ compression: CompressionOption = .none
  ) async throws -> WeightFile {
    var contents = ModelContents()
    for (name, shape, values) in tensors {
      contents.add(name, shape: shape, as: type) { type.bytes(of: values) }
    }
    try contents.write(to: folder + name, WritingOptions(compression: compression))
    return try await WeightFile.open(folder + name)
  }

  @Test("distances are those of the definition, whatever the layout, type and number of jobs")
  func distances() async throws {
    try await Fixtures.withFolder { folder in
      let count = 300_007
      let one = (0..<count).map { Float($0 % 1009) / 256 - 1 }
      var two = one
      for index in stride(from: 0, to: count, by: 3) { two[index] += Float(index % 7) / 128 }
      let a = try await file([("x", [count], one)], in: folder, "a.h5")
      let b = try await file([("x", [count], two)], in: folder, "b.h5", .gzip(level: 1))
      var (squares, first, second, product, largest, changed) = (0.0, 0.0, 0.0, 0.0, 0.0, 0)
      for (x, y) in zip(one.map(Double.init), two.map(Double.init)) {
        squares += (x - y) * (x - y)
        first += x * x
        second += y * y
        product += x * y
        largest = max(largest, abs(x - y))
        changed += x == y ? 0 : 1
      }
      let found = try FileComparison(a, b, jobs: 1).differences[0]
      #expect(abs(found.l2 / squares.squareRoot() - 1) < 1e-12)
      #expect(abs(found.relative / (squares / first).squareRoot() - 1) < 1e-12)
      #expect(abs(found.cosine - product / (first * second).squareRoot()) < 1e-12)
      #expect(found.largestChange == largest && found.changedCount == changed)
      #expect(found.count == count && found.fractionChanged == Double(changed) / Double(count))
      let parallel = try FileComparison(a, b, jobs: 3, budget: 1).differences[0]
      #expect(parallel.l2 == found.l2 && parallel.cosine == found.cosine)
      #expect(parallel.relative == found.relative)
      // The same values in other types: nothing differs.
      let wide = try await file([("x", [count], one)], in: folder, "w.h5", as: .float64)
      let same = try FileComparison(a, wide).total
      #expect(same.changedCount == 0 && same.l2 == 0 && abs(same.cosine - 1) < 1e-12)
    }
  }

  @Test("what is no part of the network does not stand in the way of a guess")
  func optimizerStateIsLeftAside() async throws {
    try await Fixtures.withFolder { folder in
      let a = try await file(
        [("dense/kernel", [2, 3], Array(0..<6).map(Float.init))], in: folder, "a.h5")
      let b = try await file(
        [
          ("fc/kernel", [2, 3], Array(0..<6).map(Float.init)),
          ("optimizer/m", [2, 3], Array(repeating: 0, count: 6)),
        ], in: folder, "b.h5")
      #expect(try FileComparison(a, b).pairing.pairs.isEmpty)
      let pairing = try FileComparison(a, b, isAside: { $0.hasPrefix("optimizer") }).pairing
      #expect(pairing.pairs.map(\.reason) == [.shapeAndOrder])
      #expect(pairing.added.map { b.catalog.tensors[$0].name } == ["optimizer/m"])
      #expect(pairing.removed.isEmpty)
    }
  }

  @Test("infinities and NaN: equal ones are no change, others make distances undefined")
  func nonFinite() async throws {
    try await Fixtures.withFolder { folder in
      let values: [Float] = [1, .infinity, .nan, -.infinity, 2, 3, 4, 5, 6]
      var moved = values
      moved[1] = 7
      moved[8] = 9
      let a = try await file([("x", [9], values), ("z", [2], [0, 0])], in: folder, "a.h5")
      let b = try await file([("x", [9], moved), ("z", [2], [0, 1])], in: folder, "b.h5")
      let same = try FileComparison(a, a).differences
      #expect(same[0].l2 == 0 && same[0].changedCount == 0 && same[0].relative == 0)
      #expect(same[0].cosine.isNaN && same[0].nonFiniteCounts == (3, 3))
      #expect(same[1].relative == 0 && same[1].cosine.isNaN)
      let other = try FileComparison(a, b).differences
      #expect(other[0].l2.isNaN && other[0].largestChange.isNaN && other[0].changedCount == 2)
      #expect(other[0].nonFiniteCounts == (3, 2))
      #expect(other[1].relative == .infinity && other[1].l2 == 1)
    }
  }

  private func entries(_ list: [(String, [Int])]) -> [TensorEntry] {
    list.map {
      TensorEntry(name: $0.0, shape: $0.1, elementType: .float32, layout: .unallocated)
    }
  }

  @Test("names first, then shapes in order where both have as many; the rest is added and removed")
  func pairing() {
    let a = entries([
      ("w", [2, 3]), ("k0", [4, 4]), ("r", [5]), ("k1", [4, 4]), ("lost", [9]), ("u", [7]),
    ])
    let b = entries([
      ("new", [8]), ("c0", [4, 4]), ("r", [6]), ("c1", [4, 4]), ("w", [2, 3]), ("v0", [7]),
      ("v1", [7]),
    ])
    let found = TensorPairing(a, b)
    #expect(found.pairs.map(\.first) == [0, 1, 3] && found.pairs.map(\.second) == [4, 1, 3])
    #expect(found.pairs.map(\.reason) == [.name, .shapeAndOrder, .shapeAndOrder])
    #expect(found.reshaped.map(\.first) == [2] && found.reshaped.map(\.second) == [2])
    #expect(found.removed == [4, 5] && found.added == [0, 5, 6])
    #expect(found.notes.count == 2)
  }

  @Test("dots and slashes are the same in names, where that is clear")
  func paths() {
    let shape = [2, 2]
    let found = TensorPairing(
      entries([("a.w", shape), ("b.w", shape), ("c.w", shape), ("c/w", shape), ("d.w", [3])]),
      entries([("c.w", shape), ("b/w", shape), ("a/w", shape), ("d/w", [4])]))
    #expect(found.pairs.map(\.first) == [0, 1, 2] && found.pairs.map(\.second) == [2, 1, 0])
    #expect(found.pairs.allSatisfy { $0.reason == .name })
    #expect(found.reshaped.map(\.first) == [4] && found.removed == [3] && found.added.isEmpty)
  }

  @Test("kernels are transposed only when that is asked for")
  func transposing() async throws {
    try await Fixtures.withFolder { folder in
      let dense = Tensor(shape: [3, 5], values: (0..<15).map(Float.init))
      let convolution = Tensor(shape: [3, 3, 2, 7], values: (0..<126).map(Float.init))
      let (turned, swapped) = (dense.transposed([1, 0]), convolution.transposed([3, 2, 0, 1]))
      let a = try await file(
        [("dense", dense.shape, dense.values), ("conv", convolution.shape, convolution.values)],
        in: folder, "a.h5")
      for names in [("dense", "conv"), ("fc", "c1")] {
        let b = try await file(
          [(names.0, turned.shape, turned.values), (names.1, swapped.shape, swapped.values)],
          in: folder, "\(names.0).h5")
        #expect(try FileComparison(a, b).differences.isEmpty)
        let stated = try FileComparison(a, b, transposing: true)
        #expect(stated.pairing.pairs.count == 2 && stated.total.changedCount == 0)
        #expect(stated.total.count == 141)
      }
    }
  }
}
