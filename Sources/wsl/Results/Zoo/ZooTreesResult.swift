import Foundation
import Probes
import Reports
import Support
import Workbench

/// What `wsl zoo trees` says.
struct ZooTreesResult: Encodable {
  struct Tree: Encodable {
    var id: String
    var root: String
    var models: [String]
  }

  struct Edge: Encodable {
    var child: String
    var parent: String
    /// The two models of a merge; empty for all else.
    var merged: [String]
    var kind: ModelTrees.Kind
    var score: FiniteNumber
    /// Null where the two have no weights in common.
    @OrNull var distance: FiniteNumber?
  }

  var index: String
  var layers: [String]
  var trees: [Tree]
  var edges: [Edge]
  @OrNull var accuracy: TreeTruth.Accuracy?
  var evidence: [String]
  var skipped: [ProbeModels.Skipped]
  var warnings: [String] = []

  init(index: String, trees found: ModelTrees, truth: TreeTruth?) {
    self.index = index
    layers = found.layers
    trees = found.roots.indices.map { group in
      Tree(
        id: "tree-\(group + 1)", root: found.files[found.roots[group]],
        models: found.files.indices.filter { found.groups[$0] == group }.map {
          found.files[$0]
        })
    }
    edges = found.edges.map { edge in
      Edge(
        child: found.files[edge.child], parent: found.files[edge.parent],
        merged: edge.merged.map { found.files[$0] }, kind: edge.kind,
        score: FiniteNumber(edge.score), distance: edge.distance.map(FiniteNumber.init))
    }
    accuracy = truth?.accuracy(of: found)
    evidence = found.evidence
    skipped = found.skipped
    if truth != nil, accuracy == nil {
      warnings.append("nothing of what is known names two models of the index")
    }
    warnings += found.notes + SkippedWarning.lines(skipped)
  }

  private func name(_ file: String) -> String {
    (file as NSString).lastPathComponent.escapingControlCharacters
  }

  /// The trees for Graphviz.
  var dot: String {
    func quoted(_ file: String) -> String {
      "\"" + name(file).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    var lines = ["digraph trees {", "  rankdir=LR; node [shape=box];"]
    for tree in trees {
      for model in tree.models {
        lines.append("  \(quoted(model)) [group=\(quoted(tree.id))];")
      }
    }
    for edge in edges {
      lines.append(
        "  \(quoted(edge.parent)) -> \(quoted(edge.child)) "
          + "[label=\"\(edge.kind.rawValue)\", weight=\(Int(1 + 9 * edge.score.value))];")
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  /// The trees as a picture.
  var drawing: TreeDrawing {
    let files = trees.flatMap(\.models)
    let places = Dictionary(
      files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let above = Dictionary(
      edges.map { ($0.child, $0) }, uniquingKeysWith: { first, _ in first })
    return TreeDrawing(
      title: "Trees of models", subtitle: "\(files.count) models in \(trees.count) trees",
      nodes: files.map { file in
        let edge = above[file]
        return TreeDrawing.Node(
          name: name(file), parent: edge.flatMap { places[$0.parent] },
          kind: edge?.kind.rawValue ?? "")
      })
  }

  /// The trees for a person: each with its root, and below it who descends from it.
  var text: String {
    var children: [String: [Edge]] = [:]
    for edge in edges { children[edge.parent, default: []].append(edge) }
    var lines: [String] = []
    func add(_ file: String, _ depth: Int, _ note: String) {
      lines.append(String(repeating: "  ", count: depth) + name(file) + note)
      for edge in children[file] ?? [] {
        add(edge.child, depth + 1, edge.kind == .finetune ? "" : " (\(edge.kind.rawValue))")
      }
    }
    for tree in trees {
      lines.append("\(tree.id): \(tree.models.count) models")
      add(tree.root, 1, "")
    }
    if let accuracy {
      lines.append(
        "\(NumberFormat.percent(accuracy.edges)) of \(accuracy.knownEdges) known edges were found, "
          + "\(NumberFormat.percent(accuracy.trees)) of pairs are rightly together or apart")
    }
    lines.append("evidence: \(evidence.joined(separator: ", "))")
    return lines.joined(separator: "\n")
  }
}

/// What `wsl zoo route` says of a file.
struct ZooRouteRow: Encodable {
  var file: String
  @OrNull var tree: String?
  @OrNull var distance: FiniteNumber?
  @OrNull var known: Bool?
  @OrNull var nearest: String?
  @OrNull var error: String?

  init(_ file: String, _ route: TreeRouter.Route) {
    self.file = file
    tree = route.isKnown ? route.tree : nil
    nearest = route.tree
    distance = FiniteNumber(route.distance)
    known = route.isKnown
  }

  init(_ file: String, _ error: Diagnostic) {
    self.file = file
    var error = error
    error.location.removeAll { $0 == file }
    self.error = error.description
  }

  /// The rows for a person.
  static func text(_ rows: [ZooRouteRow], layer: String) -> String {
    var table = TextTable([
      .text("file"), .text("tree"), .text("nearest"), .number("distance"),
    ])
    for row in rows where row.error == nil {
      table.add(
        row.file.escapingControlCharacters, row.tree ?? "unknown", row.nearest ?? "",
        NumberFormat.significant(row.distance?.value ?? .nan, digits: 4))
    }
    let failures = rows.compactMap { row in
      row.error.map { "failed: \(row.file): \($0)".escapingControlCharacters }
    }
    return (["compared by \(layer.escapingControlCharacters)", table.text] + failures)
      .joined(separator: "\n")
  }
}

extension ZooTreesResult: TabularResult {
  /// A row an edge.
  var table: ResultTable {
    ResultTable(
      ["child", "parent", "kind", "score", "distance"],
      edges.map { edge in
        [
          .text(edge.child), .text(edge.parent), .text(edge.kind.rawValue), .number(edge.score),
          .number(edge.distance),
        ]
      })
  }
}

extension ZooRouteRow: TabularResult {
  var table: ResultTable {
    ResultTable(
      ["file", "tree", "known", "distance", "nearest", "error"],
      [[.text(file), .text(tree), .flag(known), .number(distance), .text(nearest), .text(error)]])
  }
}
