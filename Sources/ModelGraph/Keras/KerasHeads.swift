import Support

/// What Keras's MultiHeadAttention and GroupQueryAttention are configured with.
struct KerasHeads {
  /// The number of query heads.
  var heads: Int
  /// The number of key and value heads.
  var shared: Int
  /// The width of a head of queries and keys.
  var keyWidth: Int
  /// The width of a head of values.
  var valueWidth: Int
  /// The number of output channels; nil for as many as the queries' input has.
  var outputs: Int?
  /// Whether projections add a bias.
  var hasBias: Bool
  /// Whether a projection of the queries' input gates what the heads give.
  var hasGate: Bool
  /// How far a step may look in both directions, itself included; nil for any distance.
  var reach: Int?

  /// Reads the settings of a layer; nil for a layer of another class.
  ///
  /// - Throws: `KerasTranslator.NotUnderstood` for settings of which no graph can speak.
  init?(_ layer: KerasLayer) throws {
    let attributes = layer.attributes
    switch layer.className {
    case "MultiHeadAttention":
      heads = try attributes.length("num_heads")
      shared = heads
      keyWidth = try attributes.length("key_dim")
      valueWidth = try attributes["value_dim"] == nil ? keyWidth : attributes.length("value_dim")
      if let value = attributes["output_shape"] {
        let lengths = (value.array ?? [value]).compactMap(\.integer)
        guard lengths.count == 1, (1...CheckedShape.longestAxis).contains(lengths[0]) else {
          throw KerasTranslator.NotUnderstood(
            reason: "attention that makes several axes of channels is not understood")
        }
        outputs = lengths[0]
      }
    case "GroupedQueryAttention", "GroupQueryAttention":
      heads = try attributes.length("num_query_heads")
      shared = try attributes.length("num_key_value_heads")
      keyWidth = try attributes.length("head_dim")
      valueWidth = keyWidth
    default: return nil
    }
    hasBias = attributes.flag("use_bias", default: true)
    hasGate = attributes.flag("use_gate", default: false)
    reach = try attributes["sliding_window"] == nil ? nil : attributes.length("sliding_window")
    let widths = [
      CheckedShape.product([heads, keyWidth]), CheckedShape.product([heads, valueWidth]),
    ]
    guard heads % shared == 0, widths.allSatisfy({ $0 ?? .max <= CheckedShape.longestAxis }) else {
      throw Diagnostic(
        .badData, "\(heads) query heads cannot share \(shared) heads of keys and values")
    }
  }
}
