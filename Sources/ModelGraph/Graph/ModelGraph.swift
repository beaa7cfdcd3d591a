public import Catalogs

/// A network as a list of layers in an order in which it can be computed.
public struct ModelGraph: Sendable, Hashable {
  /// Where the channels stand among the axes of an example.
  public enum ChannelOrder: String, Sendable, Hashable {
    /// First: PyTorch.
    case first
    /// Last: Keras.
    case last
  }

  /// A tensor or layer that the graph leaves alone, and why.
  public typealias Skipped = Catalog.Skipped

  /// What the graph was read from: `keras config`, `state dict`, `graph file`.
  public var source: String
  /// Where the channels stand.
  public var channelOrder: ChannelOrder
  /// The layers, each after all of its inputs.
  public var layers: [Layer]
  /// The indices of the layers whose outputs are the network's.
  public var outputs: [Int]
  /// What is left alone: optimiser state, layers that are not understood.
  public var skipped: [Skipped]
  /// How sure the graph is.
  public var certainty: Certainty
  /// What the file does not say: what the graph takes for granted, and what it leaves in place
  /// because several readings fit.
  public var assumptions: [Assumption]
  /// The indices of layers whose output units stay in place because the file does not tell what
  /// else reads or makes them.
  public var heldLayers: [Int]
  /// Why the graph can be matched but not run: a layer that is not understood, strides that a file
  /// of weights alone does not hold. Nil where it can be run.
  public var whyNotRunnable: String?
  /// The tensors of the file that share their bytes: they move together or not at all.
  public var sharedStorage: [SharedStorage] = []

  /// Makes a graph.
  public init(
    source: String, channelOrder: ChannelOrder, layers: [Layer], outputs: [Int],
    skipped: [Skipped] = [], certainty: Certainty = .declared, assumptions: [Assumption] = [],
    heldLayers: [Int] = [], whyNotRunnable: String? = nil
  ) {
    self.source = source
    self.channelOrder = channelOrder
    self.layers = layers
    self.outputs = outputs
    self.skipped = skipped
    self.certainty = certainty
    self.assumptions = assumptions
    self.heldLayers = heldLayers
    self.whyNotRunnable = whyNotRunnable
  }

  /// Whether a layer normalises by running statistics.
  public var hasBatchNormalization: Bool {
    layers.contains { layer in
      if case .batchNormalization = layer.operation { true } else { false }
    }
  }

  /// Every distinct weight tensor, in the order of first use.
  public var parameters: [Parameter] {
    var seen: Set<String> = []
    return layers.flatMap(\.parameters).filter { seen.insert($0.tensor).inserted }
  }
}
