import Foundation
public import ModelGraph
import Support
public import Tensors

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
          guard epsilon > 0 else { continue }
          least[unit] = max(least[unit], log(epsilon / (variance + epsilon)) / 2)
        }
      }
      return least
    }
  }

  /// Given factors for the units of a network.
  ///
  /// - Parameters:
  ///   - factors: a list a group, an entry a unit.
  ///   - weights: the network that is scaled.
  /// - Throws: `Diagnostic(.badData)` where the factors are not one a unit, are beyond what Float32
  ///   can hold without loss, or would make a running variance negative.
  public init(groups: [ScaleGroup], factors: [[Double]], of weights: Weights) throws {
    self.init(groups: groups, of: weights)
    guard factors.count == groups.count else {
      throw Diagnostic(.badData, "factors of \(factors.count) groups for \(groups.count)")
    }
    logarithms = factors.map { $0.map { log($0) } }
    for (index, group) in groups.enumerated() {
      guard logarithms[index].count == group.size else {
        throw Diagnostic(
          .badData, "\(logarithms[index].count) factors for \(group.size) units", at: [group.name])
      }
      // A bound that was met may be missed by what Float32 rounds off of a variance.
      let isBelow = zip(logarithms[index], least[index]).contains { $0 < $1 - 1e-5 }
      guard !isBelow, logarithms[index].allSatisfy({ abs($0) <= Self.limit + 1e-5 }) else {
        throw Diagnostic(
          .badData, "a unit's factor is too large or too small for this network",
          at: [group.name], remedy: "scales fit the file that they were found for")
      }
    }
    clamp()
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

  /// The factors, a list a group.
  public var factors: [[Double]] { logarithms.map { $0.map { exp($0) } } }

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
