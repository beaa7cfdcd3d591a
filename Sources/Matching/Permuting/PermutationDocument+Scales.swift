import Support

extension PermutationDocument {
  /// The factors of one set of units that follow each other, in the order after permuting.
  public struct Scale: Sendable, Hashable, Encodable {
    /// The name of the layer whose output is scaled.
    public var group: String
    /// A positive factor a unit.
    public var factors: [Double]
    /// The tensors and axes that follow.
    public var axes: [Axis]

    /// Makes a set of units.
    public init(group: String, factors: [Double], axes: [Axis]) {
      self.group = group
      self.factors = factors
      self.axes = axes
    }
  }

  static func scale(_ value: JSONValue) throws -> Scale {
    guard let name = value["group"]?.string, let list = value["factors"]?.array else {
      throw Diagnostic(.badData, "a set of scales has no name or no factors")
    }
    let factors = list.compactMap(\.number)
    guard factors.count == list.count, factors.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw Diagnostic(.badData, "a unit's factor is not a positive number", at: [name])
    }
    return Scale(group: name, factors: factors, axes: axes(value))
  }

  /// The factors in the order of a network's sets of scalable units; nil where the document has none.
  ///
  /// - Parameter sets: the name and the axes of every set, in the names of the file to scale.
  /// - Throws: `Diagnostic(.badData)` where the document has other sets.
  public func factors(for sets: [(name: String, axes: [Axis])]) throws -> [[Double]]? {
    guard let scales else { return nil }
    guard scales.count == sets.count else {
      throw Diagnostic(
        .badData,
        "the permutation file scales \(scales.count) sets of units, and the network has \(sets.count)",
        remedy: "match networks of this architecture")
    }
    let places = Self.places(of: sets, among: scales.map { ($0.group, $0.axes) })
    return sets.indices.map { scales[places?[$0] ?? $0].factors }
  }

  /// For each of some sets of units the one of others that has its tensors, or where these have
  /// other names its name; nil where neither tells all apart.
  static func places(
    of sets: [(name: String, axes: [Axis])], among others: [(name: String, axes: [Axis])]
  ) -> [Int]? {
    var placeOfAxis: [Axis: Int] = [:]
    for (index, other) in others.enumerated() {
      for axis in other.axes { placeOfAxis[axis] = index }
    }
    let names = Dictionary(
      others.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    let byTensor = sets.map { set in set.axes.lazy.compactMap { placeOfAxis[$0] }.first }
    let byName = sets.map { names[$0.name] }
    let all = Set(sets.indices)
    return [byTensor, byName].map { $0.compactMap { $0 } }.first { Set($0) == all }
  }
}
