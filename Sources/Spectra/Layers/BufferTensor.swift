import Catalogs

/// Tensors of several axes that are no weights: masks, tables of angles and positions, biases.
enum BufferTensor {
  /// Why a tensor has no spectrum; nil where nothing says that it is no weight.
  static func reason(_ entry: TensorEntry) -> String? {
    let words = entry.name.split { $0 == "." || $0 == "/" }.map { $0.lowercased() }
    guard let last = words.last else { return nil }
    let leaf = last.split(separator: ":").first.map(String.init) ?? last
    if leaf == "bias" {
      let isSquare = entry.shape.count >= 2 && entry.shape.suffix(2).first == entry.shape.last
      let around = words.dropLast().last ?? ""
      if isSquare, entry.shape.count == 4, around.contains("attn") || around.contains("attention") {
        return "a mask of attention, no weight"
      }
      return "a bias has no spectrum"
    }
    if leaf.hasSuffix("mask") || ["tril", "triu", "causal"].contains(leaf) {
      return "a mask, no weight"
    }
    let rotary = ["inv_freq", "cos_cached", "sin_cached", "freqs_cis", "freqs_cos", "freqs_sin"]
    if rotary.contains(leaf) || words.contains("rotary_emb") || words.contains("rotary_embedding") {
      return "the angles of rotary positions, no weight"
    }
    if leaf == "position_ids" || leaf.hasPrefix("relative_position_index") {
      return "the numbers of positions, no weight"
    }
    let tables = [
      "relative_position_bias_table", "relative_attention_bias", "relative_coords_table",
      "rel_pos_h", "rel_pos_w", "relative_position_bias", "relative_positions",
    ]
    if words.contains(where: { tables.contains($0) }) {
      return
        "a table of relative positions, added to scores: no matrix that anything passes through"
    }
    return nil
  }
}
