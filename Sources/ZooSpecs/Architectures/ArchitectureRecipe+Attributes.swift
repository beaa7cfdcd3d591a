package import Catalogs
import ModelGraph

extension ArchitectureRecipe {
  /// The architecture as attributes of a weight file, in the words of a spec.
  package var attributes: [String: Catalog.Attribute] {
    switch self {
    case .perceptron(let widths, let activation):
      [
        "model": .string("mlp"), "widths": .numbers(widths.map(Double.init)),
        "depth": .numbers([Double(widths.count)]), "activation": .string(activation.name),
      ]
    case .plain(let recipe):
      [
        "model": .string("vgg"), "layers": .strings(recipe.steps.map(\.word)),
        "hidden": .numbers(recipe.hidden.map(Double.init)),
        "widths": .numbers(recipe.steps.compactMap(\.width).map(Double.init)),
        "depth": .numbers([Double(recipe.steps.compactMap(\.width).count + recipe.hidden.count + 1)]
        ),
        "batch_norm": .numbers([recipe.isNormalised ? 1 : 0]),
        "activation": .string(recipe.activation.name),
      ]
    case .sequence(let recipe):
      // The rest is the plan's, which knows the data.
      [
        "model": .string(recipe.kind.rawValue), "width": .numbers([Double(recipe.width)]),
        "layers": .numbers([Double(recipe.layers)]), "depth": .numbers([Double(recipe.layers)]),
      ]
    case .residual(let recipe):
      [
        "model": .string("resnet"), "widths": .numbers(recipe.widths.map(Double.init)),
        "blocks": .numbers(recipe.blocks.map(Double.init)),
        "depth": .numbers([Double(recipe.depth)]),
        "block": .string(recipe.hasBottlenecks ? "bottleneck" : "basic"),
        "stem": .string(recipe.stem == .large ? "large" : "small"),
        "shortcut": .string(recipe.shortcut == .zeros ? "zeros" : "projection"),
        "batch_norm": .numbers([1]), "activation": .string("relu"),
      ]
    }
  }
}

extension ResidualRecipe {
  /// The number of layers with weights on the longest way through the network.
  var depth: Int { blocks.reduce(0, +) * (hasBottlenecks ? 3 : 2) + 2 }
}

extension PlainPlan.Step {
  /// The step in the words of a spec: a width, or M.
  fileprivate var word: String { width.map { "\($0)" } ?? "M" }

  /// The channels of a convolution; nil for pooling.
  fileprivate var width: Int? {
    if case .convolution(let width) = self { width } else { nil }
  }
}
