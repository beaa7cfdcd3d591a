/// A reading of a file of weights alone that a user may state.
public enum Reading: Sendable, Hashable {
  /// The layers follow one another: no shortcuts, no second readers, no layer used twice, no
  /// transposed convolution, and maps are flattened as they are.
  case row
  /// Scales and shifts without statistics belong to layer normalisation.
  case layerNormalization
  /// … to batch normalisation that keeps no statistics.
  case batchNormalization
  /// … to instance normalisation.
  case instanceNormalization
  /// A shortcut without weights puts half of its zeros before the channels, half after.
  case zerosAround
  /// A shortcut without weights puts all of its zeros after the channels.
  case zerosAfter
  /// The hidden activations.
  case activation(Activation)
  /// The number of heads of every attention layer.
  case heads(Int)
  /// What is given to an input of an ONNX model.
  case input(String, StatedInput)

  /// The words that stand for readings other than activations.
  private static let words: [String: Reading] = [
    "row": .row, "layer-norm": .layerNormalization, "batch-norm": .batchNormalization,
    "instance-norm": .instanceNormalization, "zeros-around": .zerosAround,
    "zeros-after": .zerosAfter,
  ]

  /// The activations that have a word, by Keras's names.
  private static let activations = [
    "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softplus", "linear",
  ]

  /// Every word that `init(word:)` takes.
  public static var allWords: [String] {
    words.keys.sorted() + activations + ["heads=N", "INPUT=NUMBER", "INPUT=[LENGTHS]"]
  }

  /// The reading of a word; nil where there is none.
  public init?(word: String) {
    if let reading = Reading.words[word] {
      self = reading
      return
    }
    if word.hasPrefix("heads="), let count = Int(word.dropFirst(6)), (1...1 << 20).contains(count) {
      self = .heads(count)
      return
    }
    if let (name, input) = StatedInput.parsed(word) {
      self = .input(name, input)
      return
    }
    let name = word.replacing("-", with: "_")
    guard Reading.activations.contains(name) else { return nil }
    // PyTorch's slope: files that say their activations are Keras's, these are PyTorch's.
    if name == "leaky_relu" {
      self = .activation(.leakyRelu(slope: 0.01))
      return
    }
    guard let activation = try? KerasActivation.named(name, version: 3) else { return nil }
    self = .activation(activation)
  }

  /// The word for it.
  public var word: String {
    switch self {
    case .activation(let activation): activation.name
    case .heads(let count): "heads=\(count > 0 ? String(count) : "N")"
    case .input(let name, let input): "\(name)=\(input.word)"
    default: Reading.words.first { $0.value == self }?.key ?? ""
    }
  }
}
