import Catalogs
import Support

/// Names of tensors that speak of attention, of which no description of layers tells anything.
enum AttentionEvidence {
  private static let words: Set<String> = [
    "attn", "attention", "self_attn", "self_attention", "cross_attn", "encoder_attn", "c_attn",
    "qkv", "query_key_value", "in_proj_weight", "q_proj", "k_proj", "v_proj", "to_q", "to_qkv",
    "selfattention", "encdecattention", "wq", "wqkv", "attn_q", "attn_qkv",
  ]

  /// The first tensor of attention; nil where there is none.
  static func tensor(in catalog: Catalog) -> String? {
    catalog.tensors.first { entry in
      entry.name.split { $0 == "." || $0 == "/" }.contains { words.contains($0.lowercased()) }
    }?.name
  }

  /// The error of a file whose layers are not understood. Where they are attention, a description would
  /// not help.
  static func explained(_ error: Diagnostic, in catalog: Catalog) -> Diagnostic {
    guard error.code == .badData, let tensor = tensor(in: catalog) else { return error }
    return Diagnostic(
      .badData, "attention is not understood: no type of layer describes it", at: [tensor],
      remedy:
        "\(action: .diff), \(action: .spectrum) and \(action: .merge) without \(setting: .match) need no layers, and take this file"
    )
  }
}
