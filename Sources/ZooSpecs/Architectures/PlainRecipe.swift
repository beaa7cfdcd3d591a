import Datasets
public import ModelGraph
import Specs
import Support

/// The size of a network like VGG (Simonyan and Zisserman 2015).
///
/// In a spec, by its stages, by the depth that torchvision's names have, or layer by layer, `M`
/// being 2×2 max pooling:
///
///     {kind: vgg, width: 16, blocks: [1, 1], hidden: [64], batch-norm: true}
///     {kind: vgg, depth: 11}
///     {kind: vgg, layers: [32, M, 64, 64, M]}
///
/// Widths double from stage to stage, up to eight times the first. `width-multiplier` scales them
/// all.
public struct PlainRecipe: Sendable, Hashable {
  /// The convolutional part.
  public var steps: [PlainPlan.Step]
  /// Whether every convolution is followed by batch normalisation.
  public var isNormalised: Bool
  /// The units of the dense layers before the last.
  public var hidden: [Int]
  /// The activation after all layers but the last.
  public var activation: Activation
}

extension PlainRecipe {
  static let keys = [
    "layers", "depth", "blocks", "width", "width-multiplier", "batch-norm", "hidden", "activation",
  ]

  /// The convolutions of each stage of configurations A, B, D and E.
  private static let depths = [
    11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4],
  ]

  /// Reads a recipe from a spec.
  init(_ spec: SpecNode) throws {
    let members = try spec.members(["kind"] + Self.keys)
    let scale = try members["width-multiplier"]?.number(in: 1e-3...1e3) ?? 1
    let scaleNode = members["width-multiplier"] ?? members["width"] ?? spec
    func scaled(_ width: Int) throws -> Int {
      try ArchitectureRecipe.scaled(width, by: scale, at: scaleNode)
    }
    let limit = 1...ArchitectureRecipe.mostUnits
    if let layers = members["layers"] {
      if let other = members["depth"] ?? members["blocks"] ?? members["width"] {
        throw other.error(
          "'layers' names every layer already", remedy: "give 'layers' alone, or leave it out")
      }
      steps = try Self.steps(layers).map { step in
        if case .convolution(let width) = step { return .convolution(width: try scaled(width)) }
        return step
      }
    } else {
      let width = try members["width"]?.integer(in: limit) ?? 64
      steps = []
      for (stage, count) in try Self.blocks(spec, members).enumerated() {
        let stageWidth = try scaled(width * (1 << min(stage, 3)))
        steps += Array(repeating: .convolution(width: stageWidth), count: count) + [.pooling]
      }
    }
    isNormalised = try members["batch-norm"]?.flag() ?? false
    hidden = try members["hidden"]?.list().map { try $0.integer(in: limit) } ?? []
    activation = try ArchitectureRecipe.activation(members["activation"])
  }

  private static func blocks(_ spec: SpecNode, _ members: [String: SpecNode]) throws -> [Int] {
    if let blocks = members["blocks"] {
      if let depth = members["depth"] {
        throw depth.error("'depth' and 'blocks' exclude each other", remedy: "remove one of them")
      }
      return try blocks.counts()
    }
    guard let depth = members["depth"] else {
      throw spec.error(
        "the depth is missing",
        remedy: "for example: blocks: [1, 1], depth: 11, or layers: [32, M, 64, M]")
    }
    let known = depths.keys.sorted().map(String.init)
    guard let blocks = depths[try depth.integer(in: 1...ArchitectureRecipe.mostLayers)] else {
      throw depth.error(
        "there is no VGG of that depth",
        remedy: "use \(known.joined(separator: ", ")), or blocks: [1, 1]")
    }
    return blocks
  }

  /// Widths and `M`. Pooling stands after convolutions only and at the end: from such names a file
  /// of weights alone tells where it was.
  private static func steps(_ layers: SpecNode) throws -> [PlainPlan.Step] {
    var steps: [PlainPlan.Step] = []
    for node in try layers.list() {
      guard (try? node.string()) == "M" else {
        let width = try node.integer(in: 1...ArchitectureRecipe.mostUnits)
        steps.append(.convolution(width: width))
        continue
      }
      guard let last = steps.last, last != .pooling else {
        throw node.error("pooling stands after a convolution", remedy: "remove this M")
      }
      steps.append(.pooling)
    }
    guard steps.last == .pooling else {
      throw layers.error("the last layer is pooling", remedy: "for example: layers: [32, M, 64, M]")
    }
    return steps
  }

  /// The plan for examples of a shape.
  ///
  /// - Throws: `Diagnostic` where they are no images, or so small that nothing is left of them.
  func plan(exampleShape: [Int], classCount: Int) throws -> PlainPlan {
    let shape = try ImageLayout(exampleShape: exampleShape).planarShape
    let pools = steps.count { $0 == .pooling }
    let side = min(shape[1], shape[2])
    let most = Int.bitWidth - 1 - max(1, side).leadingZeroBitCount
    guard pools <= most else {
      throw Diagnostic(
        .badData,
        "images of \(shape[1]) × \(shape[2]) can be halved \(most) times, and the model pools "
          + "\(pools) times", remedy: "use fewer stages")
    }
    return PlainPlan(
      inputShape: shape, steps: steps, isNormalised: isNormalised, hidden: hidden,
      classes: classCount, activation: activation)
  }
}

extension SpecNode {
  /// The list of how many layers or blocks each stage has.
  func counts() throws -> [Int] {
    let counts = try list().map { try $0.integer(in: 1...1000) }
    guard (1...12).contains(counts.count) else {
      throw error("expected a number for each of 1 to 12 stages", remedy: "for example: [1, 1]")
    }
    return counts
  }
}
