import Catalogs
import Foundation
import Specs
import Support

/// Builds a graph from a description in YAML, for networks that no other importer understands.
///
///     channels: first            # where the channels stand: first (PyTorch) or last (Keras, and
///                                # wherever there are recurrent layers)
///     layers:
///       - {name: x, type: input, shape: [3, 32, 32]}
///       - {name: conv1, type: conv2d, filters: 16, kernel: 3, padding: 1}
///       - {name: bn1, type: batchNormalization}
///       - {name: relu1, type: relu}
///       - {name: sum, type: add, inputs: [relu1, x2]}
///     outputs: [fc]              # the last layer where left out
///
/// A layer reads the one before it unless `inputs` says otherwise. Its tensors are those called
/// after it (`conv1.weight`, `conv1/kernel`), or those that `tensors: {kernel: …, bias: …}` names.
enum GraphFileImporter {
  /// The largest file that is read.
  private static let mostBytes = 4 << 20

  /// The graph.
  ///
  /// - Throws: `Diagnostic`: `noInput` where the file cannot be read, `badData` that names the layer
  ///   and its line.
  static func graph(path: String, _ catalog: Catalog) throws -> ModelGraph {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Diagnostic(.noInput, "cannot read this file", at: [path])
    }
    do {
      guard data.count <= mostBytes else {
        throw Diagnostic(.badData, "more than \(mostBytes) bytes are no description of a network")
      }
      guard let text = String(data: data, encoding: .utf8) else {
        throw Diagnostic(.badData, "this is not UTF-8 text")
      }
      return try graph(text: text, catalog)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  /// The graph of a description.
  static func graph(text: String, _ catalog: Catalog) throws -> ModelGraph {
    let document = try SpecNode(parsing: text, file: "")
    guard let layers = document["layers"]?.elements, !layers.isEmpty else {
      throw Diagnostic(.badData, "the description lists no layers")
    }
    let order: ModelGraph.ChannelOrder
    // Recurrent layers read steps of features, in PyTorch too.
    let hasSteps = layers.contains {
      ["lstm", "gru", "simpleRNN"].contains($0["type"]?.text ?? "")
    }
    switch document["channels"]?.text ?? (hasSteps ? "last" : "first") {
    case "first": order = .first
    case "last": order = .last
    case let other:
      throw Diagnostic(.badData, "channels is \(other), neither first nor last")
    }
    var reader = GraphFileReader(
      builder: ModelGraph.Builder(source: "graph file", channelOrder: order), catalog: catalog)
    if let reason = document["notRunnable"]?.text { reader.builder.cannotRun(reason) }
    for node in layers {
      let line = node.line.map { "line \($0)" } ?? ""
      do { try reader.add(GraphFileLayer(node)) } catch let error as Diagnostic {
        throw error.inside(line)
      }
    }
    for name in try document["held"].map({ try GraphFileLayer.texts($0, "held") }) ?? [] {
      reader.builder.hold(try reader.index(of: name))
    }
    let reasons = document["left"]
    let names = try document["outputs"].map { try GraphFileLayer.texts($0, "outputs") }
    let outputs = try names?.map { try reader.index(of: $0) }
    var graph = try reader.builder.finish(outputs: outputs ?? [reader.last])
    let used = Set(graph.parameters.map(\.tensor))
    graph.skipped += catalog.tensors.filter { !used.contains($0.name) }.map {
      .init(
        name: $0.name,
        reason: $0.role?.reason ?? reasons?[$0.name]?.text
          ?? "no layer of the description uses it"
      )
    }
    return graph.withUnknownHeads()
  }
}
