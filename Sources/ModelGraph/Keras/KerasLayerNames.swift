/// What Keras's names of layers say: Keras calls a layer after its class unless told otherwise
/// (`conv2d_1` is the second Conv2D).
enum KerasLayerNames {
  /// The classes with a kernel that a row may have.
  private static let kernels: Set<String> = ["dense", "conv1d", "conv2d", "conv3d"]

  /// The classes with scales.
  private static let normalizations: Set<String> = [
    "batch_normalization", "batch_normalization_v1", "layer_normalization", "group_normalization",
  ]

  /// First words of names of layers that join several inputs or put units in another order: how, the
  /// file does not say.
  private static let joining: Set<String> = [
    "add", "concatenate", "multiply", "subtract", "average", "maximum", "minimum", "dot", "merge",
    "lambda", "tf", "tf_op_layer", "functional", "model", "sequential", "attention",
    "additive_attention", "multi_head_attention", "residual", "shortcut", "skip",
  ]

  /// Words of layers without tensors that neither join nor reorder.
  private static let harmless: Set<String> = [
    "input", "inputs", "inputlayer", "dropout", "drop", "noise", "flatten", "flat", "pool",
    "pooling", "maxpool", "avgpool", "gap", "gmp", "activation", "act", "relu", "elu", "selu",
    "gelu", "silu", "swish", "tanh", "sigmoid", "softmax", "softplus", "leaky", "lu", "leakyrelu",
    "padding", "pad", "cropping", "crop", "sampling", "upsampling", "masking", "rescaling",
    "regularization",
  ]

  /// Words of the surroundings that say nothing of what a layer does.
  private static let places: Set<String> = ["block", "blocks", "stage", "up", "down"]

  /// The class that a name comes from, where it is one of a row; nil where the user named the layer.
  static func className(_ name: String) -> String? {
    let base = withoutCounter(name)
    return kernels.contains(base) || normalizations.contains(base) ? base : nil
  }

  /// The class of a name that comes from one, and its counter: `conv2d` is the first.
  static func counted(_ name: String) -> (className: String, number: Int)? {
    guard let className = className(name) else { return nil }
    return (className, Int(name.dropFirst(className.count + 1)) ?? 0)
  }

  /// Whether a name is that of a normalisation.
  static func isNormalization(_ name: String) -> Bool {
    normalizations.contains(withoutCounter(name))
  }

  /// The word of a name that speaks of joining layers; nil where none does.
  static func joiningWord(_ name: String) -> String? {
    let base = withoutCounter(name)
    if joining.contains(base) { return base }
    // TensorFlow's operations: tf.__operators__.add, tf.concat.
    return name.hasPrefix("tf.") || name.hasPrefix("tf_op_layer") ? base : nil
  }

  /// Whether a layer without tensors is known to leave the units of a row as they are.
  static func keepsUnits(_ name: String) -> Bool {
    let base = withoutCounter(name)
    if joining.contains(base) { return false }
    let words = NameEvidence.words(of: withoutCounter(name)).filter { !places.contains($0) }
    return words.contains(where: harmless.contains)
      && !words.contains(where: NameEvidence.speaksOfBranches)
  }

  private static func withoutCounter(_ name: String) -> String {
    guard let underscore = name.lastIndex(of: "_"),
      Int(name[name.index(after: underscore)...]) != nil
    else { return name }
    return String(name[..<underscore])
  }
}
