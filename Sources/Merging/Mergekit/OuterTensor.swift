/// On which side of the layers a tensor of no layer stands.
enum OuterTensor: Sendable, Hashable {
  /// Tables of tokens and of places.
  case before
  /// The last norm, and the head.
  case after

  private static let wordsBefore = [
    "embed_tokens", "wte", "wpe", "embeddings", "embed_in", "shared",
  ]
  private static let wordsAfter = [
    "lm_head", "embed_out", "norm", "ln_f", "final_layernorm", "final_layer_norm", "norm_f",
    "score",
    "classifier", "output",
  ]

  /// - Returns: nil where the name does not tell.
  init?(_ name: String) {
    let words = name.split(separator: ".").map(String.init)
    // `embeddings.LayerNorm` is a norm of the tables.
    if words.contains(where: Self.wordsBefore.contains)
      || words.contains(where: { $0.hasSuffix("_embeddings") || $0.hasPrefix("embed_positions") })
      || words.contains("word_embeddings_layernorm") || words.contains("embed_layernorm")
    {
      self = .before
    } else if words.contains(where: Self.wordsAfter.contains) {
      self = .after
    } else {
      return nil
    }
  }
}
