import Foundation
import LinearAlgebra
import Networks
import Testing
import Support

@testable import Curvature

@Suite("Eigenvalues, trace and density")
struct HessianMeasuresTests {
  /// Seen: eigenvalues within 4e-7 of the largest, traces within two standard errors.
  @Test(
    "of networks as NumPy has them of PyTorch's matrix", arguments: ["mlp_tanh", "vgg", "resnet"])
  func networks(_ name: String) async throws {
    let fixture = try await HessianFixture(name)
    let hessian = try LossHessian(
      graph: fixture.graph, weights: fixture.weights, dataset: fixture.data)
    let measures = try HessianMeasures(of: hessian)
    let expected = try fixture.vector("largest")
    #expect(measures.top.hasConverged)
    #expect(measures.top.values.count == 5)
    for (value, exact) in zip(measures.top.values, expected) {
      #expect(abs(value - exact) < 1e-5 * expected[0])
    }
    let trace = try fixture.vector("trace")[0]
    #expect(measures.trace.error > 0)
    #expect(abs(measures.trace.value - trace) < 4 * measures.trace.error)
    #expect(try HessianMeasures(of: hessian) == measures)
    var other = HessianOptions()
    other.seed = 1
    #expect(try HessianMeasures(of: hessian, options: other).trace != measures.trace)
  }

  /// What `Fixtures/make_pyhessian.py` recorded of PyHessian 0.1.
  private struct PyHessian: Decodable {
    var eigenvalues: [Double]
    var trace: Double
    var traceError: Double
  }

  /// Seen: eigenvalues within 3e-6 of the largest.
  @Test(
    "as PyHessian finds them on the same batches", arguments: ["mlp_tanh", "vgg", "resnet"])
  func pyHessian(_ name: String) async throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/pyhessian.json")
    let recorded = try JSONDecoder().decode(
      [String: PyHessian].self, from: try Data(contentsOf: path))
    let peer = try #require(recorded[name])
    let fixture = try await HessianFixture(name)
    let hessian = try LossHessian(
      graph: fixture.graph, weights: fixture.weights, dataset: fixture.data, batchSize: 16)
    let measures = try HessianMeasures(of: hessian)
    for (own, other) in zip(measures.top.values, peer.eigenvalues) {
      // Its own default tolerance; power iteration is slow where eigenvalues are close.
      #expect(abs(own - other) < 1e-3 * peer.eigenvalues[0])
    }
    let spread = (measures.trace.error * measures.trace.error + peer.traceError * peer.traceError)
      .squareRoot()
    #expect(abs(measures.trace.value - peer.trace) < 4 * spread)
  }

  private static func diagonal(_ values: [Double]) -> Matrix<Double> {
    Matrix(rows: values.count, columns: values.count) { $0 == $1 ? values[$0] : 0 }
  }

  @Test("restarts find what one basis would", arguments: [0, 1 << 30])
  func restarts(_ memory: Int) throws {
    // Eigenvalues close to one another, far more than fit.
    let values = (0..<300).map { 1 + Double($0) / 30 }
    let top = try TopEigenvalues(
      of: Self.diagonal(values), count: 3, tolerance: 1e-6, productLimit: 2000,
      memoryLimit: memory)
    #expect(top.hasConverged)
    for (index, value) in top.values.enumerated() {
      #expect(abs(value - values[299 - index]) < 1e-5)
      #expect(top.residuals[index] < 1.1e-5)
    }
  }

  @Test("equal eigenvalues, fewer rows than asked for, and the zero matrix")
  func degenerate() throws {
    let twice = try TopEigenvalues(of: Self.diagonal([5, 5, 1, 1, 1, -3]), count: 2)
    #expect(abs(twice.values[0] - 5) < 1e-9)
    #expect(abs(twice.smallest + 3) < 1e-9)
    let few = try TopEigenvalues(of: Self.diagonal([2, -1]), count: 9)
    #expect(few.values.count == 2 && few.hasConverged)
    let zero = try TopEigenvalues(of: Self.diagonal([0, 0, 0]), count: 1)
    #expect(zero.values == [0])
    #expect(try SpectralDensity(of: Self.diagonal([0, 0, 0])).nodes.allSatisfy { $0 == 0 })
  }

  @Test(
    "the trace: both ways within their errors, and Hutch++ better where few eigenvalues are large")
  func traces() throws {
    var generator = SeededGenerator(seed: 4)
    let size = 120
    let spikes = (0..<4).map { _ in generator.direction(size) }
    let matrix = Matrix<Double>(rows: size, columns: size) { row, column in
      (row == column ? 0.01 : 0) + spikes.reduce(0) { $0 + 10 * $1[row] * $1[column] }
    }
    let trace = 40 + 0.01 * Double(size)
    let plain = try TraceEstimate(
      of: matrix, method: .hutchinson, tolerance: 1e-3, productLimit: 60, seed: 1)
    let better = try TraceEstimate(
      of: matrix, method: .hutchPlusPlus, tolerance: 1e-3, productLimit: 60, seed: 1)
    #expect(abs(plain.value - trace) < 4 * plain.error)
    #expect(!plain.hasConverged && plain.products == 60)
    #expect(better.hasConverged && better.products < 60)
    // Seen: 1.8e-4; the hundredth on the diagonal is what is left to chance.
    #expect(abs(better.value - trace) < 1e-3 * trace)
    let exact = try TraceEstimate(of: matrix, method: .exact)
    #expect(abs(exact.value - trace) < 1e-9 && exact.error == 0)
  }

  @Test("the density of a matrix of two eigenvalues is exact after two steps")
  func density() throws {
    let values = Array(repeating: 1.0, count: 60) + Array(repeating: 4.0, count: 20)
    let density = try SpectralDensity(of: Self.diagonal(values), vectors: 3, steps: 10)
    let high = zip(density.nodes, density.weights).filter { $0.0 > 2 }.reduce(0) { $0 + $1.1 }
    #expect(abs(high - 0.25) < 1e-12)
    #expect(density.nodes.allSatisfy { abs($0 - 1) < 1e-9 || abs($0 - 4) < 1e-9 })
    #expect(density.products == 6)
    // The smoothed density is one.
    let step = density.points[1] - density.points[0]
    #expect(abs(density.density.reduce(0, +) * step - 1) < 1e-3)
  }

  @Test("products that are no numbers are told")
  func notFinite() {
    let broken = Self.diagonal([1, .nan, 2])
    #expect(throws: Diagnostic.self) { try TopEigenvalues(of: broken, count: 1) }
    #expect(throws: Diagnostic.self) { try TraceEstimate(of: broken, method: .hutchinson) }
    #expect(throws: Diagnostic.self) { try SpectralDensity(of: broken) }
  }
}
