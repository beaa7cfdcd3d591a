import LinearAlgebra
import ModelGraph
import Networks
import Tensors
import Testing
import WeightFiles
import Support

@testable import Curvature

@Suite("Sections of the loss")
struct LandscapeTests {
  @Test("filters of a direction are as long as the network's own; biases stay")
  func filters() async throws {
    let fixture = try await HessianFixture("resnet")
    let direction = WeightDirection.filterNormalized(fixture.graph, fixture.weights, seed: 3)
    #expect(Set(direction.keys) == Set(fixture.weights.keys))
    for (name, tensor) in direction {
      let own = try #require(fixture.weights[name])
      guard own.shape.count > 1 else {
        #expect(tensor.values.allSatisfy { $0 == 0 })
        continue
      }
      let size = own.values.count / own.shape[0]
      for filter in 0..<own.shape[0] {
        let range = filter * size..<(filter + 1) * size
        let lengths = [tensor, own].map { tensor in
          tensor.values[range].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        #expect(abs(lengths[0] - lengths[1]) < 1e-5 * lengths[1])
      }
      #expect(tensor != own)
    }
    #expect(
      WeightDirection.filterNormalized(fixture.graph, fixture.weights, seed: 4) != direction)
  }

  @Test("a random section has the network's loss in its middle", arguments: [1, 2])
  func random(_ directions: Int) async throws {
    let fixture = try await HessianFixture("vgg")
    let section = try LandscapeSection.random(
      fixture.graph, fixture.weights, directions: directions, points: 5, on: fixture.data, jobs: 1)
    let own = try Evaluator(graph: fixture.graph, dataset: fixture.data).evaluate(fixture.weights)
    #expect(section.xs == [-1, -0.5, 0, 0.5, 1])
    #expect(section.losses.count == (directions == 2 ? 5 : 1))
    #expect(abs(section.losses[section.ys.count / 2][2] - own.loss) < 1e-9)
    #expect(Set(section.losses.joined()).count > 4)
  }

  @Test("the plane through three networks holds them, and a run its checkpoints")
  func planes() async throws {
    let fixture = try await HessianFixture("resnet")
    let axes = (0..<2).map {
      WeightDirection.filterNormalized(fixture.graph, fixture.weights, seed: UInt64($0))
    }
    // Four networks of one plane.
    let networks = [(0.0, 0.0), (1, 0.1), (0.4, 0.8), (0.1, 0.3)].map { x, y in
      WeightDirection.point(fixture.weights, [(x, axes[0]), (y, axes[1])])
    }
    let plane = try LandscapeSection.plane(
      fixture.graph, through: Array(networks.prefix(3)), points: 3, on: fixture.data)
    let names = fixture.weights.keys.sorted()
    for a in 0..<3 {
      for b in 0..<a {
        let step = try WeightDirection.difference(networks[a], networks[b])
        let (x, y) = (
          plane.places[a].x - plane.places[b].x, plane.places[a].y - plane.places[b].y
        )
        let length = WeightDirection.dot(step, step, over: names).squareRoot()
        #expect(abs((x * x + y * y).squareRoot() - length) < 1e-4 * length)
      }
    }
    #expect((plane.xs.first ?? 0) < 0 && (plane.xs.last ?? 0) > plane.places[1].x)
    let run = try LandscapeSection.trajectory(
      fixture.graph, of: networks, points: 3, on: fixture.data)
    #expect(abs(run.explained.reduce(0, +) - 1) < 1e-5)
    #expect(run.places.allSatisfy { $0.distance < 1e-2 })
    #expect(run.places[3].x == 0 && run.places[3].y == 0)
    for (place, network) in zip(run.places, networks) {
      let step = try WeightDirection.difference(networks[3], network)
      let length = WeightDirection.dot(step, step, over: names).squareRoot()
      #expect(
        abs((place.x * place.x + place.y * place.y).squareRoot() - length) < 1e-3 * length + 1e-9)
    }
    #expect(throws: Diagnostic.self) {
      try LandscapeSection.plane(
        fixture.graph, through: [networks[0], networks[1], networks[1]], points: 3,
        on: fixture.data)
    }
  }

  @Test("contours lie where the function has their value")
  func contours() {
    let steps = (0...20).map { Double($0) / 10 - 1 }
    let values = steps.map { y in steps.map { x in x * x + y * y } }
    let line = ContourLines(level: 0.5, xs: steps, ys: steps, values: values)
    #expect(line.segments.count > 20)
    for point in line.segments.joined() {
      // Linear between neighbours: off by an eighth of the squared step at most.
      #expect(abs(point.x * point.x + point.y * point.y - 0.5) < 0.003)
    }
    // A saddle has two pieces.
    let saddle = ContourLines(level: 0.4, xs: [0, 1], ys: [0, 1], values: [[0, 1], [1, 0]])
    #expect(saddle.segments.count == 2)
    // The middle, 0.5, is high: the two low corners are cut off.
    for segment in saddle.segments {
      let sums = segment.map { $0.x + $0.y }
      #expect(sums.allSatisfy { $0 < 0.5 } || sums.allSatisfy { $0 > 1.5 })
    }
    let levels = ContourLines.levels(of: values)
    #expect(levels == levels.sorted() && (levels.first ?? 0) > 0 && (levels.last ?? 9) < 2)
    #expect(
      ContourLines(level: 1, xs: [0, 1], ys: [0, 1], values: [[0, .nan], [2, 2]]).segments.isEmpty)
  }
}
