public import Catalogs
import Support

extension SequencePlan {
  /// The plan as attributes of a weight file: what the tensors alone do not tell.
  public var attributes: [String: Catalog.Attribute] {
    let numbers: [String: [Int]] = [
      "layers": [layers], "width": [width], "heads": [heads], "key_value_heads": [keyValueHeads],
      "hidden": [hidden], "context": [context], "patch": [patch], "tied": [isTied ? 1 : 0],
      "outputs": [classes], "example_shape": exampleShape,
    ]
    return numbers.filter { !$0.value.isEmpty }
      .mapValues { .numbers($0.map(Double.init)) }
      .merging(["model": .string(kind.rawValue)]) { $1 }
  }

  /// The plan of a file that was trained here; nil for other files.
  public init?(_ catalog: Catalog) {
    guard catalog.text("producer") == "wsl", let kind = catalog.text("model").flatMap(Kind.init)
    else { return nil }
    func numbers(_ name: String) -> [Int]? {
      guard case .numbers(let numbers) = catalog.attributes[""]?[name] else { return nil }
      let whole = numbers.compactMap { Int(exactly: $0) }
      return whole.count == numbers.count && whole.allSatisfy { (0...1 << 30).contains($0) }
        ? whole : nil
    }
    func number(_ name: String) -> Int? { numbers(name).flatMap { $0.count == 1 ? $0[0] : nil } }
    guard let layers = number("layers"), let width = number("width"), let heads = number("heads"),
      let shared = number("key_value_heads"), let hidden = number("hidden"),
      let context = number("context"), let patch = number("patch"), let tied = number("tied"),
      let classes = number("outputs"), layers <= 10_000
    else { return nil }
    self.init(
      kind: kind, layers: layers, width: width, heads: heads, keyValueHeads: shared,
      hidden: hidden, context: context, isTied: tied != 0, patch: patch, classes: classes,
      exampleShape: numbers("example_shape") ?? [])
  }
}

extension ModelGraph {
  /// The network of a file that was trained here, where its tensors are those of the plan; nil for
  /// another file.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the file says that it is one and its tensors do not
  ///   fit.
  static func sequence(of catalog: Catalog) throws -> ModelGraph? {
    guard let plan = SequencePlan(catalog) else { return nil }
    var graph = try ModelGraph.sequence(plan)
    let shapes = Dictionary(
      catalog.tensors.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    for parameter in graph.parameters {
      guard let shape = shapes[parameter.tensor] else { return nil }
      guard shape == parameter.shape else {
        throw Diagnostic(
          .badData,
          "the tensor is \(describe(shape)), and the \(plan.kind.rawValue) of the file's attributes "
            + "has \(describe(parameter.shape))", at: [parameter.tensor])
      }
    }
    let own = Set(graph.parameters.map(\.tensor))
    for entry in catalog.tensors where !own.contains(entry.name) {
      graph.skipped.append(
        Skipped(name: entry.name, reason: "no part of the network that the attributes say"))
    }
    return graph
  }
}
