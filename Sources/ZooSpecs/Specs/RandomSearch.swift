import Foundation
import LinearAlgebra
import Specs
import Support

/// A random search: so many points, each field drawn on its own (Bergstra and Bengio 2012).
///
///     random:
///       count: 20
///       seed: 0
///       fields:
///         training.learning-rate: {log-uniform: [0.0001, 0.01]}
///         training.weight-decay: {uniform: [0, 0.1]}
///         training.batch-size: {integer: [16, 128]}
///         model.width: [64, 128]
///
/// Point k draws from a generator of its own, so a larger count adds points and changes none. The
/// drawn values are in the attributes of each model's file, as all fields are.
struct RandomSearch {
  /// The points.
  private(set) var axis: SearchAxis

  /// Reads a search from a spec, and draws.
  init(_ spec: SpecNode) throws {
    let members = try spec.members(["count", "seed", "fields"])
    guard let count = try members["count"]?.integer(in: 1...ZooSpec.modelLimit) else {
      throw spec.error("'count' is missing", remedy: "for example: count: 20")
    }
    guard let fieldNode = members["fields"] else {
      throw spec.error(
        "'fields' is missing",
        remedy: "for example: fields: {training.learning-rate: {log-uniform: [0.0001, 0.01]}}")
    }
    let fields = try fieldNode.entries().map { path, place, values in
      (path: try SearchAxis.field(path, at: place), place: place, law: try Law(values))
    }
    guard !fields.isEmpty else { throw fieldNode.error("there are no fields") }
    let root = SeededGenerator(seed: UInt64(try members["seed"]?.integer(in: 0...Int.max) ?? 0))
    let points = (0..<count).map { number in
      var generator = root.derived(UInt64(number))
      return SearchAxis.Point(
        suffix: "-random\(number)",
        settings: fields.map {
          Variant.Setting(path: $0.path, value: $0.law.draw(using: &generator), place: $0.place)
        })
    }
    axis = SearchAxis(points: points, place: spec)
  }
}

/// How the values of a field are spread.
private enum Law {
  case choice([SpecNode])
  case number(ClosedRange<Double>, isLogarithmic: Bool, place: SpecNode)
  case integer(ClosedRange<Int>, place: SpecNode)

  init(_ spec: SpecNode) throws {
    if spec.isList {
      let values = try spec.list()
      guard !values.isEmpty else { throw spec.error("there are no values") }
      self = .choice(values)
      return
    }
    let laws = try spec.members(["uniform", "log-uniform", "integer"])
    guard let (law, range) = laws.first, laws.count == 1 else {
      throw spec.error("expected one of uniform, log-uniform, integer, or a list of values")
    }
    let ends = try range.list()
    guard ends.count == 2 else { throw range.error("expected the two ends of a range") }
    if law == "integer" {
      let low = try ends[0].integer(in: 0...1 << 53)
      self = .integer(low...(try ends[1].integer(in: low...1 << 53)), place: range)
    } else {
      let isLogarithmic = law == "log-uniform"
      let low = try ends[0].number(in: (isLogarithmic ? 1e-300 : -1e300)...1e300)
      self = .number(
        low...(try ends[1].number(in: low...1e300)), isLogarithmic: isLogarithmic, place: range)
    }
  }

  func draw(using generator: inout SeededGenerator) -> SpecNode {
    switch self {
    case .choice(let values): return values[generator.integer(below: values.count)]
    case .integer(let range, let place):
      let step = generator.integer(below: range.upperBound - range.lowerBound + 1)
      return place.replaced(by: String(range.lowerBound + step))
    case .number(let range, let isLogarithmic, let place):
      let share = generator.uniform()
      let (low, high) = (range.lowerBound, range.upperBound)
      let value =
        isLogarithmic
        ? exp(log(low) + share * (log(high) - log(low))) : low + share * (high - low)
      return place.replaced(by: String(min(high, max(low, value))))
    }
  }
}
