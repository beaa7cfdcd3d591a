import Datasets
public import ModelGraph
import Specs
import Support

/// The size of a residual network (He et al. 2016).
///
/// In a spec, by its stages or by a depth: 18, 34, 50, 101 and 152 are torchvision's four stages,
/// and 6n + 2 (20, 32, 44, 56, 110 …) the three stages of the networks for CIFAR:
///
///     {kind: resnet, width: 8, blocks: [1, 1]}
///     {kind: resnet, depth: 20, width-multiplier: 0.5}
///     {kind: resnet, depth: 50, stem: large}
///
/// Widths double from stage to stage. Every convolution is followed by batch normalisation, and
/// activations are ReLU.
public struct ResidualRecipe: Sendable, Hashable {
  /// The channels of each stage.
  public var widths: [Int]
  /// The number of blocks of each stage.
  public var blocks: [Int]
  /// Whether blocks are 1×1, 3×3, 1×1, four times as wide at their end.
  public var hasBottlenecks: Bool
  /// What comes before the blocks.
  public var stem: ResidualPlan.Stem
  /// How a block's input reaches its sum where shapes change.
  public var shortcut: ResidualPlan.Shortcut
}

extension ResidualRecipe {
  static let keys = ["depth", "blocks", "width", "width-multiplier", "block", "stem", "shortcut"]

  private static let depths = [
    18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3],
  ]

  /// Reads a recipe from a spec.
  init(_ spec: SpecNode) throws {
    let members = try spec.members(["kind"] + Self.keys)
    let depth = try members["depth"]?.integer(in: 1...ArchitectureRecipe.mostLayers)
    if let node = members["depth"], members["blocks"] != nil {
      throw node.error("'depth' and 'blocks' exclude each other", remedy: "remove one of them")
    }
    let isLarge = depth.map { Self.depths[$0] != nil } ?? false
    if let blocks = members["blocks"] {
      self.blocks = try blocks.counts()
    } else if let node = members["depth"], let depth {
      guard let known = Self.depths[depth] ?? Self.threeStages(depth) else {
        throw node.error(
          "there is no residual network of that depth",
          remedy: "use 18, 34, 50, 101, 152, or 6n + 2, or blocks: [1, 1]")
      }
      blocks = known
    } else {
      throw spec.error("the depth is missing", remedy: "for example: blocks: [1, 1], or depth: 20")
    }
    let scale = try members["width-multiplier"]?.number(in: 1e-3...1e3) ?? 1
    let width =
      try members["width"]?.integer(in: 1...ArchitectureRecipe.mostUnits) ?? (isLarge ? 64 : 16)
    widths = try blocks.indices.map {
      try ArchitectureRecipe.scaled(
        width << $0, by: scale, at: members["width-multiplier"] ?? members["width"] ?? spec)
    }
    let usual = isLarge && (depth ?? 0) >= 50 ? "bottleneck" : "basic"
    hasBottlenecks = try (members["block"]?.choice(["basic", "bottleneck"]) ?? usual) != "basic"
    let word = try members["stem"]?.choice(["small", "large"])
    stem = word == "large" ? .large : .small
    let way = try members["shortcut"]?.choice(["projection", "zeros"])
    shortcut = way == "zeros" ? .zeros : .projection(name: "downsample")
  }

  private static func threeStages(_ depth: Int) -> [Int]? {
    guard depth >= 8, (depth - 2) % 6 == 0 else { return nil }
    return Array(repeating: (depth - 2) / 6, count: 3)
  }

  /// The plan for examples of a shape.
  ///
  /// - Throws: `Diagnostic` where they are no images.
  func plan(exampleShape: [Int], classCount: Int) throws -> ResidualPlan {
    let shape = try ImageLayout(exampleShape: exampleShape).planarShape
    let stages = zip(widths, blocks).map {
      ResidualPlan.Stage(width: $0, output: hasBottlenecks ? 4 * $0 : $0, blocks: $1)
    }
    return ResidualPlan(
      inputShape: shape, stem: stem, stemWidth: widths.first ?? 1, stages: stages,
      hasBottlenecks: hasBottlenecks, shortcut: shortcut, classes: classCount)
  }
}
