/// Where the layers of a model stand in the names of its tensors: `model.layers.7.mlp.up_proj.weight`.
struct LayerRow: Sendable, Hashable {
  /// What comes before the number, with the dot.
  var prefix: String
  /// How many layers there are.
  var count: Int

  /// Finds the one row of numbered layers.
  ///
  /// - Parameters:
  ///   - names: of all tensors.
  ///   - configured: how many layers the configuration tells; nil where it does not.
  /// - Returns: nil where there is none, or more than one that it could be.
  init?(_ names: [String], configured: Int?) {
    var found: [String: Set<Int>] = [:]
    for name in names {
      guard let (prefix, index, _) = LayerRow.parts(name) else { continue }
      found[prefix, default: []].insert(index)
    }
    let rows = found.filter { $0.value == Set(0..<$0.value.count) }
      .filter { configured == nil || configured == $0.value.count }
    guard rows.count == 1, let row = rows.first else { return nil }
    (prefix, count) = (row.key, row.value.count)
  }

  /// The layer of a tensor, and what comes behind its number; nil where the tensor is of no layer.
  func layer(of name: String) -> (index: Int, rest: String)? {
    guard let (prefix, index, rest) = LayerRow.parts(name), prefix == self.prefix else {
      return nil
    }
    return (index, rest)
  }

  /// The name of a layer's tensor.
  func name(_ index: Int, _ rest: String) -> String { "\(prefix)\(index)\(rest)" }

  /// A name around its first number.
  private static func parts(_ name: String) -> (prefix: String, index: Int, rest: String)? {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let place = words.dropFirst().firstIndex(where: { Int($0) != nil }),
      let index = Int(words[place]), "\(index)" == words[place]
    else { return nil }
    let rest = words[(place + 1)...].map { "." + $0 }.joined()
    return (words[..<place].map { $0 + "." }.joined(), index, rest)
  }
}
