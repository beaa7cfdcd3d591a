import ModelGraph
import Support
import WeightFiles

/// How the tensors of two files were laid side by side.
struct PairingRow: Encodable {
  /// A layer that only one of the networks has.
  struct LeftOut: Encodable {
    var network: String
    var layer: String
    var type: String
    var tensors: [String]
    var reason: String
  }

  /// The second file.
  var file: String
  /// `graph`, `name`, `order` or `shapeAndOrder`: the way in which most tensors were paired; `none` where
  /// none was.
  var by: String
  /// How many tensors were paired in each way.
  var tensors: [String: Int]
  /// How many layers the graphs pair; nil without graphs.
  var layers: Int?
  /// The layers that the networks do not share.
  var leftOut: [LeftOut]

  /// How two files were paired.
  init(_ pairing: FilePairing, with file: String) {
    self.init(
      file, pairing.counts.map { ($0.reason.rawValue, $0.count) }, pairing.networks)
  }

  /// How two networks were paired.
  init(_ pair: ModelPair, with file: String) {
    self.init(file, [(FilePairing.Reason.graph.rawValue, pair.tensorsBFromA.count)], pair)
  }

  /// How so many tensors of one kind were paired.
  init(_ count: Int, by reason: FilePairing.Reason, with file: String) {
    self.init(file, [(reason.rawValue, count)], nil)
  }

  private init(_ file: String, _ counts: [(String, Int)], _ networks: ModelPair?) {
    self.file = file
    by = counts.max { $0.1 < $1.1 }?.0 ?? "none"
    tensors = Dictionary(counts, uniquingKeysWith: +)
    layers = networks.map { pair in
      pair.layers.count { !pair.a.layers[$0.a].parameters.isEmpty }
    }
    leftOut = (networks?.leftOut ?? []).map {
      LeftOut(
        network: $0.network.rawValue, layer: $0.name, type: $0.type, tensors: $0.tensors,
        reason: $0.reason)
    }
  }

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
