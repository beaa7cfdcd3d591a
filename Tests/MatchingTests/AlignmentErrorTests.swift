import Foundation
import LinearAlgebra
import Matching
import Testing
import WeightFiles

/// R beside a reference in Float64: LAPACK's `dgesdd` of each kernel, and the definition's sum over all
/// pairs of vectors.
@Suite("The error of R") struct AlignmentErrorTests {
  /// Singular values of a kernel, and what they try.
  struct Spectrum: Sendable, CustomTestStringConvertible {
    var name: String
    var rows: Int
    var columns: Int
    var scale = 1.0
    /// The value of an index and a share from 0 to 1 along the spectrum; nil for random elements.
    var value: (@Sendable (_ index: Int, _ share: Double) -> Double)?

    var testDescription: String { name }
  }

  /// What R ignores: the rounding of Float32 elements.
  private static let noise = 0x1p-24 * 256

  static let spectra: [Spectrum] = [
    Spectrum(name: "random", rows: 256, columns: 256),
    Spectrum(name: "random, tall", rows: 400, columns: 140),
    Spectrum(name: "random, wide", rows: 140, columns: 400),
    Spectrum(name: "falling to 1e-4", rows: 256, columns: 256) { _, share in pow(10, -4 * share) },
    Spectrum(name: "falling to the noise", rows: 256, columns: 256) { _, share in
      pow(1.5 * noise, share)
    },
    Spectrum(name: "tall, falling to 1e-4", rows: 400, columns: 140) { _, share in
      pow(10, -4 * share)
    },
    Spectrum(name: "wide, falling to 1e-4", rows: 140, columns: 400) { _, share in
      pow(10, -4 * share)
    },
    Spectrum(name: "one large, many just above the noise", rows: 256, columns: 256) {
      index, share in
      index == 0 ? 1 : noise * (4 - 2 * share)
    },
    Spectrum(name: "half just above the noise", rows: 256, columns: 256) { index, share in
      share < 0.5 ? 1 - share : noise * (4 - 2 * share)
    },
    Spectrum(name: "one large, many at 1e-2", rows: 256, columns: 256) { index, share in
      index == 0 ? 1 : 0.02 - 0.015 * share
    },
    Spectrum(name: "one large, many at 4e-2", rows: 256, columns: 256) { index, share in
      index == 0 ? 1 : 0.04 - 0.008 * share
    },
    Spectrum(name: "clusters", rows: 256, columns: 256) { index, _ in
      pow(0.7, Double(index / 16)) * (1 - 1e-9 * Double(index % 16))
    },
    Spectrum(name: "rank 100", rows: 256, columns: 256) { index, share in
      index < 100 ? 1 - share : 0
    },
    Spectrum(name: "a 1×1", rows: 1, columns: 1),
    Spectrum(name: "a 2×3", rows: 2, columns: 3),
    Spectrum(name: "random at 1e20", rows: 140, columns: 140, scale: 1e20),
    Spectrum(name: "random at 1e-20", rows: 140, columns: 140, scale: 1e-20),
    Spectrum(name: "at the top of the range", rows: 140, columns: 140, scale: 3e38),
    Spectrum(name: "at the bottom of the range", rows: 140, columns: 140, scale: 1e-39),
  ]

  @Test(arguments: spectra)
  func ratio(_ spectrum: Spectrum) throws {
    let (a, b) = try Self.kernels(spectrum)
    let kernel = LayerAlignment.Kernel(tensor: "w", outputAxis: 0)
    let alignment = try LayerAlignment(
      ["w": Tensor(shape: [a.rows, a.columns], values: a.values)],
      ["w": Tensor(shape: [b.rows, b.columns], values: b.values)], kernels: [kernel])
    let found = try alignment.ratios()
    let reference = try Self.reference(a, b)
    let own = try LayerAlignment(
      ["w": Tensor(shape: [a.rows, a.columns], values: a.values)],
      ["w": Tensor(shape: [a.rows, a.columns], values: a.values)], kernels: [kernel]
    ).ratios()
    // Measured: at most 3.6e-8 between two kernels and 4.5e-7 with itself ("one large, many at 4e-2");
    // 7.8e-7 and 2.1e-6 when the vectors of small values were left to Float32.
    for (ratio, exact) in zip(found, reference) { #expect(abs((ratio ?? .nan) - exact) < 2e-7) }
    for ratio in own { #expect(abs((ratio ?? .nan) - 1) < 1e-6) }
  }

  /// Two kernels with the spectrum whose vectors are partly in line.
  private static func kernels(_ spectrum: Spectrum) throws -> (Matrix<Float>, Matrix<Float>) {
    var generator = SeededGenerator(seed: UInt64(spectrum.rows * 1000 + spectrum.columns))
    func random(_ count: Int) -> [Double] {
      (0..<count).map { _ in Double.random(in: -1...1, using: &generator) }
    }
    let (rows, columns) = (spectrum.rows, spectrum.columns)
    let first = random(rows * columns)
    let second = zip(first, random(rows * columns)).map { 0.7 * $0 + 0.7 * $1 }
    func kernel(_ values: [Double]) throws -> Matrix<Float> {
      guard let value = spectrum.value else {
        return Matrix(
          rows: rows, columns: columns, values: values.map { Float($0 * 0.7 * spectrum.scale) })
      }
      let found = try SingularValueDecomposition(
        Matrix<Double>(rows: rows, columns: columns, values: values))
      let count = min(rows, columns)
      var left = found.left
      for row in 0..<rows {
        for column in 0..<count {
          left.values[row * count + column] *= value(column, Double(column) / Double(count - 1))
        }
      }
      let product = BLAS.product(left, found.right, transposingRight: true)
      return Matrix(
        rows: rows, columns: columns, values: product.values.map { Float($0 * spectrum.scale) })
    }
    return (try kernel(first), try kernel(second))
  }

  private static func reference(_ a: Matrix<Float>, _ b: Matrix<Float>) throws -> [Double] {
    let first = try SingularValueDecomposition(a)
    let second = try SingularValueDecomposition(b)
    let left = BLAS.product(first.left, transposingLeft: true, second.left)
    let right = BLAS.product(first.right, transposingLeft: true, second.right)
    let least = 0x1p-24 * Double(max(a.rows, a.columns))
    return LayerAlignment.standardThresholds.map { threshold in
      let counts = [first, second].map { found in
        found.values.prefix { $0 >= found.values[0] * max(threshold, least) }.count
      }
      var sum = 0.0
      for row in 0..<counts[0] {
        for column in 0..<counts[1] { sum += left[row, column] * right[row, column] }
      }
      return sum / Double(counts.min() ?? 0)
    }
  }
}
