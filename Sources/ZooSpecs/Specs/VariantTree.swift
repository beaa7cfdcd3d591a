import Specs
import Support

/// The models of a spec, and which of them start from which.
///
///     models:
///       - name: root
///       - name: shifted
///         parent: root
///         data: {corruption: {type: contrast, severity: 3}}
///         training: {learning-rate: 0.0003, epochs: 5}
///         seeds: [0, 1, 2]
///
/// A variant is the spec with its own members put over it. A child has its parent's network. The
/// spec's grid, seeds and random search multiply the whole tree: there is a child of the root with
/// seed 0, and one of the root with seed 1. A variant's own ones multiply the variant and what
/// descends from it. What a variant sets itself is not varied: it keeps its value everywhere.
struct VariantTree {
  private let base: SpecNode
  private let name: String
  private let axes: [SearchAxis]
  private let nodes: [TreeNode]
  private let places: [String: Int]

  /// The most generations of one tree.
  private static let mostGenerations = 1000

  /// Reads the variants; without any there is one, which has the name of the zoo.
  init(base: SpecNode, members: [String: SpecNode], name: String) throws {
    self.base = base
    self.name = name
    axes = try SearchAxis.axes(members)
    nodes = try members["models"]?.list().map(TreeNode.init) ?? []
    if let models = members["models"], nodes.isEmpty { throw models.error("there are no models") }
    var seen: Set<String> = []
    for node in nodes where !seen.insert(node.name).inserted {
      throw node.place.error("two models are called '\(node.name)'", remedy: "rename one")
    }
    places = Dictionary(
      nodes.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { one, _ in one })
    for node in nodes { try check(node) }
  }

  /// Every model, in the order of the spec.
  func variants() throws -> [Variant] {
    guard !nodes.isEmpty else {
      return try [Variant(name: name, spec: base)].multiplied(by: axes)
    }
    var made: [String: [Variant]] = [:]
    var count = 0
    func make(_ node: TreeNode) throws -> [Variant] {
      if let variants = made[node.name] { return variants }
      let fullName = "\(name)-\(node.name)"
      var variants: [Variant]
      if let parent = self.node(node.parent) {
        variants = try make(parent).map { try child(of: $0, node, name: fullName) }
      } else {
        let root = Variant(
          name: fullName, spec: base.overridden(by: node.overrides), fixed: node.fixed)
        variants = try [root].multiplied(by: axes)
      }
      // Its own axes vary what it sets, too.
      for index in variants.indices { variants[index].fixed = [] }
      variants = try variants.multiplied(by: node.axes)
      count += variants.count
      guard count <= ZooSpec.modelLimit else {
        throw node.place.error("the spec describes more than \(ZooSpec.modelLimit) models")
      }
      made[node.name] = variants
      return variants
    }
    return try nodes.flatMap(make)
  }

  private func child(of parent: Variant, _ node: TreeNode, name: String) throws -> Variant {
    var spec = base.overridden(by: node.overrides)
    if let model = parent.spec.value(at: ["model"]) {
      spec = try spec.setting(["model"], to: model)
    }
    let variant = Variant(
      name: name, spec: spec, parent: parent.name, generation: parent.generation + 1,
      fixed: node.fixed)
    let inherited = parent.settings.filter { $0.path.first != "model" }
    return try variant.at(SearchAxis.Point(suffix: parent.suffix, settings: inherited))
  }

  /// Checks that a node's ancestors are there and end in a root.
  private func check(_ node: TreeNode) throws {
    var path = [node]
    var names: Set<String> = [node.name]
    while let last = path.last, let name = last.parent {
      let place = last.parentPlace ?? last.place
      guard let parent = self.node(name) else {
        let names = nodes.map(\.name).filter { $0 != last.name }.joined(separator: ", ")
        throw place.error(
          "there is no model '\(name)' to start from",
          remedy: names.isEmpty ? "remove 'parent'" : "use \(names)")
      }
      guard path.count < VariantTree.mostGenerations else {
        throw place.error("it has more than \(VariantTree.mostGenerations) ancestors")
      }
      guard names.insert(name).inserted else {
        let circle = (path.map(\.name) + [name]).joined(separator: " ← ")
        throw place.error(
          "a model cannot descend from itself: \(circle)", remedy: "remove one 'parent'")
      }
      path.append(parent)
    }
  }

  private func node(_ name: String?) -> TreeNode? {
    name.flatMap { places[$0] }.map { nodes[$0] }
  }
}

/// One entry of `models`.
private struct TreeNode {
  var name: String
  var place: SpecNode
  var parent: String?
  var parentPlace: SpecNode?
  var axes: [SearchAxis]
  /// The members `data`, `model` and `training` of the entry.
  var overrides: SpecNode
  /// The paths that the entry sets.
  var fixed: [[String]]

  init(_ spec: SpecNode) throws {
    let own = ["name", "parent"] + SearchAxis.keys
    let members = try spec.members(own + ModelRecipe.keys)
    guard let nameNode = members["name"] else { throw spec.error("'name' is missing") }
    name = try nameNode.fileName()
    place = nameNode
    parentPlace = members["parent"]
    parent = try parentPlace?.string()
    axes = try SearchAxis.axes(members)
    overrides = own.reduce(spec) { $0.removing($1) }
    fixed = try overrides.leafPaths()
    guard parent != nil else { return }
    if let model = members["model"] {
      throw model.error(
        "a model that starts from another has the same network",
        remedy: "leave 'model' out here, or remove 'parent'")
    }
    for setting in axes.flatMap({ $0.points[0].settings }) where setting.path.first == "model" {
      throw setting.place.error(
        "a model that starts from another has the same network",
        remedy: "vary 'model' where the tree begins")
    }
  }
}
