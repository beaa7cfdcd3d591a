import LinearAlgebra
import ModelGraph
import Support
import Tensors

/// A tensor of the objective of several networks: its shape, and what permutes which of its axes.
struct UniverseTensor: Sendable {
  /// A permuted axis. Several groups may share it, on separate entries.
  struct Axis: Sendable {
    let axis: Int
    let members: [(group: Int, member: PermutationGroup.Member)]
  }

  /// The tensor's name.
  let name: String
  /// Its shape, slowest axis first.
  let shape: [Int]
  /// One or two permuted axes.
  let axes: [Axis]

  /// The tensors that the groups permute, running statistics left out, by name.
  ///
  /// - Throws: `Diagnostic(.usage)` where a tensor has three permuted axes.
  static func all(of groups: [PermutationGroup], in weights: Weights) throws -> [UniverseTensor] {
    var members: [String: [(group: Int, member: PermutationGroup.Member)]] = [:]
    for (index, group) in groups.enumerated() {
      for member in group.members where !member.isStatistic {
        members[member.tensor, default: []].append((index, member))
      }
    }
    return try members.keys.sorted().compactMap { name in
      guard let own = members[name], let shape = weights[name]?.shape else { return nil }
      let axes = Set(own.map(\.member.axis)).sorted()
      guard axes.count <= 2 else {
        throw Diagnostic(
          .usage, "universe matching takes tensors with at most two permuted axes", at: [name],
          remedy: "use \(setting: .reference) mean")
      }
      return UniverseTensor(
        name: name, shape: shape,
        axes: axes.map { axis in Axis(axis: axis, members: own.filter { $0.member.axis == axis }) })
    }
  }

  /// The elements with one axis in the order of permutations.
  ///
  /// - Complexity: O(elements).
  func gathered(_ values: [Float], along place: Int, _ permutations: [[Int]]) -> [Float] {
    var gather = AxisGather(shape: shape)
    for (group, member) in axes[place].members {
      gather.add(member, permutation: permutations[group])
    }
    return gather.applied(to: Tensor(shape: shape, values: values)).values
  }

  /// The elements with every unit of one axis replaced by the mean of all.
  ///
  /// - Complexity: O(elements).
  func averaged(_ values: [Float], along place: Int, _ groups: [PermutationGroup]) -> [Float] {
    var result = values
    let axis = axes[place].axis
    for (group, member) in axes[place].members {
      member.averageUnits(
        of: &result, axisLength: shape[axis], stride: shape[(axis + 1)...].reduce(1, *),
        count: groups[group].size)
    }
    return result
  }

  /// Subtracts from each group's costs the inner products of the target's units with others, along
  /// one axis.
  ///
  /// - Complexity: 2·units·elements operations.
  func subtractProducts(
    _ target: [Float], _ units: [Float], along place: Int, _ groups: [PermutationGroup],
    from costs: inout [[Float]]
  ) {
    let axis = axes[place].axis
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    let length = shape[axis]
    target.withUnsafeBufferPointer { target in
      units.withUnsafeBufferPointer { units in
        guard let a = target.baseAddress, let b = units.baseAddress else { return }
        for (group, member) in axes[place].members {
          let count = groups[group].size
          costs[group].withUnsafeMutableBufferPointer { costs in
            guard let base = costs.baseAddress else { return }
            let result = MutableMatrixView(base: base, rows: count, columns: count)
            for run in member.runs {
              let stretch = run.width * inner
              if stretch == 1 {
                // The last axis: all rows of the tensor at once.
                BLAS.multiply(
                  MatrixView(
                    base: a + run.start, rows: outer, columns: count, rowStride: length),
                  transposingLeft: true,
                  MatrixView(
                    base: b + run.start, rows: outer, columns: count, rowStride: length),
                  into: result, scale: -1, keeping: 1)
                continue
              }
              for index in 0..<outer {
                let start = (index * length + run.start) * inner
                BLAS.multiply(
                  MatrixView(base: a + start, rows: count, columns: stretch),
                  MatrixView(base: b + start, rows: count, columns: stretch),
                  transposingRight: true, into: result, scale: -1, keeping: 1)
              }
            }
          }
        }
      }
    }
  }
}
