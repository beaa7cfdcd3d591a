import Foundation
public import ModelGraph
import Support

/// A match, written down: which unit of B goes where, for which architecture, and how it was found.
///
/// The format is JSON, versioned, and made to be read by other tools:
///
///     {"format": "wsl-permutation", "version": 1, "fingerprint": "…", "method": "weights", "seed": 0,
///      "objective": {"before": 2083.5, "after": 1366.1},
///      "groups": [{"group": "fc1", "size": 3, "permutation": [2, 0, 1],
///                  "axes": [{"tensor": "fc1/weight", "axis": 0}]}]}
///
/// `permutation[i] = j` puts unit j of B in place i. The tensors are named as in B's file. Version 2
/// is written where units were scaled, too, once they were in place:
///
///      "scales": [{"group": "fc1", "factors": [1.5, 0.8, 1.1], "axes": […]}]
///
/// Version 3 is written where signs or rotations were matched, too. It has the steps of the whole change,
/// each of which can be undone (`GaugeTransform`), and permutations that move nothing:
///
///      "transform": [{"step": "map", "places": [{"tensor": "wte.weight", "axis": 1, "starts": [0, 1, …],
///                     "width": 1}], "size": 768, "matrix": "…", "isRotation": true}, …]
public struct PermutationDocument: Sendable, Hashable, Encodable {
  /// One group's permutation.
  public struct Group: Sendable, Hashable, Encodable {
    /// The group's name.
    public var group: String
    /// The number of units.
    public var size: Int
    /// The unit in each place.
    public var permutation: [Int]
    /// The tensors and axes that move.
    public var axes: [Axis]
  }

  /// One axis of one tensor of the permuted file.
  public struct Axis: Sendable, Hashable, Encodable {
    /// The tensor's name.
    public var tensor: String
    /// The axis, in the file's order.
    public var axis: Int

    /// Names an axis.
    public init(tensor: String, axis: Int) {
      self.tensor = tensor
      self.axis = axis
    }
  }

  /// The squared distance that matching makes small.
  public struct Objective: Sendable, Hashable, Encodable {
    /// For B as it was; nil where it was not finite or not written.
    public var before: Double?
    /// For the permuted B.
    public var after: Double?
  }

  /// What `format` says.
  public static let formatName = "wsl-permutation"
  /// The newest version that this code writes and reads.
  public static let currentVersion = 3

  /// Says what the file is.
  public var format = formatName
  /// The version of the format: the least that has room for what the document holds.
  public var version = 1
  /// The fingerprint of the architecture (`ModelGraph.fingerprint`).
  public var fingerprint: String
  /// How it was found.
  public var method: String
  /// The seed of the search.
  public var seed: UInt64
  /// What the search gained.
  public var objective: Objective
  /// The groups.
  public var groups: [Group]
  /// The factors of the permuted units; nil where they were not scaled.
  public var scales: [Scale]? {
    didSet { version = scales == nil ? 1 : 2 }
  }
  /// The change of weights where more than orders of units was matched, in the names of the file that is
  /// changed; the groups then move nothing.
  public var transform: GaugeTransform? {
    didSet { version = transform == nil ? 1 : 3 }
  }

  /// Writes a match down.
  ///
  /// - Parameters:
  ///   - permutations: one a group.
  ///   - groups: the groups, in the names and axes of the file that is permuted.
  public init(
    _ permutations: [[Int]], of groups: [PermutationGroup], fingerprint: String, method: String,
    seed: UInt64, objective: (before: Double, after: Double)
  ) {
    precondition(permutations.count == groups.count, "one permutation a group")
    self.fingerprint = fingerprint
    self.method = method
    self.seed = seed
    self.objective = Objective(
      before: objective.before.isFinite ? objective.before : nil,
      after: objective.after.isFinite ? objective.after : nil)
    self.groups = zip(groups, permutations).map { group, permutation in
      Group(
        group: group.name, size: group.size, permutation: permutation,
        axes: group.members.map { Axis(tensor: $0.tensor, axis: $0.axis) })
    }
  }

  /// The document as JSON: keys sorted, so that equal matches are equal bytes.
  public func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }
}
