import Connectivity
import Tensors
import Testing

@Suite("Barriers by each definition, Taylor's estimate, weighted means")
struct BarrierDefinitionsTests {
  typealias Case = (
    values: [Double], overLine: Double, overMean: Double, atMiddle: Double, mode: Double
  )

  static let cases: [Case] = [
    // Level ends: the first three agree.
    ([1, 4, 1], 3, 3, 3, -3),
    // A valley is a negative barrier by all, and above 0 in Yang's sign.
    ([1, 0.5, 1], -0.5, -0.5, -0.5, 0.5),
    // A slope: over the line nothing, over the mean the higher side.
    ([0, 1, 2, 3, 4], 0, 1, 0, 2),
    // A hill on a slope.
    ([0, 2, 2], 1, 1, 1, -1),
    ([1, .nan, 1], .infinity, .infinity, .infinity, -.infinity),
  ]

  @Test("the definitions", arguments: cases)
  func definitions(
    values: [Double], overLine: Double, overMean: Double, atMiddle: Double, mode: Double
  ) {
    let last = Double(values.count - 1)
    let found = Barriers(values.enumerated().map { (Double($0.offset) / last, $0.element) })
    #expect(found.overLine == overLine && found.overMean == overMean)
    #expect(found.atMiddle == atMiddle && found.modeConnectivity.map(abs) == abs(mode))
    if values[0] == values[values.count - 1] || overMean != 1 {
      #expect(found.modeConnectivity == mode)
    }
  }

  @Test("what is no number is no barrier of zero, wherever it stands")
  func notMeasured() {
    func curve(_ values: [(loss: Double, accuracy: Double)]) -> Barrier {
      Curve(
        name: "naive",
        points: values.enumerated().map {
          Curve.Point(t: Double($0) / 2, loss: $1.loss, accuracy: $1.accuracy)
        }
      ).barrier
    }
    for place in 0..<3 {
      var values = [(loss: 1.0, accuracy: 0.9), (1.5, 0.8), (1, 0.9)]
      #expect(curve(values).loss == 0.5 && abs(curve(values).accuracy - 0.1) < 1e-12)
      values[place] = (.nan, .nan)
      #expect(!curve(values).loss.isFinite && curve(values).accuracy.isNaN, "\(place)")
    }
  }

  @Test("without a place between the ends nothing is measured; without a middle no middle")
  func missing() {
    #expect(Barriers([(0, 1), (1, 2)]).overLine == nil)
    #expect(Barriers([(0, 1), (1.0 / 3, 2), (2.0 / 3, 3), (1, 1)]).atMiddle == nil)
  }

  @Test("the estimate is exact for a cubic along the line, whose expansions it averages")
  func taylor() async throws {
    let a: Weights = ["w": Tensor(shape: [1], values: [0])]
    let b: Weights = ["w": Tensor(shape: [1], values: [1])]
    // φ = 2t + 3t² − t³: φ'(0) = 2, φ'(1) = 5, φ''(0) = 6, φ''(1) = 0.
    let found = try await TaylorEstimate.measure(from: a, to: b, step: 0.0625) { weights in
      let t = Double(weights["w"]?.values[0] ?? 0)
      return [2 * t + 3 * t * t - t * t * t, 7]
    }
    let first = try #require(found.first)
    #expect(abs(first.slopes.a - 2) < 1e-9 && abs(first.slopes.b - 5) < 1e-9)
    #expect(abs(first.curvatures.a - 6) < 1e-9 && abs(first.curvatures.b) < 1e-9)
    #expect(abs(first.barrier - (-0.75 + 0.375)) < 1e-9)
    #expect(abs(first.trueBarrier - (1 + 0.75 - 0.125 - 2)) < 1e-12)
    #expect(found[1].barrier == 0 && found[1].trueBarrier == 0)
  }

  @Test("means are summed in Float64 and rounded once; a share of 0 does not count")
  func means() {
    func network(_ value: Float) -> Weights { ["w": Tensor(shape: [1], values: [value])] }
    let sources = [(network(1e8), 0.5), (network(1), 0.25), (network(-1e8), 0.5)]
    #expect(WeightedMean.mean(of: sources)["w"]?.values == [0.25])
    let alone = WeightedMean.mean(of: [(network(-0.0), 1), (network(.nan), 0)])
    #expect(alone["w"]?.values[0].bitPattern == Float(-0.0).bitPattern)
  }

  @Test("a Bézier curve meets its ends, and without a control point is the line")
  func bezier() {
    let a: Weights = ["w": Tensor(shape: [2], values: [0, 4])]
    let b: Weights = ["w": Tensor(shape: [2], values: [2, 0])]
    let line = BezierPath(from: a, to: b)
    #expect(line.network(at: 0.25)["w"]?.values == [0.5, 3])
    let curve = BezierPath(from: a, to: b, control: ["w": Tensor(shape: [2], values: [9, 9])])
    #expect(curve.network(at: 0) == a && curve.network(at: 1) == b)
    #expect(curve.network(at: 0.5)["w"]?.values == [5, 5.5])
  }
}
