import Support

/// Two layers that stand in each other's place and have names that say otherwise: the second network has
/// a layer of the first one's name, of its shape, elsewhere.
public struct NameContradiction: Sendable, Hashable {
  /// The first network's layer.
  public var a: String
  /// The second network's layer in its place.
  public var b: String
  /// For the first one's tensors those of the second network's layer of the same name.
  public var namesakes: [String: String]

  /// All of a pair.
  ///
  /// Names count where somebody chose them: not where a counter made them. Of two dictionaries with the
  /// same names and shapes all names count, for their order is what was guessed.
  static func all(
    _ a: ModelGraph, _ b: ModelGraph, _ layers: [(a: Int, b: Int)]
  ) -> [NameContradiction] {
    let named = Dictionary(b.layers.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    let isOneDictionary =
      a.hasGuessedOrder && b.hasGuessedOrder && Self.shapes(a) == Self.shapes(b)
    return layers.compactMap { x, y in
      let (own, other) = (a.layers[x], b.layers[y])
      guard own.name != other.name, !own.parameters.isEmpty, let namesake = named[own.name],
        isOneDictionary || CountedWord.isTelling(own.name)
      else { return nil }
      var tensors: [String: String] = [:]
      for parameter in own.parameters {
        guard let there = namesake.parameter(parameter.role), there.shape == parameter.shape,
          there.axes == parameter.axes
        else { return nil }
        tensors[parameter.tensor] = there.tensor
      }
      return NameContradiction(a: own.name, b: other.name, namesakes: tensors)
    }
  }

  private static func shapes(_ graph: ModelGraph) -> Set<String> {
    Set(
      graph.layers.flatMap { layer in
        layer.parameters.map { "\(layer.name) \($0.role) \($0.shape)" }
      })
  }

  /// The error for networks whose order is a guess.
  var diagnostic: Diagnostic {
    Diagnostic(
      .badData,
      "by the order of the files \(a) of the first network stands where \(b) of the second does, "
        + "and by their names it does not", at: [a],
      remedy: Remedies.describeNetwork)
  }
}
