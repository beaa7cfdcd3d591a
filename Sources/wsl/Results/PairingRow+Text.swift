import Support
import Workbench

extension PairingRow {
  /// The same in a line.
  var text: String {
    let ways = [
      ("graph", "by the graph"), ("name", "by name"), ("order", "in order"),
      ("shapeAndOrder", "by shape and order"),
    ].compactMap { key, words -> String? in
      guard let count = tensors[key], count > 0 else { return nil }
      let what = key == "graph" ? layers.map { "\($0) layers, " } ?? "" : ""
      return "\(words) (\(what)\(count) tensors)"
    }
    let heads = leftOut.filter { !$0.tensors.isEmpty }.map { "\($0.layer) of \($0.network)" }
    let rest = heads.isEmpty ? "" : "; not shared: \(heads.joined(separator: ", "))"
    return "paired " + (ways.isEmpty ? "nothing" : ways.joined(separator: ", "))
      + rest.escapingControlCharacters
  }
}
