import ModelGraph
import Support

/// The lengths that attention works with: what queries, keys and values of one sequence look like.
struct AttentionSizes {
  /// The number of query heads.
  var heads: Int
  /// The number of key and value heads, of which each serves equally many query heads.
  var sharedHeads: Int
  /// The channels of a query and of a key head.
  var width: Int
  /// The channels of a value head.
  var valueWidth: Int
  /// The steps of the queries.
  var querySteps: Int
  /// The steps of the keys and values.
  var keySteps: Int

  /// The query heads that share a key head.
  var headsPerShared: Int { heads / sharedHeads }
  /// The length of a step of the queries, the keys, the values and the result.
  var queryRow: Int { heads * width }
  var keyRow: Int { sharedHeads * width }
  var valueRow: Int { sharedHeads * valueWidth }
  var resultRow: Int { heads * valueWidth }

  /// Checks shapes `[steps, channels]` against the parameters.
  ///
  /// - Throws: `Diagnostic` of code `badData` where the file does not say the number of heads or the
  ///   channels do not divide into them.
  init(_ attention: Attention, queries: [Int], keys: [Int], values: [Int]) throws {
    guard let heads = attention.heads, let shared = attention.keyValueHeads else {
      throw Diagnostic(
        .badData, "the number of attention heads is not known",
        remedy: "give the model's config.json, or describe the network with \(setting: .graph)")
    }
    guard heads >= 1, shared >= 1, heads % shared == 0 else {
      throw Diagnostic(
        .badData, "\(heads) query heads cannot share \(shared) heads of keys and values")
    }
    guard queries.count == 2, keys.count == 2, values.count == 2, keys[0] == values[0],
      queries[1] % heads == 0, keys[1] % shared == 0, values[1] % shared == 0,
      queries[1] / heads == keys[1] / shared
    else {
      throw Diagnostic(
        .badData,
        "queries \(queries), keys \(keys) and values \(values) do not go with \(heads) heads and "
          + "\(shared) of keys")
    }
    guard queries[0] == keys[0] || (!attention.isCausal && attention.reach == nil) else {
      throw Diagnostic(
        .badData,
        "nothing tells which of \(keys[0]) keys are near to or later than one of \(queries[0]) "
          + "queries")
    }
    guard attention.reach ?? 1 >= 1 else {
      throw Diagnostic(.badData, "a reach of \(attention.reach ?? 0) steps reads nothing")
    }
    self.heads = heads
    sharedHeads = shared
    width = queries[1] / heads
    valueWidth = values[1] / shared
    querySteps = queries[0]
    keySteps = keys[0]
  }

  /// The keys that a query may read.
  func keys(of query: Int, _ attention: Attention) -> Range<Int> {
    let reach = attention.reach ?? Int.max
    let first = reach > query ? 0 : min(query - reach + 1, keySteps)
    let next = attention.isCausal ? query + 1 : reach >= keySteps - query ? keySteps : query + reach
    return first..<max(first, min(next, keySteps))
  }
}
