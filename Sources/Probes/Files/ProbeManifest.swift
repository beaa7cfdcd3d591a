import WorkbenchCore

/// What a probe's file says beside its numbers: what it reads, what its scores mean, and what is needed
/// to train it again.
public struct ProbeManifest: Sendable, Hashable, Codable {
  /// The method: `probex`.
  public var method: String
  /// The column that it predicts.
  public var target: String
  /// `classes`, `labels` or `regression`.
  public var task: String
  /// The classes or labels, in the order of the scores.
  public var classes: [String] = []
  /// The layer that it reads; empty where it reads statistics of tensors.
  public var layer = ""
  /// The rows of the layer's matrix.
  public var rows = 0
  /// The columns.
  public var columns = 0
  /// The tensors whose statistics it reads, and the convention of the seven numbers.
  public var tensors: [String] = []
  public var convention = ""
  /// What scores are multiplied by before they are squashed into shares.
  public var factor = 1.0
  /// The sizes of a network: probes, projected responses, representation.
  public var sizes: [Int] = []
  /// The branches of a network, by name.
  public var branches: [String] = []
  public var standardises = false
  public var rectifies = true
  /// For an aligned head, the length of a class's embedding.
  public var textWidth: Int?
  /// For numbers, what a network's score is multiplied by, and what is added then.
  public var deviation = 1.0
  public var mean = 0.0
  /// How it was trained.
  public var training = Training()
  /// Up to which distance from its centre a model belongs to a tree that the probe knows, a tree each;
  /// empty where it keeps no centres.
  public var radii: [Double] = []
  /// The names of these trees.
  public var trees: [String] = []

  /// How a probe was trained.
  public struct Training: Sendable, Hashable, Codable {
    public var seed: UInt64 = 0
    public var epochs = 0
    public var batchSize = 0
    public var learningRate = 0.0
    public var weightDecay = 0.0
    public var evaluatedEvery = 0
    public var patience: Int?
    /// The files that it learned from, and those that its state was chosen by.
    public var files: [String] = []
    public var validationFiles: [String] = []
    /// The figure that was reached on models that it did not see, and its name.
    public var metric = ""
    public var validation: Double?
    public var test: Double?

    /// Nothing known.
    public init() {}
  }

  /// A manifest of what it has to say.
  public init(method: String, target: String, task: String) {
    self.method = method
    self.target = target
    self.task = task
  }
}
