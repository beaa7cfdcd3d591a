import ModelGraph
import Tensors

/// One group's units in one tensor: what the tensor adds to the group's inner products.
///
/// A feature is an entry of the other axes (and of the unit, where it has several). It has one value
/// a unit, `unitStride` elements apart. The tensors stay as they are; the other axes' permutations
/// only change where B's features begin.
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
  /// The number of units.
  let units: Int
  /// How many elements lie from a unit to the next.
  let unitStride: Int
  /// For every feature, the element of unit 0, in A and in B as it is.
  let features: [Int]
  /// A's elements.
  let a: [Float]
  /// B's elements.
  let b: [Float]
  /// The groups that permute the features.
  let neighbours: Set<Int>

  /// The first element of unit 0 for every entry of its own.
  private let starts: [Int]
  /// The features' axes: length, distance of entries, and what permutes them.
  let axes: [(length: Int, stride: Int, influences: [Influence])]

  /// Whether no permutation moves the features.
  var isConstant: Bool { neighbours.isEmpty }

  /// How many of the features' axes are permuted.
  var permutedAxisCount: Int { axes.count { !$0.influences.isEmpty } }

  /// The terms of one member of a group: one for each width that its runs have.
  static func terms(
    of member: PermutationGroup.Member, group: Int, groups: [PermutationGroup], a: Tensor,
    b: Tensor
  ) -> [MatchingTerm] {
    Set(member.runs.map(\.width)).sorted().map { width in
      MatchingTerm(member, width: width, group: group, groups: groups, a: a, b: b)
    }
  }

  private init(
    _ member: PermutationGroup.Member, width: Int, group: Int, groups: [PermutationGroup],
    a: Tensor, b: Tensor
  ) {
    let shape = a.shape
    tensor = member.tensor
    units = groups[group].size
    let inner = shape[(member.axis + 1)...].reduce(1, *)
    unitStride = width * inner
    starts = member.runs.filter { $0.width == width }.flatMap { run in
      (0..<width).map { (run.start + $0) * inner }
    }
    var strides = shape
    var stride = 1
    for axis in shape.indices.reversed() {
      strides[axis] = stride
      stride *= shape[axis]
    }
    axes = shape.indices.filter { $0 != member.axis }.map { axis in
      let influences = groups.enumerated().flatMap { index, other in
        other.members.filter { $0.tensor == member.tensor && $0.axis == axis }
          .map { Influence(group: index, member: $0) }
      }
      return (shape[axis], strides[axis], influences)
    }
    neighbours = Set(axes.flatMap { $0.influences.map(\.group) })
    isTied = neighbours.contains(group)
    self.a = a.values
    self.b = b.values
    features = Self.combine(starts, axes.map { ($0.stride, Array(0..<$0.length)) })
  }

  /// For every feature of A, where the one begins that the permutations put beside it.
  ///
  /// - Complexity: O(features).
  func sources(_ permutations: [[Int]]) -> [Int] {
    guard !isConstant else { return features }
    return Self.combine(
      starts,
      axes.map { length, stride, influences in
        var gather = AxisGather(shape: [length])
        for influence in influences {
          var member = influence.member
          member.axis = 0
          gather.add(member, permutation: permutations[influence.group])
        }
        return (stride, gather.sources[0] ?? Array(0..<length))
      })
  }

  /// The sums of one entry of each axis, the last axis fastest.
  private static func combine(
    _ starts: [Int], _ axes: [(stride: Int, entries: [Int])]
  ) -> [Int] {
    axes.reduce(starts) { places, axis in
      places.flatMap { place in axis.entries.map { place + $0 * axis.stride } }
    }
  }
}
