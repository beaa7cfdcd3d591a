import LinearAlgebra
import ModelGraph

/// One element of a symmetry group: how its units change.
enum GroupElement: Sendable, Hashable {
  /// Units change as a map says.
  case units(UnitMap)
  /// Heads change places and are mapped within.
  case heads(HeadElement)

  /// The element that changes nothing.
  static func identity(_ group: SymmetryGroup) -> GroupElement {
    guard let first = group.attentions.first else {
      return .units(.order(Array(0..<group.size), factors: nil))
    }
    return .heads(
      HeadElement(
        groups: Array(0..<group.size),
        queries: Array(0..<(group.size * first.queriesPerGroup)),
        maps: group.attentions.map { attention in
          Array(
            repeating: HeadElement.Maps(
              queryKey: Self.unit(attention.headWidth), value: Self.unit(attention.valueWidth)),
            count: group.size)
        }))
  }

  private static func unit(_ count: Int) -> UnitMap {
    .order(Array(0..<count), factors: nil)
  }

  /// This element after another.
  func after(_ first: GroupElement) -> GroupElement {
    switch (self, first) {
    case (.units(let map), .units(let old)): return .units(map.after(old))
    case (.heads(let element), .heads(let old)): return .heads(element.after(old))
    default: return self
    }
  }

  /// The steps that apply it.
  func steps(_ group: SymmetryGroup) -> [GaugeStep] {
    switch self {
    case .heads(let element): return element.steps(group)
    case .units(let map):
      func places(_ isChosen: (SymmetrySlice.Role) -> Bool) -> [UnitPlaces] {
        group.slices.filter { isChosen($0.role) }.map(UnitPlaces.init)
      }
      let carrying = places { $0 != .gain && $0 != .unsigned }
      guard case .order(let order, _) = map else { return [.map(carrying, map)] }
      return [
        .map(carrying, map),
        .map(places { $0 == .gain || $0 == .unsigned }, .order(order, factors: nil)),
      ]
    }
  }
}

/// Another order of heads, and maps within each.
struct HeadElement: Sendable, Hashable {
  /// The maps of one head of keys and values, and of the query heads that share it.
  struct Maps: Sendable, Hashable {
    /// Of queries and keys: rotations, so that both follow alike.
    var queryKey: UnitMap
    /// Of values and of what reads them.
    var value: UnitMap
  }

  /// The head of keys and values that comes to each place.
  var groups: [Int]
  /// The query head that comes to each place; those of a group stay together.
  var queries: [Int]
  /// For each attention layer the maps of each head of keys and values, at its new place.
  var maps: [[Maps]]

  func after(_ first: HeadElement) -> HeadElement {
    HeadElement(
      groups: groups.map { first.groups[$0] }, queries: queries.map { first.queries[$0] },
      maps: zip(maps, first.maps).map { own, old in
        own.enumerated().map { place, maps in
          let before = old[groups[place]]
          return Maps(
            queryKey: maps.queryKey.after(before.queryKey),
            value: maps.value.after(before.value))
        }
      })
  }

  func steps(_ group: SymmetryGroup) -> [GaugeStep] {
    var steps: [GaugeStep] = []
    let order = UnitMap.order(groups, factors: nil)
    let queryOrder = UnitMap.order(queries, factors: nil)
    for (attention, maps) in zip(group.attentions, maps) {
      let shared = [(attention.key, attention.headWidth), (attention.value, attention.valueWidth)]
      steps.append(
        .map(shared.flatMap { slices, width in slices.map { Self.heads($0, width) } }, order))
      steps.append(
        .map(
          attention.query.map { Self.heads($0, attention.headWidth) }
            + [Self.heads(attention.output, attention.valueWidth)], queryOrder))
      for (place, maps) in maps.enumerated() {
        let queries =
          (place * attention.queriesPerGroup)..<((place + 1) * attention.queriesPerGroup)
        let keys =
          attention.key.map { UnitPlaces($0, head: place, width: attention.headWidth) }
          + attention.query.flatMap { slice in
            queries.map { UnitPlaces(slice, head: $0, width: attention.headWidth) }
          }
        let values =
          attention.value.map { UnitPlaces($0, head: place, width: attention.valueWidth) }
          + queries.map { UnitPlaces(attention.output, head: $0, width: attention.valueWidth) }
        steps.append(.map(keys, maps.queryKey))
        steps.append(.map(values, maps.value))
      }
    }
    // Tables of positions have an entry for every query head.
    let perGroup = queries.count / max(1, groups.count)
    let tables = group.slices.filter { $0.role == .unsigned }.map { slice in
      UnitPlaces(
        tensor: slice.tensor, axis: slice.axis,
        starts: slice.starts.flatMap { start in (0..<perGroup).map { start + $0 } })
    }
    if !tables.isEmpty { steps.append(.map(tables, queryOrder)) }
    return steps
  }

  private static func heads(_ slice: AttentionSymmetry.Slice, _ width: Int) -> UnitPlaces {
    UnitPlaces(tensor: slice.tensor, axis: slice.axis, starts: slice.starts, width: width)
  }
}
