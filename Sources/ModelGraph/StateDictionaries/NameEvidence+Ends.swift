extension NameEvidence {
  /// Words of the last layer of a network.
  private static let ends: Set<String> = [
    "head", "out", "output", "classifier", "logits", "final", "last", "predict", "prediction",
    "predictions", "regressor",
  ]

  /// Words of the first layer of a network.
  private static let starts: Set<String> = [
    "first", "stem", "in", "inp", "input", "inputs", "embed", "embedding", "entry", "initial",
  ]

  /// Words of classes and containers, which say nothing of what a layer does.
  private static let containers: Set<String> = [
    "conv", "convs", "convolution", "cnn", "c", "feature", "features", "fc", "fcs", "linear",
    "linears", "lin", "dense", "l", "layer", "layers", "hidden", "hiddens", "net", "network", "mlp",
    "model", "main", "module", "sequential", "seq", "body", "backbone", "classifier", "classifiers",
  ]

  /// Whether a name says that nothing comes after the layer.
  static func saysEnd(_ path: String) -> Bool { words(of: path).contains { ends.contains($0) } }

  /// Whether a name says that nothing comes before the layer.
  static func saysStart(_ path: String) -> Bool {
    words(of: path).contains { starts.contains($0) }
  }

  /// Whether a layer of a name of its own may be the last of a row: `head`, or `fc` after `conv1`, `conv2`.
  static func mayEnd(_ path: String) -> Bool { saysEnd(path) || saysSeries(path) }

  /// Whether a name consists of words of classes and containers alone: `layers.0`, `conv1`.
  static func saysSeries(_ path: String) -> Bool {
    KerasLayerNames.className(path) != nil
      || words(of: path).allSatisfy { containers.contains($0) }
  }

  /// Whether a name speaks of the half of a network that comes first.
  static func saysEncoder(_ path: String) -> Bool {
    words(of: path).contains { ["encoder", "enc", "encode"].contains($0) }
  }

  /// Whether a name speaks of the half of a network that comes last.
  static func saysDecoder(_ path: String) -> Bool {
    words(of: path).contains { ["decoder", "dec", "decode"].contains($0) }
  }
}
