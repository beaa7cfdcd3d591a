import Catalogs
import Support
import Testing

@testable import Tensors
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

  /// The tensors of two files that hold as many, one beside the other.
  private func pairs(_ a: WeightFile, axes: [[Int]?] = []) -> [FileComparison.Pair] {
    a.catalog.tensors.indices.map {
      .init(first: $0, second: $0, axes: axes.isEmpty ? nil : axes[$0])
    }
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
      let found = try FileComparison(a, b, pairs: pairs(a), jobs: 1).differences[0]
      #expect(abs(found.l2 / squares.squareRoot() - 1) < 1e-12)
      #expect(abs(found.relative / (squares / first).squareRoot() - 1) < 1e-12)
      #expect(abs(found.cosine - product / (first * second).squareRoot()) < 1e-12)
      #expect(found.largestChange == largest && found.changedCount == changed)
      #expect(found.count == count && found.fractionChanged == Double(changed) / Double(count))
      let parallel = try FileComparison(a, b, pairs: pairs(a), jobs: 3, budget: 1).differences[0]
      #expect(parallel.l2 == found.l2 && parallel.cosine == found.cosine)
      #expect(parallel.relative == found.relative)
      // The same values in other types: nothing differs.
      let wide = try await file([("x", [count], one)], in: folder, "w.h5", as: .float64)
      let same = try FileComparison(a, wide, pairs: pairs(a)).total
      #expect(same.changedCount == 0 && same.l2 == 0 && abs(same.cosine - 1) < 1e-12)
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
      let same = try FileComparison(a, a, pairs: pairs(a)).differences
      #expect(same[0].l2 == 0 && same[0].changedCount == 0 && same[0].relative == 0)
      #expect(same[0].cosine.isNaN && same[0].nonFiniteCounts == (3, 3))
      #expect(same[1].relative == 0 && same[1].cosine.isNaN)
      let other = try FileComparison(a, b, pairs: pairs(a)).differences
      #expect(other[0].l2.isNaN && other[0].largestChange.isNaN && other[0].changedCount == 2)
      #expect(other[0].nonFiniteCounts == (3, 2))
      #expect(other[1].relative == .infinity && other[1].l2 == 1)
    }
  }

  @Test("a tensor with its axes in another order is compared in the first one's")
  func transposing() async throws {
    try await Fixtures.withFolder { folder in
      let dense = Tensor(shape: [3, 5], values: (0..<15).map(Float.init))
      let convolution = Tensor(shape: [3, 3, 2, 7], values: (0..<126).map(Float.init))
      let (turned, swapped) = (dense.transposed([1, 0]), convolution.transposed([3, 2, 0, 1]))
      let a = try await file(
        [("conv", convolution.shape, convolution.values), ("dense", dense.shape, dense.values)],
        in: folder, "a.h5")
      let b = try await file(
        [("conv", swapped.shape, swapped.values), ("dense", turned.shape, turned.values)],
        in: folder, "b.h5")
      let found = try FileComparison(a, b, pairs: pairs(a, axes: [[2, 3, 1, 0], [1, 0]])).total
      #expect(found.count == 141 && found.changedCount == 0)
    }
  }
}
