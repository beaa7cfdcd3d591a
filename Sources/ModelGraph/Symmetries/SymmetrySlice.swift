/// Where the units of a symmetry lie on one axis of one tensor, and how a change of them acts there.
public struct SymmetrySlice: Sendable, Hashable {
  /// How a tensor follows when its units are permuted, mirrored or rotated.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    /// It takes the units in: the input axis of a kernel.
    case reader
    /// It makes them: the output axis of a kernel, a bias, a table.
    case writer
    /// It is added after a normalisation or a scale.
    case shift
    /// It multiplies each of them: it is permuted, never mirrored, and a rotation needs it folded away.
    case gain
    /// It goes with them where they are permuted, and keeps its sign: the gate of a gated unit.
    case unsigned
    /// The queries of attention.
    case query
    /// The keys of attention.
    case key
    /// The values of attention.
    case value
    /// The kernel that reads the mixed values.
    case output
  }

  /// The tensor's name in the file.
  public var tensor: String
  /// The axis, as it lies in the file.
  public var axis: Int
  /// The first entry of every unit.
  public var starts: [Int]
  /// The number of consecutive entries of each unit.
  public var width: Int
  /// How the tensor follows.
  public var role: Role

  /// Makes a slice.
  public init(tensor: String, axis: Int, starts: [Int], width: Int, role: Role) {
    self.tensor = tensor
    self.axis = axis
    self.starts = starts
    self.width = width
    self.role = role
  }

  /// From one unit to the next; nil where they do not lie evenly.
  public var stride: Int? {
    guard starts.count > 1 else { return width }
    let step = starts[1] - starts[0]
    return zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == step } ? step : nil
  }
}

extension PermutationGroup {
  /// The places of the group's units, one a run.
  ///
  /// - Parameter role: of each axis.
  func slices(role: (Member) -> SymmetrySlice.Role) -> [SymmetrySlice] {
    members.flatMap { member in
      member.runs.map { run in
        SymmetrySlice(
          tensor: member.tensor, axis: member.axis,
          starts: (0..<size).map { run.start + $0 * run.width }, width: run.width,
          role: role(member))
      }
    }
  }
}
