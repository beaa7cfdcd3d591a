import Catalogs
import Support

/// Writes a graph as a description that `GraphFileImporter` reads to the same graph.
struct GraphFileWriter {
  private let graph: ModelGraph

  /// The description of a graph.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a layer has no word in descriptions.
  static func text(of graph: ModelGraph) throws -> String {
    try GraphFileWriter(graph: graph).document().joined(separator: "\n") + "\n"
  }

  private func document() throws -> [String] {
    var lines = ["channels: \(graph.channelOrder.rawValue)", "layers:"]
    for layer in graph.layers { lines.append("  - {\(try line(of: layer))}") }
    lines.append(
      "outputs: [\(graph.outputs.map { Self.quoted(graph.layers[$0].name) }.joined(separator: ", "))]"
    )
    if !graph.heldLayers.isEmpty {
      let names = graph.heldLayers.map { Self.quoted(graph.layers[$0].name) }
      lines.append("held: [\(names.joined(separator: ", "))]")
    }
    if let reason = graph.whyNotRunnable { lines.append("notRunnable: \(Self.quoted(reason))") }
    if !graph.skipped.isEmpty {
      lines.append("left:")
      var seen: Set<String> = []
      for skipped in graph.skipped where seen.insert(skipped.name).inserted {
        lines.append("  \(Self.quoted(skipped.name)): \(Self.quoted(skipped.reason))")
      }
    }
    return lines
  }

  private func line(of layer: Layer) throws -> String {
    let settings = try GraphFileSettings(of: layer, graph)
    var parts = [
      "name: \(Self.quoted(layer.name))", "type: \(settings.type)",
    ]
    parts += settings.values.map { "\($0.key): \($0.value)" }
    if !layer.inputs.isEmpty {
      let names = layer.inputs.map { Self.quoted(graph.layers[$0].name) }
      parts.append("inputs: [\(names.joined(separator: ", "))]")
    }
    if !layer.parameters.isEmpty {
      let tensors = layer.parameters.map { parameter in
        let axes = parameter.axes.map(\.word).joined(separator: ", ")
        return
          "{role: \(parameter.role.rawValue), name: \(Self.quoted(parameter.tensor)), axes: [\(axes)]}"
      }
      parts.append("parameters: [\(tensors.joined(separator: ", "))]")
    }
    return parts.joined(separator: ", ")
  }

  /// A text in YAML, whatever it holds.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if scalar.value < 32 || scalar.value == 127 {
          result += "\\x" + String(0x100 + Int(scalar.value), radix: 16).dropFirst()
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}

extension Parameter.Axis {
  /// The word for it in a description.
  var word: String {
    switch self {
    case .outputStretch(let width): "outputStretch*\(width)"
    case .outputPart: "outputPart"
    case .inputStretch(let width): "inputStretch*\(width)"
    case .inputPart: "inputPart"
    case .output(let blocks): blocks == 1 ? "output" : "output*\(blocks)"
    case .input: "input"
    case .recurrentInput: "recurrentInput"
    case .multiplier: "multiplier"
    case .spatial(let axis): "spatial\(axis)"
    case .head: "head"
    case .state: "state"
    case .stepOutput: "stepOutput"
    case .stepInput: "stepInput"
    case .fixed: "fixed"
    }
  }

  /// The axis that a word means; nil where it means none.
  init?(word: String) {
    switch word {
    case "output": self = .output
    case "input": self = .input
    case "outputPart": self = .outputPart
    case "inputPart": self = .inputPart
    case "recurrentInput": self = .recurrentInput
    case "multiplier": self = .multiplier
    case "head": self = .head
    case "state": self = .state
    case "stepOutput": self = .stepOutput
    case "stepInput": self = .stepInput
    case "fixed": self = .fixed
    default:
      if word.hasPrefix("output*"), let blocks = Int(word.dropFirst(7)), (1...16).contains(blocks) {
        self = .output(blocks: blocks)
      } else if let width = Self.width(word, "outputStretch*") {
        self = .outputStretch(width: width)
      } else if let width = Self.width(word, "inputStretch*") {
        self = .inputStretch(width: width)
      } else if word.hasPrefix("spatial"), let axis = Int(word.dropFirst(7)), (0...7).contains(axis)
      {
        self = .spatial(axis)
      } else {
        return nil
      }
    }
  }

  private static func width(_ word: String, _ name: String) -> Int? {
    guard word.hasPrefix(name), let width = Int(word.dropFirst(name.count)),
      (1...CheckedShape.longestAxis).contains(width)
    else { return nil }
    return width
  }
}
