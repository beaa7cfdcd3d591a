/// A set of axes whose entries must be permuted together, or the network computes another function.
///
/// The units of one hidden layer are such a group: the layer's kernel and bias have them as output
/// axes, the next layer's kernel has them as its input axis. Ainsworth et al. 2023, section 3,
/// call this a permutation specification and write it by hand; here it is derived from the graph.
public struct PermutationGroup: Sendable, Hashable {
  /// Where the units lie on one axis of one tensor.
  public struct Member: Sendable, Hashable {
    /// A stretch of the axis that holds all units, one after another, each as `width` consecutive
    /// entries. A plain axis is one run of width 1; a flattened feature map has a run a position
    /// (Keras) or one run as wide as the map (PyTorch); the gates of an LSTM are four runs.
    public struct Run: Sendable, Hashable {
      /// The first entry of the first unit.
      public var start: Int
      /// The number of consecutive entries of each unit.
      public var width: Int

      /// Makes a run.
      public init(start: Int, width: Int = 1) {
        self.start = start
        self.width = width
      }
    }

    /// The tensor's name in the file.
    public var tensor: String
    /// The axis of the tensor as it lies in the file.
    public var axis: Int
    /// Where the units lie on the axis.
    public var runs: [Run]
    /// Whether the tensor holds running statistics, which move but are not matched on.
    public var isStatistic: Bool

    /// Makes a member.
    public init(tensor: String, axis: Int, runs: [Run], isStatistic: Bool) {
      self.tensor = tensor
      self.axis = axis
      self.runs = runs
      self.isStatistic = isStatistic
    }
  }

  /// The name: that of the layer that makes the units.
  public var name: String
  /// The number of units.
  public var size: Int
  /// The axes that move together. One tensor may appear with two axes (a recurrent kernel).
  public var members: [Member]

  /// Makes a group.
  public init(name: String, size: Int, members: [Member]) {
    self.name = name
    self.size = size
    self.members = members
  }
}
