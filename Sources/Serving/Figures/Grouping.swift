import Reports
import ZooIndex

/// Things in a few groups by a column's values, for colours.
struct Grouping {
  /// As many as there are colours.
  static let limit = 7

  /// The names of the groups.
  let names: [String]
  /// For each thing the place of its group.
  let places: [Int]

  /// One group for all.
  init(single count: Int) {
    names = [""]
    places = Array(repeating: 0, count: count)
  }

  /// A group for each value where they are few. Of many texts the commonest have groups of their own; many
  /// numbers are cut into ranges with as many things each. What has no value is a group, too.
  init(_ values: [IndexValue]) {
    let present = values.filter { $0 != .null }
    let numbers = present.compactMap(\.number).filter(\.isFinite)
    let distinct = Set(present)
    if distinct.count > Grouping.limit - 1, numbers.count == present.count {
      (names, places) = Self.ranges(values, numbers.sorted())
    } else {
      (names, places) = Self.kinds(values, distinct)
    }
  }

  private static let missing = "no value"

  private static func ranges(_ values: [IndexValue], _ sorted: [Double]) -> ([String], [Int]) {
    let count = 5
    // Equal numbers stay together, so there may be fewer.
    var bounds: [Double] = []
    for part in 1..<count {
      let bound = sorted[sorted.count * part / count]
      if bound > bounds.last ?? sorted[0] { bounds.append(bound) }
    }
    let edges = [sorted[0]] + bounds
    var names = edges.indices.map { place in
      let low = NumberFormat.significant(edges[place], digits: 4)
      return place + 1 < edges.count
        ? "\(low) to below \(NumberFormat.significant(edges[place + 1], digits: 4))"
        : "\(low) to \(NumberFormat.significant(sorted[sorted.count - 1], digits: 4))"
    }
    let places = values.map { value in
      value.number.map { number in bounds.firstIndex { number < $0 } ?? bounds.count }
        ?? edges.count
    }
    if places.contains(edges.count) { names.append(missing) }
    return (names, places)
  }

  private static func kinds(
    _ values: [IndexValue], _ distinct: Set<IndexValue>
  ) -> ([String], [Int]) {
    let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +)
    let hasMissing = counts[.null] != nil
    let room = limit - (hasMissing ? 1 : 0)
    let common = distinct.sorted {
      (counts[$1] ?? 0, $0.text) < (counts[$0] ?? 0, $1.text)
    }
    let own = Array(common.prefix(common.count > room ? room - 1 : room))
    // Numbers in their order, texts by how many there are.
    let ordered =
      own.allSatisfy { $0.number != nil }
      ? own.sorted { ($0.number ?? 0) < ($1.number ?? 0) } : own
    var names = ordered.map(DataTable.text)
    let place = Dictionary(
      uniqueKeysWithValues: ordered.enumerated().map { ($0.element, $0.offset) })
    if common.count > own.count { names.append("others") }
    if hasMissing { names.append(missing) }
    let others = ordered.count
    let none = names.count - 1
    return (names, values.map { $0 == .null ? none : place[$0] ?? others })
  }
}
