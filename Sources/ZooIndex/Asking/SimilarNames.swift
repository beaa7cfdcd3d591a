/// Finds the names that someone may have meant.
public enum SimilarNames {
  /// Up to five names that are near one, the nearest first: by typing errors, or because one holds the
  /// other.
  ///
  /// - Complexity: O(names · length²).
  public static func of(_ name: String, among candidates: [String]) -> [String] {
    let wanted = Array(name.lowercased().utf8)
    guard !wanted.isEmpty, wanted.count <= 100 else { return [] }
    let ranked = candidates.compactMap { candidate -> (distance: Int, name: String)? in
      let other = Array(candidate.lowercased().utf8)
      let distance = edits(wanted, other)
      if distance <= max(1, wanted.count / 3) { return (distance, candidate) }
      let isPart = contains(other, wanted) || other.count > 2 && contains(wanted, other)
      return isPart ? (distance + wanted.count, candidate) : nil
    }
    return ranked.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(5).map(\.name)
  }

  private static func contains(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
    guard part.count <= whole.count else { return false }
    return (0...(whole.count - part.count)).contains { whole[$0...].starts(with: part) }
  }

  /// How many letters have to be changed, added or left out, or exchanged with the next.
  private static func edits(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var before: [Int] = []
    var last = Array(0...second.count)
    for row in first.indices {
      var current = [row + 1]
      for column in second.indices {
        var best = min(
          last[column + 1] + 1, current[column] + 1,
          last[column] + (first[row] == second[column] ? 0 : 1))
        if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
          best = min(best, before[column - 1] + 1)
        }
        current.append(best)
      }
      (before, last) = (last, current)
    }
    return last[second.count]
  }
}
