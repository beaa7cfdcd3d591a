package import ModelGraph
import WeightFiles

/// How the tensors of two files were laid side by side.
package struct PairingRow: Codable {
  /// A layer that only one of the networks has.
  package struct LeftOut: Codable {
    package var network: String
    package var layer: String
    package var type: String
    package var tensors: [String]
    package var reason: String
  }

  /// The second file.
  package var file: String
  /// `graph`, `name`, `order` or `shapeAndOrder`: the way in which most tensors were paired; `none` where
  /// none was.
  package var by: String
  /// How many tensors were paired in each way.
  package var tensors: [String: Int]
  /// How many layers the graphs pair; nil without graphs.
  package var layers: Int?
  /// The layers that the networks do not share.
  package var leftOut: [LeftOut]

  /// How two files were paired.
  package init(_ pairing: FilePairing, with file: String) {
    self.init(
      file, pairing.counts.map { ($0.reason.rawValue, $0.count) }, pairing.networks)
  }

  /// How two networks were paired.
  package init(_ pair: ModelPair, with file: String) {
    self.init(file, [(FilePairing.Reason.graph.rawValue, pair.tensorsBFromA.count)], pair)
  }

  /// How so many tensors of one kind were paired.
  package init(_ count: Int, by reason: FilePairing.Reason, with file: String) {
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
}
