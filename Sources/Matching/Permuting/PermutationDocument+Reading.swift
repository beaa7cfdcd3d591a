public import ModelGraph
import Support

extension PermutationDocument {
  /// Reads a document that anyone may have written.
  ///
  /// - Throws: `Diagnostic(.badData)` where it is no permutation file, is of a newer version, or a
  ///   permutation does not name every unit once.
  /// - Complexity: O(bytes).
  public init(parsing bytes: [UInt8]) throws {
    let document = try JSONValue(parsing: bytes)
    guard document["format"]?.string == Self.formatName else {
      throw Diagnostic(
        .badData, "this is no permutation file",
        remedy: "give a file that \(action: .match, with: .savePermutation) wrote")
    }
    guard let version = document["version"]?.integer, version >= 1 else {
      throw Diagnostic(.badData, "the permutation file does not say its version")
    }
    guard version <= Self.currentVersion else {
      throw Diagnostic(
        .badData,
        "the permutation file is of version \(version); this program reads up to "
          + "\(Self.currentVersion)", remedy: "use a newer program")
    }
    guard let fingerprint = document["fingerprint"]?.string,
      let list = document["groups"]?.array
    else { throw Diagnostic(.badData, "the permutation file has no fingerprint or no groups") }
    self.version = version
    self.fingerprint = fingerprint
    method = document["method"]?.string ?? ""
    seed = document["seed"]?.integer.flatMap { UInt64(exactly: $0) } ?? 0
    objective = Objective(
      before: document["objective"]?["before"]?.number,
      after: document["objective"]?["after"]?.number)
    groups = try list.map { try Self.group($0) }
    scales = try version < 2 ? nil : document["scales"]?.array?.map { try Self.scale($0) }
    if version >= 3 {
      guard let steps = document["transform"] else {
        throw Diagnostic(.badData, "the permutation file does not say how weights change")
      }
      transform = try GaugeTransform(steps)
    } else {
      transform = nil
    }
    // Observers of properties do not hear of an initialiser.
    self.version = version
  }

  private static func group(_ value: JSONValue) throws -> Group {
    guard let name = value["group"]?.string, let list = value["permutation"]?.array else {
      throw Diagnostic(.badData, "a group has no name or no permutation")
    }
    do {
      let permutation = list.compactMap(\.integer)
      guard permutation.count == list.count, value["size"]?.integer == list.count else {
        throw Diagnostic(
          .badData, "the permutation is not a list of as many units as the group has")
      }
      try Permuting.validate(permutation)
      return Group(
        group: name, size: list.count, permutation: permutation, axes: axes(value))
    } catch let error as Diagnostic {
      throw error.inside(name)
    }
  }

  static func axes(_ value: JSONValue) -> [Axis] {
    (value["axes"]?.array ?? []).compactMap { axis in
      guard let tensor = axis["tensor"]?.string, let index = axis["axis"]?.integer else {
        return nil
      }
      return Axis(tensor: tensor, axis: index)
    }
  }

  /// The permutations in the order of a network's groups.
  ///
  /// A group is found by its tensors; in a network of other names by the group's name; and where
  /// that is another too, by its place. The fingerprints have to agree in any case.
  ///
  /// - Parameters:
  ///   - groups: the groups, in the names of the file to permute.
  ///   - fingerprint: of the network.
  /// - Throws: `Diagnostic(.badData)` where the document is of another architecture.
  public func permutations(
    for groups: [PermutationGroup], fingerprint: String
  ) throws -> [[Int]] {
    let otherArchitecture = Diagnostic(
      .badData,
      "the permutation was made for another architecture (fingerprint "
        + "\(self.fingerprint), and the network has \(fingerprint))",
      remedy: "match networks of this architecture")
    guard self.fingerprint == fingerprint, self.groups.count == groups.count else {
      throw otherArchitecture
    }
    let places = Self.places(
      of: groups.map { group in
        (group.name, group.members.map { Axis(tensor: $0.tensor, axis: $0.axis) })
      }, among: self.groups.map { ($0.group, $0.axes) })
    return try groups.enumerated().map { index, group in
      let found = self.groups[places?[index] ?? index]
      guard found.size == group.size else { throw otherArchitecture }
      return found.permutation
    }
  }
}
