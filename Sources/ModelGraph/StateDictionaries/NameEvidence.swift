/// What the words of a layer's name say of what it does: the one table of such words.
///
/// Words are the parts of a path between dots, slashes, underscores, hyphens, digits and changes of
/// case: `layer1.downsample_conv` has `layer`, `downsample`, `conv`.
enum NameEvidence {
  /// Words that speak of shortcuts, sums, branches, gates and parallel heads: of anything but a row.
  private static let branching: Set<String> = [
    "res", "residual", "resblock", "skip", "shortcut", "identity", "bypass", "downsample",
    "upsample", "down", "up", "concat", "concatenate", "cat", "merge", "fuse", "fusion", "add",
    "sum", "plus", "branch", "branches", "tower", "parallel", "gate", "gates", "gating",
    "highway", "transform", "se", "squeeze", "excite", "excitation", "mix", "lateral", "side",
    "aux", "auxiliary", "adapter", "lora", "mu", "logvar", "sigma", "mean", "std", "logstd",
    "actor", "critic", "policy", "value", "advantage", "query", "key", "q", "k", "v", "qkv",
    "attn", "attention", "film", "ffn", "bottleneck", "teacher", "student", "siamese", "dueling",
    "recurrent", "hh", "ih", "cell", "rnn", "lstm", "gru", "block", "blocks", "stage", "w",
  ]

  /// Words of a transposed convolution.
  private static let transposed: Set<String> = [
    "transpose", "transposed", "trans", "deconv", "deconvolution", "convtranspose", "convt",
    "tconv", "upconv", "up", "upsample", "dec", "decoder", "decode", "generator", "gen",
  ]

  private static let convolution: Set<String> = ["conv", "convolution", "cnn", "convs"]

  private static let layerNorm: Set<String> = ["ln", "layernorm", "layernormalization"]
  private static let batchNorm: Set<String> = [
    "bn", "batchnorm", "batchnormalization", "batch",
  ]
  private static let groupNorm: Set<String> = [
    "gn", "groupnorm", "groupnormalization", "group",
  ]
  private static let instanceNorm: Set<String> = [
    "in", "instancenorm", "instancenormalization", "instance",
  ]

  /// The words of a name, in lower case.
  static func words(of path: String) -> [String] {
    var words: [String] = []
    var word = ""
    var wasLower = false
    for character in path {
      guard character.isLetter else {
        if !word.isEmpty { words.append(word.lowercased()) }
        word = ""
        wasLower = false
        continue
      }
      if character.isUppercase, wasLower {
        words.append(word.lowercased())
        word = ""
      }
      wasLower = character.isLowercase
      word.append(character)
    }
    if !word.isEmpty { words.append(word.lowercased()) }
    return words
  }

  /// Whether a word speaks against a row.
  static func speaksOfBranches(_ word: String) -> Bool { branching.contains(word) }

  /// Words of a recurrent layer itself, where it is one.
  static let recurrence: Set<String> = ["recurrent", "cell", "rnn", "lstm", "gru"]

  /// Words of a table that is read by number.
  private static let tables: Set<String> = [
    "emb", "embed", "embeds", "embedding", "embeddings", "encoder", "lookup", "vocab", "wte",
  ]

  /// Whether a name is one that tables have.
  static func saysTable(_ path: String) -> Bool { words(of: path).contains { tables.contains($0) } }

  /// Whether the word of a container says something of the layers in it, or numbers it among others.
  static func saysOfLayers(_ word: String) -> Bool {
    word.contains { $0.isNumber }
      || words(of: word).contains { branching.contains($0) || transposed.contains($0) }
  }

  /// The first word that speaks against a row; nil where there is none.
  static func branchingWord(in path: String) -> String? {
    words(of: path).first(where: speaksOfBranches)
  }

  /// Whether a name says that a kernel is one of a plain convolution.
  static func saysConvolution(_ path: String) -> Bool {
    let words = words(of: path)
    return words.contains { convolution.contains($0) }
      && !words.contains { transposed.contains($0) }
  }

  /// What kind of normalisation a name speaks of.
  enum Norm: Sendable, Hashable { case layer, batch, group, instance }

  /// The normalisation that a name speaks of; nil where it says none, or `norm` alone.
  static func norm(in path: String) -> Norm? {
    // A path's own last words count: the block around them may be called anything.
    let own = words(of: path.split { $0 == "." || $0 == "/" }.last.map(String.init) ?? path)
    let joined = own.joined()
    func says(_ table: Set<String>) -> Bool {
      own.contains { table.contains($0) } || table.contains(joined)
    }
    if says(groupNorm) { return .group }
    if says(instanceNorm) { return .instance }
    if says(batchNorm) { return .batch }
    if says(layerNorm) || joined == "layernorm" { return .layer }
    return nil
  }
}
