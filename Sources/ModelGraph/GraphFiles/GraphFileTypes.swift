/// The types of layers that a description has, and what else they are called.
enum GraphFileTypes {
  /// The types, as `GraphFileReader` knows them.
  static let names = [
    "input", "dense", "conv1d", "conv2d", "conv3d", "maxPooling", "averagePooling",
    "globalMaxPooling", "globalAveragePooling", "zeroPadding", "edgePadding", "cropping",
    "channelPadding",
    "flatten", "reshape", "batchNormalization", "layerNormalization", "dropout", "identity", "add",
    "multiply", "average", "maximum", "minimum", "subtract", "upsampling", "concatenate",
    "embedding", "masking", "lstm", "gru", "simpleRNN", "rescaling", "relu", "leakyRelu",
    "clippedRelu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "hardSigmoid", "softplus",
    "exponential", "hardSilu", "quickGelu", "squaredRelu", "mish", "squareRoot", "softmax",
    "attention",
    "rmsNormalization", "groupNormalization", "select", "tableAddition", "sinusoidalPositions",
    "prepend", "channelScale", "parametricRelu", "steps", "stepDense", "routing", "mixture",
    "selectiveScan", "spaceToDepth", "activation", "rearrange", "perChannel", "unknown", "state",
    "transposedConv1d",
    "transposedConv2d",
    "transposedConv3d", "legacyHardSigmoid",
  ]

  /// Words of Keras, PyTorch, ONNX and of this tool's tables, in lower case and without underlines.
  private static let others = [
    "linear": "dense", "fullyconnected": "dense", "gemm": "dense",
    "convolution1d": "conv1d", "convolution2d": "conv2d", "convolution3d": "conv3d",
    "maximumpooling": "maxPooling", "maxpool": "maxPooling", "avgpool": "averagePooling",
    "averagepool": "averagePooling", "avgpooling": "averagePooling",
    "globalmaximumpooling": "globalMaxPooling", "globalmaxpool": "globalMaxPooling",
    "globalaveragepool": "globalAveragePooling", "globalavgpool": "globalAveragePooling",
    "globalavgpooling": "globalAveragePooling",
    "batchnorm": "batchNormalization", "layernorm": "layerNormalization", "concat": "concatenate",
    "inputlayer": "input", "relu6": "clippedRelu", "swish": "silu",
    "rnn": "simpleRNN", "hardswish": "hardSilu", "prelu": "parametricRelu",
    "rmsnorm":
      "rmsNormalization", "groupnorm": "groupNormalization", "multiheadattention": "attention",
  ]

  /// Operations that have the same name whatever the number of axes.
  private static let anyRank = [
    "pool", "pooling", "norm", "normalization", "padding", "upsampling",
  ]

  private static let known = Dictionary(
    names.map { ($0.lowercased(), $0) } + others.map { ($0.key, $0.value) },
    uniquingKeysWith: { first, _ in first })

  /// The type that a word means: `maxPooling` of `MaxPooling2D`, `max_pool2d` and `maximumPooling`; the
  /// word itself where none is known.
  static func canonical(_ word: String) -> String {
    var plain = word.lowercased().filter { $0 != "_" && $0 != "-" }
    if let type = known[plain] { return type }
    for rank in ["1d", "2d", "3d"] where plain.hasSuffix(rank) {
      plain.removeLast(2)
      if anyRank.contains(where: plain.hasSuffix), let type = known[plain] { return type }
    }
    return word
  }
}
