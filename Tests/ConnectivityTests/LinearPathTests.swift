import Connectivity
import Tensors
import Testing

@Suite("Linear paths")
struct LinearPathTests {
  let a: Weights = ["w": Tensor(shape: [3], values: [1, -0.0, 1e30])]
  let b: Weights = ["w": Tensor(shape: [3], values: [3, 2, -1e30])]

  @Test("the ends are the networks themselves, bit for bit")
  func ends() {
    #expect(LinearPath.point(a, b, at: 0)["w"]?.values.map(\.bitPattern) == bits(a))
    #expect(LinearPath.point(a, b, at: 1)["w"]?.values.map(\.bitPattern) == bits(b))
  }

  private func bits(_ weights: Weights) -> [UInt32]? { weights["w"]?.values.map(\.bitPattern) }

  @Test("between them every element is the weighted mean, rounded once")
  func middle() {
    #expect(LinearPath.point(a, b, at: 0.5)["w"]?.values == [2, 1, 0])
    #expect(LinearPath.point(a, b, at: 0.1)["w"]?.values[0] == Float(0.9 * 1 + 0.1 * 3))
  }

  @Test("a curve has its points at equal distances, both ends included")
  func measure() async throws {
    let curves = try await LinearPath(from: a, to: b).measure("x", pointCount: 5) { weights in
      [(loss: Double(weights["w"]?.values[0] ?? 0), accuracy: 1)]
    }
    let curve = try #require(curves.first)
    #expect(curve.points.map(\.t) == [0, 0.25, 0.5, 0.75, 1])
    #expect(curve.points.map(\.loss) == [1, 1.5, 2, 2.5, 3])
    #expect(curve.barrier == Curve(name: "", points: []).barrier)
  }

  typealias Case = (
    losses: [Double], accuracies: [Double], loss: Double, drop: Double, at: Double
  )

  static let barriers: [Case] = [
    // Over a level line the barrier is the height of the hill.
    ([1, 4, 1], [0.9, 0.5, 0.9], 3, 0.4, 0.5),
    // Over a slope it is the excess over the slope, not over the higher end.
    ([0, 2, 2], [1, 0.5, 0], 1, 0, 0.5),
    // A valley is no barrier.
    ([1, 0, 1], [0.5, 0.9, 0.5], 0, 0, 0),
    // A hill off the middle.
    ([0, 1, 0, 0, 0], [1, 1, 1, 1, 1], 1, 0, 0.25),
    // A path through infinity or NaN does not connect.
    ([1, .nan, 1], [0.9, 0.1, 0.9], .infinity, 0.8, 0.5),
  ]

  @Test("the barrier is the largest excess over the line between the ends", arguments: barriers)
  func barrier(
    losses: [Double], accuracies: [Double], loss: Double, drop: Double, at: Double
  ) {
    let points = losses.indices.map { index in
      Curve.Point(
        t: Double(index) / Double(losses.count - 1), loss: losses[index],
        accuracy: accuracies[index])
    }
    let barrier = Curve(name: "x", points: points).barrier
    #expect(barrier.loss == loss && barrier.at == at)
    #expect(abs(barrier.accuracy - drop) < 1e-12)
  }
}
