package import Specs
import Support

/// A direction in which a zoo varies: a field of the grid, the seeds, or the random search.
package struct SearchAxis {
  /// A position: what is set, and what it adds to a model's name.
  package struct Point {
    package var suffix: String
    package var settings: [Variant.Setting]
  }

  package var points: [Point]
  /// Where it stands in the spec.
  package var place: SpecNode

  /// The keys of a spec that make axes.
  package static let keys = ["random", "grid", "seeds"]

  /// The axes of a spec: the random search, the fields of the grid in their order, the seeds.
  package static func axes(_ members: [String: SpecNode]) throws -> [SearchAxis] {
    var axes: [SearchAxis] = []
    if let random = members["random"] { axes.append(try RandomSearch(random).axis) }
    for (path, place, values) in try members["grid"]?.entries() ?? [] {
      axes.append(try SearchAxis(field(path, at: place), values: values.list(), at: place))
    }
    if let seeds = members["seeds"] {
      axes.append(try SearchAxis(["training", "seed"], values: seeds.list(), at: seeds))
    }
    return axes
  }

  /// One field at each of some values.
  private init(_ path: [String], values: [SpecNode], at place: SpecNode) throws {
    guard !values.isEmpty else { throw place.error("there are no values") }
    self.place = place
    points = values.map { value in
      Point(
        suffix: "-" + (path.last ?? "") + ZooSpec.fileName(value.label),
        settings: [Variant.Setting(path: path, value: value, place: place)])
    }
  }

  package init(points: [Point], place: SpecNode) {
    self.points = points
    self.place = place
  }

  /// The keys of a dotted path.
  package static func field(_ path: String, at place: SpecNode) throws -> [String] {
    let keys = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let root = keys.first, ModelRecipe.keys.contains(root), !keys.contains("") else {
      throw place.error(
        "only fields of \(ModelRecipe.keys.joined(separator: ", ")) can be varied",
        remedy: "for example: training.learning-rate: [0.001, 0.003]")
    }
    return keys
  }
}
