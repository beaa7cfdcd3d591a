import LinearAlgebra
import ModelGraph
import Tensors

/// Experts of a mixture that change places: whole tensors go where others were.
struct ExpertExchange: Sendable, Hashable {
  /// The tensors of each expert, in one order.
  var tensors: [[String]]
  /// The expert that comes to each place.
  var order: [Int]

  /// The exchange that undoes this one.
  var inverse: ExpertExchange {
    ExpertExchange(tensors: tensors, order: Permuting.inverse(order))
  }

  /// The tensor whose content comes to a tensor's place; nil where it is none of an expert.
  func source(of name: String) -> String? {
    for (expert, names) in tensors.enumerated() {
      if let place = names.firstIndex(of: name) { return tensors[order[expert]][place] }
    }
    return nil
  }
}

/// The best order of experts: an assignment over what each pair gains with the best orders of their hidden
/// units, and with what the router has of them.
struct ExpertMatching {
  let experts: ExpertSymmetry
  /// For each expert the places of its groups of hidden units among all groups; alike for all.
  let units: [[Int]]
  let groups: [SymmetryGroup]

  /// Nil where an expert's hidden units are no groups of their own.
  init?(_ experts: ExpertSymmetry, groups: [SymmetryGroup]) {
    self.experts = experts
    self.groups = groups
    var units: [[Int]] = []
    var shapes: Set<[[Int]]> = []
    for names in experts.tensors {
      let places = Dictionary(
        names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
      let own = groups.indices.filter { index in
        groups[index].attentions.isEmpty
          && groups[index].slices.allSatisfy { places[$0.tensor] != nil }
      }
      let signed = own.map { index in
        (
          index,
          groups[index].slices.map { [places[$0.tensor] ?? 0, $0.axis, $0.starts.first ?? 0] }
            .flatMap { $0 }
        )
      }.sorted { $0.1.lexicographicallyPrecedes($1.1) }
      units.append(signed.map(\.0))
      shapes.insert(signed.map(\.1))
    }
    guard shapes.count == 1 else { return nil }
    self.units = units
  }
}

extension ExpertMatching {
  /// What putting an expert of B in the place of one of A gains, with the best maps of their hidden units.
  ///
  /// - Complexity: an assignment for each set of hidden units.
  func fit(
    _ place: Int, _ expert: Int, _ a: Weights, _ b: Weights
  ) throws -> (gain: Double, maps: [UnitMap]) {
    let partners = Dictionary(
      uniqueKeysWithValues: zip(experts.tensors[place], experts.tensors[expert]))
    var gain = 0.0
    var maps: [UnitMap] = []
    var counted: Set<String> = []
    for index in units[place] {
      let group = groups[index]
      var carrying = Matrix<Float>(zeros: group.size, group.size)
      var plain = carrying
      for slice in group.slices {
        guard let first = a[slice.tensor], let second = partners[slice.tensor].flatMap({ b[$0] })
        else { continue }
        counted.insert(slice.tensor)
        if slice.role == .unsigned {
          UnitProducts.add(UnitPlaces(slice), first, second, to: &plain)
        } else {
          UnitProducts.add(UnitPlaces(slice), first, second, to: &carrying)
        }
      }
      let map = try UnitAssignment.best(
        carrying: carrying, plain: plain, hasSigns: group.kind == .signed)
      maps.append(map)
      guard case .order(let order, let factors) = map else { continue }
      for (row, column) in order.enumerated() {
        gain += Double(plain[row, column])
        gain += (factors?[row] ?? 1) * Double(carrying[row, column])
      }
    }
    // What no hidden unit has, for one the bias of the last layer.
    for (name, other) in partners where !counted.contains(name) {
      guard let first = a[name], let second = b[other] else { continue }
      gain += dotProduct(first.values, second.values)
    }
    return (gain, maps)
  }
}
