import Foundation
import LinearAlgebra
import Matching
import ModelGraph
import Tensors

/// Two networks as their kinship is judged by: their matrices alone, with the scales of units taken out.
///
/// Vectors are left out. Many are begun as constants or as functions of the unit's number, so that they say
/// nothing of a common origin, or something false. Dividing every unit's part of a matrix by its norm, along
/// each permuted axis in turn, makes the result the same for networks that differ by positive factors of their
/// units (Sinkhorn scaling).
struct KinNetworks {
  /// The first network's matrices.
  let a: Weights
  /// The second's.
  let b: Weights
  /// The groups of units, with the axes of those matrices.
  let groups: [PermutationGroup]

  private static let sweeps = 8

  init(_ pair: LoadedPair) throws {
    let usable = { (name: String) in
      guard let a = pair.weightsA[name], let b = pair.weightsB[name] else { return false }
      return a.shape.count > 1 && a.shape == b.shape && !Self.isConstant(a) && !Self.isConstant(b)
    }
    var groups = try pair.graph.permutationGroups()
    for at in groups.indices {
      groups[at].members.removeAll { $0.isStatistic || !usable($0.tensor) }
    }
    groups.removeAll { $0.members.isEmpty }
    self.groups = groups
    let names = Set(groups.flatMap { $0.members.map(\.tensor) })
    a = Self.scaled(pair.weightsA.filter { names.contains($0.key) }, groups)
    b = Self.scaled(pair.weightsB.filter { names.contains($0.key) }, groups)
  }

  private static func isConstant(_ tensor: Tensor) -> Bool {
    tensor.values.allSatisfy { $0 == tensor.values.first }
  }

  private static func scaled(_ weights: Weights, _ groups: [PermutationGroup]) -> Weights {
    var weights = weights
    for (name, tensor) in weights {
      var values = tensor.values
      let members = groups.flatMap { group in
        group.members.filter { $0.tensor == name }.map {
          UnitSlices($0, units: group.size, shape: tensor.shape)
        }
      }
      // One axis is done once and for all.
      for _ in 0..<(members.count > 1 ? sweeps : 1) {
        for member in members { member.normalise(&values) }
      }
      weights[name] = Tensor(shape: tensor.shape, values: values)
    }
    return weights
  }

  /// The mean, over the matrices, of the cosine of A's and the permuted B's.
  func cosine(_ permutations: [[Int]]) -> Double {
    let permuted = Permuting.apply(permutations, of: groups, to: b)
    let cosines = a.keys.sorted().compactMap { name -> Double? in
      guard let one = a[name], let other = permuted[name] else { return nil }
      return PairMeasures([name: one], [name: other]).cosine
    }
    return cosines.reduce(0, +) / Double(max(1, cosines.count))
  }

  /// About how many operations one sweep of matching takes.
  var matchingCost: Double {
    groups.reduce(0) { sum, group in
      sum
        + group.members.reduce(pow(Double(group.size), 3)) {
          $0 + 2 * Double(group.size) * Double(a[$1.tensor]?.values.count ?? 0)
        }
    }
  }
}
