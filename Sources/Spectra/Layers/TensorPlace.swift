/// A tensor's name taken apart as Keras and Flax make them: the layer's path, and what it is of it.
struct TensorPlace {
  /// What part of attention a projection is.
  enum Part {
    /// Query, key or value, or their gate.
    case input
    case output
  }

  private let words: [String]
  private let separator: String
  /// The path of the layer.
  private let layer: [String]
  /// The kernel's own word: `kernel:0`, or `vars/0`.
  private let isNumbered: Bool
  private let leaf: String
  private let ending: String

  /// Takes a name apart; nil where it does not end as one of Keras or Flax.
  init?(_ name: String) {
    separator = name.contains("/") ? "/" : "."
    words = name.split(separator: Character(separator)).map(String.init)
    guard words.count >= 2, let last = words.last else { return nil }
    isNumbered = words[words.count - 2] == "vars"
    leaf = last.split(separator: ":").first.map(String.init) ?? last
    ending = String(last.dropFirst(leaf.count))
    guard isNumbered ? ["0", "1"].contains(leaf) : ["kernel", "bias"].contains(leaf) else {
      return nil
    }
    layer = words.dropLast(isNumbered ? 2 : 1)
    guard !layer.isEmpty else { return nil }
  }

  /// Whether it is a kernel.
  var isKernel: Bool { leaf == "kernel" || isNumbered && leaf == "0" }

  private func name(_ layer: [String], isKernel: Bool) -> String {
    let own =
      isNumbered ? ["vars", isKernel ? "0" : "1"] : [(isKernel ? "kernel" : "bias") + ending]
    return (layer + own).joined(separator: separator)
  }

  /// The name that the bias beside it has.
  var bias: String { name(layer, isKernel: false) }
  /// The name that the kernel beside it has; nil where it is one.
  var kernel: String? { isKernel ? nil : name(layer, isKernel: true) }

  /// The layer's last word without what says that it is dense.
  private static func role(_ word: String) -> String {
    var word = word.lowercased()
    while word.hasPrefix("_") { word.removeFirst() }
    return word.hasSuffix("_dense") ? String(word.dropLast("_dense".count)) : word
  }

  private static let inputs: Set<String> = [
    "query", "key", "value", "gate", "attention_query", "attention_key", "attention_value",
  ]
  private static let outputs: Set<String> = [
    "output", "attention_output", "out", "combined_output",
  ]

  /// Which part of attention the layer is; nil where its name does not say it.
  var part: Part? {
    guard let last = layer.last else { return nil }
    let role = Self.role(last)
    if Self.inputs.contains(role) { return .input }
    guard Self.outputs.contains(role) else { return nil }
    let around = layer.dropLast().last?.lowercased() ?? ""
    return role.contains("attention") || around.contains("attention") || around.contains("attn")
      || around.contains("mha") ? .output : nil
  }

  /// Whether the path names Keras's or Flax's own attention.
  var isKerasOwn: Bool {
    layer.contains { word in
      let word = word.lowercased().replacing("_", with: "")
      return word.contains("multiheadattention") || word.contains("multiheaddotproductattention")
        || word.contains("groupqueryattention") || word.contains("groupedqueryattention")
    }
  }

  /// Whether the layer is named as an EinsumDense.
  var isEinsum: Bool { layer.last?.lowercased().contains("einsum") == true }

  /// The names that the kernel of the output beside it may have.
  var outputs: [String] {
    let around = Array(layer.dropLast())
    return Self.outputs.flatMap { word in
      [word, word + "_dense", "_" + word + "_dense"].map { name(around + [$0], isKernel: true) }
    }
  }

  /// The layer's name for people: without the words that every file has, and none twice.
  var layerName: String {
    var path = layer
    if path.first == "model_weights" { path.removeFirst() }
    path.removeAll { $0 == "layers" }
    path = path.enumerated().filter { $0.offset == 0 || path[$0.offset - 1] != $0.element }
      .map(\.element)
    return path.joined(separator: separator)
  }
}
