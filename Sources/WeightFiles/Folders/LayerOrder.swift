import Catalogs

/// The order of the tensors of a model that is spread over several files.
enum LayerOrder {
  /// Deeper names are compared as a whole: a name is a file's, and may have any number of points.
  private static let depth = 16

  private struct Name {
    var parts: [Substring]
    var tensor: TensorEntry
  }

  /// The tensors layer by layer: those whose names begin alike come together where the first of them is,
  /// and numbered layers in the order of their numbers. Otherwise the order stays.
  ///
  /// A layer may be split between files, and within a file its tensors may be sorted as texts
  /// (`layers.10` before `layers.2`).
  ///
  /// - Complexity: O(names' parts · log layers).
  static func sorted(_ tensors: [TensorEntry]) -> [TensorEntry] {
    let names = tensors.map { tensor in
      Name(
        parts: tensor.name.split(
          separator: ".", maxSplits: depth - 1, omittingEmptySubsequences: false),
        tensor: tensor)
    }
    return sorted(names, at: 0).map(\.tensor)
  }

  private static func sorted(_ names: [Name], at place: Int) -> [Name] {
    guard names.count > 1, place < depth else { return names }
    var groups: [[Name]] = []
    var places: [Substring?: Int] = [:]
    for name in names {
      let part = name.parts.count > place ? name.parts[place] : nil
      if let known = places[part] {
        groups[known].append(name)
      } else {
        places[part] = groups.count
        groups.append([name])
      }
    }
    // Numbers take the places of numbers.
    let numbers = groups.indices.compactMap { index in
      number(groups[index][0], at: place).map { (index: index, number: $0) }
    }
    if let first = numbers.first?.index {
      let inOrder = numbers.sorted { ($0.number, $0.index) < ($1.number, $1.index) }
      let isNumber = Set(numbers.map(\.index))
      groups =
        groups[..<first] + inOrder.map { groups[$0.index] }
        + groups.indices.filter { $0 > first && !isNumber.contains($0) }.map { groups[$0] }
    }
    return groups.flatMap { sorted($0, at: place + 1) }
  }

  /// The number that a part of a name is; nil where it is none.
  private static func number(_ name: Name, at place: Int) -> Int? {
    guard name.parts.count > place, name.parts[place].allSatisfy({ $0.isASCII && $0.isNumber })
    else { return nil }
    return Int(name.parts[place])
  }
}
