import Catalogs
import Support

extension GraphFileReader {
  /// The units of a dense layer: as it says, else as its kernel has them.
  func units(of layer: GraphFileLayer) throws -> Int {
    if layer.has("units") { return try layer.integer("units") }
    let entry = try required(layer, "kernel", ["weight", "kernel"])
    let length = isKeras(layer, entry) ? entry.shape.last : entry.shape.first
    return try length ?? layer.integer("units")
  }

  /// The filters of a convolution: as it says, else as its kernel has them.
  func filters(of layer: GraphFileLayer) throws -> Int {
    if layer.has("filters") { return try layer.integer("filters") }
    let entry = try required(layer, "kernel", ["weight", "kernel"])
    let length = isKeras(layer, entry) ? entry.shape.last : entry.shape.first
    return try length ?? layer.integer("filters")
  }

  /// The window of a convolution: as it says, else as its kernel has it.
  func kernelSize(of layer: GraphFileLayer, rank: Int) throws -> [Int] {
    if layer.has("kernel") { return try layer.integers("kernel", count: rank) }
    let entry = try required(layer, "kernel", ["weight", "kernel"])
    guard entry.shape.count == rank + 2 else {
      throw Diagnostic(
        .badData,
        "the tensor \(entry.name) is \(describe(entry.shape)), and the kernel has \(rank + 2) axes")
    }
    return Array(isKeras(layer, entry) ? entry.shape.dropLast(2)[...] : entry.shape.dropFirst(2))
  }

  /// The rows and columns of a table: as it says, else as its tensor has them.
  func table(of layer: GraphFileLayer) throws -> (vocabulary: Int, size: Int) {
    if layer.has("vocabulary"), layer.has("size") {
      return (try layer.integer("vocabulary"), try layer.integer("size"))
    }
    let entry = try required(layer, "embeddings", ["weight", "embeddings"])
    guard entry.shape.count == 2 else {
      throw Diagnostic(
        .badData, "the tensor \(entry.name) is \(describe(entry.shape)): a table has two axes")
    }
    return (
      try layer.integer("vocabulary", default: entry.shape[0]),
      try layer.integer("size", default: entry.shape[1])
    )
  }

  private func isKeras(_ layer: GraphFileLayer, _ entry: TensorEntry) -> Bool {
    (layer.text("layout") ?? (entry.name.hasSuffix("kernel") ? "keras" : "pytorch")) == "keras"
  }

  /// The function that a configuration of Hugging Face, timm or PyTorch calls so; nil where none is known.
  static func activation(called name: String) -> Activation? {
    switch name.lowercased() {
    case "gelu", "gelu_python": .gelu(approximate: false)
    case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_tanh",
      "gelu_accurate":
      .gelu(approximate: true)
    case "relu": .relu
    case "relu6": .clippedRelu(maximum: 6)
    case "relu2", "relu_squared", "squared_relu": .squaredRelu
    case "silu", "swish": .silu
    case "quick_gelu": .quickGelu
    case "tanh": .tanh
    case "sigmoid": .sigmoid
    case "mish": .mish
    case "elu": .elu(alpha: 1)
    case "selu": .selu
    case "leaky_relu": .leakyRelu(slope: 0.01)
    case "hardswish", "hard_swish": .hardSilu
    case "softplus": .softplus
    case "linear", "identity": .linear
    default: nil
    }
  }
}
