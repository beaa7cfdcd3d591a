import ModelGraph
import Support
import Tensors

extension MatchingProblem {
  /// Refuses networks that the groups do not fit, and numbers that cannot be matched on.
  static func validate(_ a: Weights, _ b: Weights, groups: [PermutationGroup]) throws {
    var checked: Set<String> = []
    for group in groups {
      for member in group.members {
        guard let first = a[member.tensor], let second = b[member.tensor] else {
          throw Diagnostic(
            .badData, "the tensor is in one of the two networks only", at: [member.tensor])
        }
        guard first.shape == second.shape else {
          throw Diagnostic(
            .badData, "the two networks have shapes \(first.shape) and \(second.shape)",
            at: [member.tensor], remedy: "match networks of the same architecture")
        }
        try member.validate(shape: first.shape, size: group.size)
        guard !member.isStatistic, checked.insert(member.tensor).inserted else { continue }
        for (name, tensor) in [("A", first), ("B", second)] {
          if let index = tensor.values.firstIndex(where: { !$0.isFinite }) {
            throw Diagnostic(
              .badData, "element \(index) of \(name) is \(tensor.values[index])",
              at: [member.tensor],
              remedy: "training has diverged; match an earlier checkpoint")
          }
        }
      }
    }
  }

  /// Refuses a start that is not one permutation a group.
  static func validate(start: [[Int]], groups: [PermutationGroup]) throws {
    guard start.count == groups.count else {
      throw Diagnostic(
        .usage, "\(start.count) permutations are given for \(groups.count) groups")
    }
    for (permutation, group) in zip(start, groups) {
      guard permutation.count == group.size else {
        throw Diagnostic(
          .usage, "\(permutation.count) units are given for \(group.size)", at: [group.name])
      }
      do { try Permuting.validate(permutation) } catch let error as Diagnostic {
        throw error.inside(group.name)
      }
    }
  }
}
