import Support

/// A residual network as torchvision or the usual CIFAR code builds it (He et al. 2016).
public struct ResidualPlan: Sendable, Hashable {
  /// What comes before the blocks.
  public enum Stem: Sendable, Hashable {
    /// A 7×7 convolution of stride 2 and 3×3 max pooling of stride 2, for large images.
    case large
    /// A 3×3 convolution of stride 1, for small images.
    case small
  }

  /// How a block's input reaches its sum where shapes change.
  public enum Shortcut: Sendable, Hashable {
    /// Through a 1×1 convolution and batch normalisation, under a name (`downsample`, `shortcut`).
    case projection(name: String)
    /// Every second position, and zeros for the channels that are missing (option A).
    case zeros
  }

  /// One stage: blocks of one width, the first of which halves the map (but in the first stage).
  public struct Stage: Sendable, Hashable {
    /// The channels of the convolutions inside blocks.
    public var width: Int
    /// The channels of the blocks' outputs.
    public var output: Int
    /// The number of blocks.
    public var blocks: Int
    /// The groups of the 3×3 convolutions of bottlenecks (ResNeXt).
    public var groups: Int

    /// Makes a stage.
    public init(width: Int, output: Int, blocks: Int, groups: Int = 1) {
      self.width = width
      self.output = output
      self.blocks = blocks
      self.groups = groups
    }
  }

  /// The shape of one example: channels, height, width; nil for lengths that the data decide.
  public var inputShape: [Int?]
  /// What comes before the blocks.
  public var stem: Stem
  /// The channels of the stem.
  public var stemWidth: Int
  /// The stages.
  public var stages: [Stage]
  /// Whether blocks are 1×1, 3×3, 1×1 instead of two 3×3.
  public var hasBottlenecks: Bool
  /// How a block's input reaches its sum where shapes change.
  public var shortcut: Shortcut
  /// The layers after the pooling: mostly one, `fc` or `linear`.
  public var head: HeadPlan
  /// The number of classes.
  public var classes: Int

  /// Makes a plan.
  public init(
    inputShape: [Int?], stem: Stem, stemWidth: Int, stages: [Stage], hasBottlenecks: Bool = false,
    shortcut: Shortcut = .projection(name: "downsample"), head: HeadPlan = HeadPlan("fc"),
    classes: Int
  ) {
    self.inputShape = inputShape
    self.stem = stem
    self.stemWidth = stemWidth
    self.stages = stages
    self.hasBottlenecks = hasBottlenecks
    self.shortcut = shortcut
    self.head = head
    self.classes = classes
  }
}

extension ModelGraph {
  /// A residual network that has no file yet, its tensors named as PyTorch would
  /// (`layer1/0/conv1/weight`).
  ///
  /// - Throws: `Diagnostic` of code `badData` where the plan's shapes do not chain.
  public static func resNet(_ plan: ResidualPlan) throws -> ModelGraph {
    var builder = FamilyBuilder(source: "residual plan", tensors: NewTensors())
    let output = try builder.add(plan)
    return try builder.graph.finish(outputs: [output])
  }

  /// A residual network of basic blocks for small images, one stage for each width.
  ///
  /// - Parameters:
  ///   - inputShape: channels, height, width.
  ///   - widths: the channels of the stages.
  ///   - blocks: the number of blocks of each stage.
  public static func resNet(
    inputShape: [Int], widths: [Int], blocks: [Int], classes: Int
  ) throws -> ModelGraph {
    guard widths.count == blocks.count, let first = widths.first else {
      throw Diagnostic(.usage, "a residual network needs as many widths as block counts")
    }
    let stages = zip(widths, blocks).map {
      ResidualPlan.Stage(width: $0, output: $0, blocks: $1)
    }
    return try resNet(
      ResidualPlan(
        inputShape: inputShape, stem: .small, stemWidth: first, stages: stages,
        classes: classes))
  }
}
