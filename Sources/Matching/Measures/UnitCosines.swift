public import ModelGraph
public import Tensors

/// How alike the units of two networks are, each with each: the cosine of all weights that belong to them.
public enum UnitCosines {
  /// The cosines of A's units (rows) and B's (columns).
  ///
  /// - Parameters:
  ///   - a: the first network's weights.
  ///   - b: the second's, by the same names and in the same order of axes.
  ///   - group: whose units. Running statistics have no part in it.
  ///   - count: how many units are taken, the first ones.
  /// - Complexity: O(count² · weights of a unit).
  public static func matrix(
    _ a: Weights, _ b: Weights, of group: PermutationGroup, first count: Int
  ) -> [[Double]] {
    let units = min(count, group.size)
    var products = [Double](repeating: 0, count: units * units)
    var norms = [[Double]](repeating: [Double](repeating: 0, count: units), count: 2)
    for member in group.members where !member.isStatistic {
      guard let one = a[member.tensor], let other = b[member.tensor], one.shape == other.shape
      else { continue }
      let rows = (0..<units).map { entries(of: $0, member, one) }
      let columns = (0..<units).map { entries(of: $0, member, other) }
      for i in 0..<units {
        norms[0][i] += dot(rows[i], rows[i])
        norms[1][i] += dot(columns[i], columns[i])
        for j in 0..<units { products[i * units + j] += dot(rows[i], columns[j]) }
      }
    }
    return (0..<units).map { i in
      (0..<units).map { j in
        let norm = (norms[0][i] * norms[1][j]).squareRoot()
        return norm > 0 ? products[i * units + j] / norm : 0
      }
    }
  }

  private static func dot(_ one: [Float], _ other: [Float]) -> Double {
    var sum: Float = 0
    for index in one.indices { sum += one[index] * other[index] }
    return Double(sum)
  }

  /// The elements of a tensor that belong to a unit.
  private static func entries(
    of unit: Int, _ member: PermutationGroup.Member, _ tensor: Tensor
  ) -> [Float] {
    let before = tensor.shape[..<member.axis].reduce(1, *)
    let length = tensor.shape[member.axis]
    let after = tensor.shape[(member.axis + 1)...].reduce(1, *)
    var found: [Float] = []
    for outer in 0..<before {
      for run in member.runs {
        let start = run.start + unit * run.width
        let place = (outer * length + start) * after
        found += tensor.values[place..<(place + run.width * after)]
      }
    }
    return found
  }
}
