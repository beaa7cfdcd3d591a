import ModelGraph
import WeightFiles

/// One group's units in one tensor, as two matrices with a column a unit: what the tensor adds to the
/// group's inner products.
///
/// A row is a feature: an entry of the other axes (and of the unit, where it has several). The other
/// axes' permutations then move rows, and moving a row is one copy of consecutive numbers.
struct MatchingTerm: Sendable {
  /// A permuted axis among the features' axes.
  struct Influence: Sendable {
    let group: Int
    let member: PermutationGroup.Member
  }

  /// The tensor's name.
  let tensor: String
  /// Whether the group has another axis of the tensor: the products are then linearised around the
  /// current permutation.
  let isTied: Bool
  /// The number of rows.
  let featureCount: Int
  /// A's matrix, features × units.
  let a: [Float]
  /// B's matrix, features × units, in B's own order.
  let b: [Float]
  /// The groups that permute the rows.
  let neighbours: Set<Int>
  /// ‖A‖·‖B‖ of the matrices: the size of the numbers that the products are made of.
  let scale: Double

  /// How many entries of its own axis each unit has.
  let blockCount: Int
  /// The features' axes: length, and what permutes it.
  let axes: [(length: Int, influences: [Influence])]

  /// Whether no permutation moves the rows.
  var isConstant: Bool { neighbours.isEmpty }

  /// Lays out one member of a group.
  ///
  /// - Complexity: O(elements).
  init(
    member: PermutationGroup.Member, group: Int, groups: [PermutationGroup], a: Tensor, b: Tensor
  ) {
    let shape = a.shape
    tensor = member.tensor
    let units = groups[group].size
    blockCount = member.runs.reduce(0) { $0 + $1.width }
    axes = shape.indices.filter { $0 != member.axis }.map { axis in
      let influences = groups.enumerated().flatMap { index, other in
        other.members.filter { $0.tensor == member.tensor && $0.axis == axis }
          .map { Influence(group: index, member: $0) }
      }
      return (shape[axis], influences)
    }
    neighbours = Set(axes.flatMap { $0.influences.map(\.group) })
    isTied = neighbours.contains(group)
    featureCount = blockCount * axes.reduce(1) { $0 * $1.length }
    self.a = Self.featureMatrix(a, member, units: units, rows: featureCount)
    self.b = Self.featureMatrix(b, member, units: units, rows: featureCount)
    scale = (squareSum(self.a) * squareSum(self.b)).squareRoot()
  }

  /// For every feature, B's row that the current permutations put there.
  ///
  /// - Complexity: O(features).
  func rowSources(_ permutations: [[Int]]) -> [Int32] {
    var sources: [Int32] = [0]
    for (length, influences) in axes {
      var axis = AxisGather(shape: [length])
      for influence in influences {
        var member = influence.member
        member.axis = 0
        axis.add(member, permutation: permutations[influence.group])
      }
      let entries = (axis.sources[0] ?? Array(0..<length)).map { Int32($0) }
      sources = sources.flatMap { outer in entries.map { outer * Int32(length) + $0 } }
    }
    guard blockCount > 1 else { return sources }
    let rest = Int32(sources.count)
    return (0..<Int32(blockCount)).flatMap { block in sources.map { block * rest + $0 } }
  }

  /// The entries of a member's units, with a row a feature and a column a unit.
  private static func featureMatrix(
    _ tensor: Tensor, _ member: PermutationGroup.Member, units: Int, rows: Int
  ) -> [Float] {
    let shape = tensor.shape
    let inner = shape[(member.axis + 1)...].reduce(1, *)
    let outer = shape[..<member.axis].reduce(1, *)
    let length = shape[member.axis]
    if inner == 1, length == units, member.runs.count == 1, member.runs[0].width == 1 {
      return tensor.values
    }
    return [Float](unsafeUninitializedCapacity: rows * units) { target, initialized in
      tensor.values.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, var to = target.baseAddress else { return }
        for run in member.runs {
          for offset in 0..<run.width {
            for index in 0..<outer {
              transpose(
                from + (index * length + run.start + offset) * inner, stride: run.width * inner,
                rows: units, columns: inner, to: to)
              to += inner * units
            }
          }
        }
      }
      initialized = rows * units
    }
  }

  /// Transposes a block of rows `stride` apart, in tiles that stay in the first-level cache.
  private static func transpose(
    _ source: UnsafePointer<Float>, stride rowStride: Int, rows: Int, columns: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    let tile = 16
    for top in stride(from: 0, to: rows, by: tile) {
      let bottom = min(top + tile, rows)
      for left in stride(from: 0, to: columns, by: tile) {
        for column in left..<min(left + tile, columns) {
          var row = top
          while row < bottom {
            target[column &* rows &+ row] = source[row &* rowStride &+ column]
            row &+= 1
          }
        }
      }
    }
  }
}
