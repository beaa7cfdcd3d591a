import Foundation
public import ModelGraph
public import WeightFiles

/// Factors of units, as logarithms: one list a group, one entry a unit.
///
/// Any values give a network that computes the same function, so a search over them needs no
/// constraint; 0 changes nothing.
public struct UnitScales: Sendable, Hashable {
  /// The units.
  public let groups: [ScaleGroup]
  /// The natural logarithms of the factors.
  public internal(set) var logarithms: [[Double]]
  /// The least logarithms: a running variance must not become negative.
  private let least: [[Double]]

  /// The largest factor is `exp(limit)`, the least its inverse: farther away Float32 loses what small
  /// channels say.
  static let limit = 3.0

  /// Factors of 1 for the units of a network.
  public init(groups: [ScaleGroup], of weights: Weights) {
    self.groups = groups
    logarithms = groups.map { Array(repeating: 0, count: $0.size) }
    least = groups.map { group in
      var least = Array(repeating: -Self.limit, count: group.size)
      for member in group.members {
        guard case .variance(let epsilon) = member.effect,
          let values = weights[member.place.tensor]?.values
        else { continue }
        for (entry, unit) in member.units(axisLength: values.count, size: group.size).enumerated()
        where unit >= 0 {
          let variance = max(0, Double(values[entry]))
          least[unit] = max(least[unit], epsilon > 0 ? log(epsilon / (variance + epsilon)) / 2 : 0)
        }
      }
      return least
    }
  }

  /// The same factors for a network whose tensors have other names and orders of axes.
  ///
  /// - Parameter partner: the place in that network of a member's entries.
  public func renamed(
    _ partner: (PermutationGroup.Member) -> PermutationGroup.Member
  ) -> UnitScales {
    let groups = groups.map { group in
      var copy = group
      for index in copy.members.indices {
        copy.members[index].place = partner(copy.members[index].place)
      }
      return copy
    }
    return UnitScales(groups: groups, logarithms: logarithms, least: least)
  }

  private init(groups: [ScaleGroup], logarithms: [[Double]], least: [[Double]]) {
    self.groups = groups
    self.logarithms = logarithms
    self.least = least
  }

  /// The factors, all groups one after another.
  public var factors: [Double] { logarithms.joined().map { exp($0) } }

  /// Puts the factors back into their bounds.
  mutating func clamp() {
    for group in groups.indices {
      for unit in logarithms[group].indices {
        logarithms[group][unit] = min(Self.limit, max(least[group][unit], logarithms[group][unit]))
      }
    }
  }

  /// The network with its units scaled, computed in Float64 and rounded once.
  ///
  /// - Complexity: O(elements of the groups' tensors).
  public func applied(to weights: Weights) -> Weights {
    var result = weights
    var scaled: [String: [Double]] = [:]
    for (group, logarithms) in zip(groups, logarithms) {
      let factors = logarithms.map { exp($0) }
      for member in group.members {
        guard let tensor = weights[member.place.tensor] else { continue }
        var values = scaled[member.place.tensor] ?? tensor.values.map(Double.init)
        scaled[member.place.tensor] = nil
        member.forEachEntry(of: tensor, size: group.size) { index, unit in
          switch member.effect {
          case .multiplied: values[index] *= factors[unit]
          case .divided: values[index] /= factors[unit]
          case .variance(let epsilon):
            let factor = factors[unit]
            values[index] = max(0, factor * factor * (values[index] + epsilon) - epsilon)
          }
        }
        scaled[member.place.tensor] = values
      }
    }
    for (name, values) in scaled { result[name]?.values = values.map { Float($0) } }
    return result
  }

  /// The gradient by the logarithms, from the gradient by the scaled network's weights.
  ///
  /// - Parameters:
  ///   - gradient: by the weights.
  ///   - scaled: the scaled network.
  /// - Complexity: O(elements of the groups' tensors).
  func gradient(_ gradient: Weights, at scaled: Weights) -> [[Double]] {
    groups.map { group in
      var sums = Array(repeating: 0.0, count: group.size)
      for member in group.members {
        guard let slope = gradient[member.place.tensor]?.values,
          let tensor = scaled[member.place.tensor]
        else { continue }
        let sign = member.effect == .divided ? -1.0 : 1
        if case .variance = member.effect { continue }
        let values = tensor.values
        member.forEachEntry(of: tensor, size: group.size) { index, unit in
          sums[unit] += sign * Double(slope[index]) * Double(values[index])
        }
      }
      return sums
    }
  }
}

extension ScaleGroup.Member {
  /// Every element of a tensor that belongs to a unit.
  @inline(__always)
  fileprivate func forEachEntry(of tensor: Tensor, size: Int, _ body: (Int, Int) -> Void) {
    guard tensor.shape.indices.contains(place.axis) else { return }
    let length = tensor.shape[place.axis]
    let outer = tensor.shape[..<place.axis].reduce(1, *)
    let inner = tensor.shape[(place.axis + 1)...].reduce(1, *)
    let units = units(axisLength: length, size: size)
    var index = 0
    for _ in 0..<outer {
      for entry in 0..<length {
        let unit = units[entry]
        if unit >= 0 { for offset in 0..<inner { body(index + offset, unit) } }
        index += inner
      }
    }
  }
}
