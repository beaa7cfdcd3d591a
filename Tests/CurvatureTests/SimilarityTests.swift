import LinearAlgebra
import ModelGraph
import Networks
import Tensors
import Testing
import WeightFiles
import Support

@testable import Curvature

import func Foundation.sin

/// Numbers by `Fixtures/make_similarity.py`.
@Suite("Similarity of representations")
struct SimilarityTests {
  private static func features(
    _ rows: Range<Int>, _ width: Int, _ step: Double
  ) -> Matrix<Double> {
    Matrix(rows: rows.count, columns: width) { row, column in
      let place = Double(rows.lowerBound + row)
      return sin(1 + step * place + 3 * Double(column) + 0.1 * place * Double(column))
    }
  }

  typealias Case = (
    width: Int, step: Double, biased: Double, unbiased: Double, halves: Double, svcca: Double
  )

  static let cases: [Case] = [
    (
      9, 5.3, 0.398_321_121_214_001_6, 0.278_437_630_958_981_2, 0.318_500_155_531_821_9,
      0.582_217_093_048_589_4
    ),
    (6, 7.0, 1, 1, 1, 1),
    (
      60, 0.37, 0.282_920_781_481_297_96, -0.152_792_816_704_724_72, -0.178_616_237_186_196_65,
      0.975_429_686_447_745_1
    ),
  ]

  @Test("CKA and SVCCA as NumPy has them", arguments: cases)
  func numbers(_ expected: Case) throws {
    func pair(_ rows: Range<Int>) -> [Matrix<Double>] {
      [Self.features(rows, 6, 7), Self.features(rows, expected.width, expected.step)]
    }
    var biased = SimilarityMatrix(count: 2, estimate: .biased)
    try biased.add(pair(0..<40))
    #expect(abs(biased.cka(0, 1) - expected.biased) < 1e-9)
    // Where the covariance has directions of no variance, the 99 % may end at either of two.
    #expect(abs(biased.svcca(1, 0) - expected.svcca) < 1e-6)
    var unbiased = SimilarityMatrix(count: 2)
    try unbiased.add(pair(0..<40), jobs: 1)
    #expect(abs(unbiased.cka(0, 1) - expected.unbiased) < 1e-9)
    #expect(abs(unbiased.cka(1, 1) - 1) < 1e-12)
    var halves = SimilarityMatrix(count: 2)
    for rows in [0..<20, 20..<40] { try halves.add(pair(rows)) }
    #expect(abs(halves.cka(1, 0) - expected.halves) < 1e-9)
  }

  @Test("turning, scaling and moving the columns changes nothing; constants have no similarity")
  func invariance() throws {
    let a = Self.features(0..<30, 4, 2)
    let turned = Matrix<Double>(rows: 30, columns: 4) { row, column in
      let (x, y) = (a[row, column & 2], a[row, column & 2 | 1])
      return 5 + 3 * (column & 1 == 0 ? 0.6 * x + 0.8 * y : 0.8 * x - 0.6 * y)
    }
    let constant = Matrix<Double>(rows: 30, columns: 2) { _, _ in 7 }
    for estimate in SimilarityMatrix.Estimate.allCases {
      var matrix = SimilarityMatrix(count: 3, estimate: estimate)
      try matrix.add([a, turned, constant])
      #expect(abs(matrix.cka(0, 1) - 1) < 1e-9)
      #expect(matrix.cka(0, 2).isNaN && matrix.svcca(0, 2).isNaN)
    }
    var few = SimilarityMatrix(count: 1)
    #expect(throws: Diagnostic.self) { try few.add([Self.features(0..<3, 2, 1)]) }
  }

  @Test("networks: itself, one with its units permuted, and another")
  func networks() async throws {
    let fixture = try await HessianFixture("vgg")
    var permuted = fixture.weights
    for name in ["a.weight", "a.bias"] {
      let tensor = try #require(permuted[name])
      let size = tensor.values.count / 4
      permuted[name]?.values = Array(tensor.values[size...] + tensor.values[..<size])
    }
    let kernel = try #require(permuted["b.weight"])
    for filter in 0..<8 {
      let block = kernel.values[filter * 36..<(filter + 1) * 36]
      permuted["b.weight"]?.values.replaceSubrange(
        filter * 36..<(filter + 1) * 36, with: Array(block.dropFirst(9) + block.prefix(9)))
    }
    let other = Initializer.weights(for: fixture.graph, seed: 5)
    let members = [fixture.weights, permuted, other].map {
      NetworkSimilarity.Member(graph: fixture.graph, weights: $0)
    }
    let found = try NetworkSimilarity(
      of: members, layers: ["a", NetworkSimilarity.logits], on: fixture.data, jobs: 2)
    #expect(found.exampleCount == 24)
    for matrix in found.matrices {
      #expect(abs(matrix.cka(0, 1) - 1) < 1e-5)
      #expect(matrix.cka(0, 2) < 0.99)
    }
    #expect(found.agreement[1] == 1)
    #expect(found.agreement[2] < 1)
    #expect(throws: Diagnostic.self) {
      try NetworkSimilarity(of: members, layers: ["z"], on: fixture.data)
    }
  }

  @Test("many in one pass as two by two, for columns and for inner products of examples")
  func allAtOnce() throws {
    // 40 examples: 5 and 9 numbers are compared by columns, together with 60 by examples.
    for widths in [[5, 9, 5, 7], [5, 60, 9, 45]] {
      let all = widths.enumerated().map { Self.features(0..<40, $1, 0.9 + 1.7 * Double($0)) }
      for estimate in SimilarityMatrix.Estimate.allCases {
        var together = SimilarityMatrix(count: 4, estimate: estimate)
        try together.add(all, jobs: 2)
        for a in 0..<4 {
          for b in 0..<a {
            var pair = SimilarityMatrix(count: 2, estimate: estimate)
            try pair.add([all[a], all[b]])
            #expect(abs(together.cka(a, b) - pair.cka(0, 1)) < 1e-12, "\(widths) \(a) \(b)")
            #expect(abs(together.svcca(a, b) - pair.svcca(0, 1)) < 1e-9, "\(widths) \(a) \(b)")
          }
        }
      }
    }
  }

  @Test("networks that are compared all at once as two by two, for any size of batches of one sum")
  func manyNetworks() async throws {
    let fixture = try await HessianFixture("vgg")
    let members = (0..<5).map {
      NetworkSimilarity.Member(
        graph: fixture.graph, weights: Initializer.weights(for: fixture.graph, seed: $0))
    }
    let all = try NetworkSimilarity(of: members, on: fixture.data, batchSize: 8)
    for a in 0..<5 {
      for b in 0..<a {
        let pair = try NetworkSimilarity(
          of: [members[a], members[b]], on: fixture.data, batchSize: 8)
        // The same sums from the same batches, turned about: rounding alone.
        #expect(abs(all.matrices[0].cka(a, b) - pair.matrices[0].cka(0, 1)) < 1e-12)
        #expect(all.agreement[a * 5 + b] == pair.agreement[1])
      }
    }
  }
}
