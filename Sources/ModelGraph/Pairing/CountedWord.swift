/// A word of a name, taken apart where it ends in a number: `dense_2` is number 2 of `dense_`, `6` is
/// number 6 of nothing.
///
/// Frameworks number layers by counters that start anywhere: Keras over all models of a process, PyTorch's
/// containers over layers without tensors too. So such a number tells an order within one file, and
/// nothing about another file.
struct CountedWord: Hashable {
  /// What stands before the number; the whole word where there is none.
  var base: String
  /// The number at the end; nil where there is none.
  var number: Int?

  /// Takes a word apart.
  init(_ word: String) {
    let digits = word.reversed().prefix { $0.isASCII && $0.isNumber }.count
    // Longer runs of digits are digests and dates, no counts.
    if (1...9).contains(digits), let number = Int(word.suffix(digits)) {
      base = String(word.dropLast(digits))
      self.number = number
    } else {
      base = word
    }
  }

  /// What Keras calls the first layer of a class, before it begins to count.
  private static let firstNames: Set<String> = [
    "activation", "add", "attention", "average", "average_pooling1d", "average_pooling2d",
    "batch_normalization", "bidirectional", "concatenate", "conv1d", "conv1d_transpose", "conv2d",
    "conv2d_transpose", "conv3d", "dense", "depthwise_conv1d", "depthwise_conv2d", "dropout",
    "einsum_dense", "embedding", "flatten", "functional", "global_average_pooling1d",
    "global_average_pooling2d", "global_max_pooling1d", "global_max_pooling2d",
    "group_normalization", "gru", "gru_cell", "input", "input_layer", "layer_normalization",
    "leaky_re_lu", "lstm", "lstm_cell", "max_pooling1d", "max_pooling2d", "model",
    "multi_head_attention", "multiply", "p_re_lu", "prelu", "re_lu", "reshape", "rms_normalization",
    "separable_conv1d", "separable_conv2d", "sequential", "simple_rnn", "simple_rnn_cell",
    "softmax", "time_distributed", "unit_normalization", "zero_padding2d",
  ]

  /// Whether a layer's name says which layer it is: whether somebody chose every word of it, and none
  /// comes from a counter.
  static func isTelling(_ name: String) -> Bool {
    name.split { $0 == "/" || $0 == "." }.allSatisfy { word in
      CountedWord(String(word)).number == nil && !firstNames.contains(String(word))
    }
  }
}

/// A tensor's name as its words: `fc.weight` and `fc/weight` are one name, and so are Keras's `kernel:0`
/// and `kernel`.
struct NameWords {
  /// The words.
  var words: [String]

  /// Takes a name apart.
  init(_ name: String) {
    words = name.split { $0 == "/" || $0 == "." }.map(String.init)
    if let last = words.last, last.hasSuffix(":0"), last.count > 2 {
      words[words.count - 1] = String(last.dropLast(2))
    }
    if words.isEmpty { words = [name] }
  }

  /// The words from a place on without their numbers, as one text: equal for layers of one kind.
  func series(from start: Int) -> String {
    words.dropFirst(start).map { CountedWord($0).base }.joined(separator: "/")
  }
}
