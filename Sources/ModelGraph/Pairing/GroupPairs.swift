import Support

/// The groups of axes of two networks that move together in both.
struct GroupPairs {
  /// The first network's, with the axes that both have.
  private(set) var a: [PermutationGroup] = []
  /// The second's, in the same order.
  private(set) var b: [PermutationGroup] = []
  /// The names of the first network's groups that are no group of the second: their units stay.
  private(set) var unpaired: [String] = []

  /// - Parameter isWhole: whether the networks are of one architecture, so that a group of the first is
  ///   one of the second.
  /// - Throws: `Diagnostic`, where the axes divide into absurdly many pieces.
  init(_ a: ModelGraph, _ b: ModelGraph, _ tensors: TensorPairs, isWhole: Bool) throws {
    let groups = try a.permutationGroups()
    if isWhole {
      self.a = groups
      self.b = try groups.map { group in
        var other = group
        other.members = try group.members.map { member in
          guard let partner = tensors.partner(of: member) else {
            throw Diagnostic(.failed, "a tensor has no partner", at: [member.tensor])
          }
          return partner
        }
        return other
      }
      return
    }
    let paired = Set(tensors.names.values)
    var owners: [PermutationGroup.Member: PermutationGroup] = [:]
    for group in try b.permutationGroups() {
      for member in group.members { owners[member] = group }
    }
    for group in groups {
      let shared = group.members.filter { tensors.names[$0.tensor] != nil }
      guard !shared.isEmpty else { continue }
      let partners = shared.compactMap { tensors.partner(of: $0) }
      guard partners.count == shared.count, let other = partners.first.flatMap({ owners[$0] }),
        other.size == group.size,
        Set(other.members.filter { paired.contains($0.tensor) }) == Set(partners)
      else {
        unpaired.append(group.name)
        continue
      }
      self.a.append(PermutationGroup(name: group.name, size: group.size, members: shared))
      // The head's axes follow: its inputs move with the body's outputs.
      let own = other.members.filter { !paired.contains($0.tensor) }
      self.b.append(
        PermutationGroup(name: group.name, size: group.size, members: partners + own))
    }
  }
}

extension TensorPairs {
  /// The same place in the second network's names and axes.
  fileprivate func partner(
    of member: PermutationGroup.Member
  ) -> PermutationGroup.Member? {
    guard let name = names[member.tensor], let order = axes[member.tensor] else { return nil }
    var partner = member
    partner.tensor = name
    partner.axis = order[member.axis]
    return partner
  }
}
