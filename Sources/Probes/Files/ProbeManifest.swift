import Support

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
  /// Whose way of making matrices of tensors it follows where that is not this tool's: `probex`.
  public var compat: String?
  /// The tensors whose statistics it reads.
  public var tensors: [String] = []
  /// The convention of the seven numbers.
  public var convention = ""
  /// What scores are multiplied by before they are squashed into shares.
  public var factor = 1.0
  /// The sizes of a network: probes, projected responses, representation.
  public var sizes: [Int] = []
  /// The branches of a network, by name.
  public var branches: [String] = []
  /// Whether a network standardises its responses.
  public var standardises = false
  /// Whether a network has its rectifier.
  public var rectifies = true
  /// For an aligned head, the length of a class's embedding.
  public var textWidth: Int?
  /// For an aligned head, how many of the classes, the first ones, it learned from models; of the others
  /// it knows the embedding only.
  public var learnedClassCount: Int?
  /// For numbers, what a network's score is multiplied by.
  public var deviation = 1.0
  /// What is added to a network's score then.
  public var mean = 0.0
  /// The probes of single trees, in the order of their groups in the file; nil where one probe is for all.
  public var experts: [Expert]?
  /// How it was trained.
  public var training = Training()
  /// Up to which distance from its centre a model belongs to a tree that the probe knows, a tree each;
  /// empty where it keeps no centres.
  public var radii: [Double] = []
  /// The names of these trees.
  public var trees: [String] = []
  /// The networks that models are lined up with before the probe reads them; nil where they are read as
  /// they are.
  public var roots: [Root]?

  /// A network that models are lined up with.
  public struct Root: Sendable, Hashable, Codable {
    /// The file that it was read from.
    public var file: String
    /// Its layers, as a description in YAML.
    public var graph: String
    /// Its tensors, in the order of their data sets.
    public var tensors: [String]
  }

  /// How a probe was trained.
  public struct Training: Sendable, Hashable, Codable {
    /// The seed.
    public var seed: UInt64 = 0
    /// How many epochs at most.
    public var epochs = 0
    /// How many models make a step.
    public var batchSize = 0
    /// The learning rate.
    public var learningRate = 0.0
    /// The weight decay.
    public var weightDecay = 0.0
    /// After how many epochs each the validation models are looked at.
    public var evaluatedEvery = 0
    /// After how many looks without a better one training ends.
    public var patience: Int?
    /// Whether a network began as the dense expert.
    public var beginsDense: Bool?
    /// Whether sizes or the learning rate were chosen by the validation models.
    public var isTuned: Bool?
    /// The files that it learned from.
    public var files: [String] = []
    /// The files that its state was chosen by.
    public var validationFiles: [String] = []
    /// The name of the figures.
    public var metric = ""
    /// The figure on the validation models.
    public var validation: Double?
    /// The figure on models that it did not see.
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
