import Foundation
import LinearAlgebra
import Testing

/// Summaries of tensors against sums and sorting without any cleverness.
@Suite("Summaries of tensors")
struct TensorSummaryTests {
  /// The seven quantiles by sorting everything.
  static func quantiles(_ values: [Float]) -> [Double] {
    let sorted = values.filter(\.isFinite).sorted().map(Double.init)
    return TensorSummary.probabilities.map { probability in
      let place = probability * Double(sorted.count - 1)
      let low = sorted[Int(place)]
      let high = sorted[min(Int(place) + 1, sorted.count - 1)]
      return low + (high - low) * (place - place.rounded(.down))
    }
  }

  static func isClose(_ a: Double, _ b: Double, scale: Double = 1) -> Bool {
    abs(a - b) <= 1e-12 * max(scale, abs(b))
  }

  static let samples: [(name: String, values: [Float])] = {
    var generator = SeededGenerator(seed: 7)
    func numbers(_ count: Int, _ transform: (Double) -> Double) -> [Float] {
      (0..<count).map { _ in Float(transform(Double.random(in: -1...1, using: &generator))) }
    }
    return [
      ("one", [3]), ("two", [1, -2]), ("three", [0, -0.0, 5]),
      ("uniform", numbers(4099, { $0 })), ("small", numbers(255, { $0 })),
      ("threshold", numbers(256, { $0 })), ("above", numbers(257, { $0 })),
      ("cubes", numbers(10_001, { $0 * $0 * $0 * 1e6 })),
      ("tiny", numbers(1000, { $0 * 1e-42 })),
      ("few values", numbers(5000, { ($0 * 3).rounded() })),
      ("odd", numbers(999, { $0 }) + [.nan, .infinity, -.infinity, .nan]),
      ("odd first", [.nan, .infinity] + numbers(7, { $0 })),
      ("sparse", numbers(3000, { abs($0) < 0.9 ? 0 : $0 })),
    ]
  }()

  @Test("moments, quantiles, norms and counts", arguments: samples.indices)
  func agrees(_ index: Int) {
    let (name, values) = Self.samples[index]
    let summary = TensorSummary(values)
    let finite = values.filter(\.isFinite).map(Double.init)
    let count = Double(finite.count)
    let mean = finite.reduce(0, +) / count
    let scale = finite.map(abs).max() ?? 1
    let squares = finite.map { ($0 - mean) * ($0 - mean) }
    let variance = squares.reduce(0, +) / count
    #expect(summary.count == values.count, "\(name)")
    #expect(summary.notANumber == values.count(where: \.isNaN), "\(name)")
    #expect(summary.infinite == values.count(where: \.isInfinite), "\(name)")
    #expect(summary.zeros == finite.count { $0 == 0 }, "\(name)")
    #expect(Self.isClose(summary.mean, mean, scale: scale), "\(name): \(summary.mean) \(mean)")
    #expect(Self.isClose(summary.variance, variance, scale: scale * scale), "\(name)")
    #expect(Self.isClose(summary.absoluteSum, finite.reduce(0) { $0 + abs($1) }), "\(name)")
    #expect(Self.isClose(summary.squareSum, finite.reduce(0) { $0 + $1 * $1 }), "\(name)")
    #expect(summary.quantiles == Self.quantiles(values), "\(name)")
    if finite.count > 1 {
      let kurtosis =
        squares.reduce(0) { $0 + $1 * $1 } / count / (variance * variance) - 3
      #expect(abs(summary.kurtosis - kurtosis) < 1e-8, "\(name)")
      #expect(
        Self.isClose(
          summary.unbiasedVariance, variance * count / (count - 1), scale: scale * scale),
        "\(name)")
    }
  }

  @Test("constants have no spread and no kurtosis; nothing has no numbers")
  func constants() {
    let same = TensorSummary([Float](repeating: 0.1, count: 3000))
    #expect(same.isConstant)
    #expect(same.variance == 0)
    #expect(same.mean == Double(Float(0.1)))
    #expect(same.kurtosis.isNaN)
    let none = TensorSummary([.nan, .infinity])
    #expect(!none.isConstant)
    #expect(none.mean.isNaN)
    #expect(none.quantile(0.5).isNaN)
    #expect(TensorSummary([]).count == 0)
  }

  @Test("numbers that bfloat16 could hold are told from those that it could not")
  func precision() {
    let coarse = (0..<1001).map { Float(bitPattern: UInt32($0) << 16 | 0x3F00_0000) }
    #expect(TensorSummary(coarse).fitsBFloat16)
    #expect(TensorSummary(coarse + [.nan]).fitsBFloat16)
    #expect(!TensorSummary(coarse + [0.1]).fitsBFloat16)
    #expect(!TensorSummary([0.1] + coarse).fitsBFloat16)
  }
}

extension TensorSummaryTests {
  @Test("numbers in pieces come to what they come to together", arguments: samples.indices)
  func streamed(_ index: Int) throws {
    let (name, values) = Self.samples[index]
    let whole = TensorSummary(values)
    for length in [4, 64, 1024, 1 << 20] {
      var passes = 0
      let summary = try TensorSummary(count: values.count) { body in
        passes += 1
        for start in stride(from: 0, to: values.count, by: length) {
          let piece = Array(values[start..<min(values.count, start + length)])
          try piece.withUnsafeBufferPointer { try body($0) }
        }
      }
      #expect(passes == (whole.finiteCount == 0 ? 1 : 2))
      #expect("\(summary)" == "\(whole)", "\(name) by \(length)")
    }
  }
}
