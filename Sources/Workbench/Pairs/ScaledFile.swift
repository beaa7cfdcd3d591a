import Catalogs
public import Connectivity
public import Matching
public import ModelGraph
import Support
import Tensors
public import WeightFiles

/// Files whose units are permuted and then scaled.
public enum ScaledFile {
  /// Writes a copy of a file with its units permuted and scaled.
  ///
  /// - Parameters:
  ///   - factors: a list a group of scales.
  ///   - scaleGroups: what is scaled, in the file's names.
  ///   - permutations: one a group of units, before scaling.
  ///   - inverting: divides by the factors and puts the units back instead. What was scaled and is
  ///     scaled back differs by the rounding of two multiplications.
  /// - Throws: `Diagnostic(.badData)` where the factors or the groups do not fit the file.
  public static func write(
    _ file: WeightFile, _ permutations: [[Int]], of groups: [PermutationGroup],
    factors: [[Double]], of scaleGroups: [ScaleGroup], inverting: Bool = false, to path: String,
    overwrites: Bool
  ) async throws {
    let names = Set(groups.flatMap { $0.members.map(\.tensor) }).sorted()
    var weights = try file.read(names)
    do {
      try check(groups, weights)
      if inverting {
        weights = try UnitScales(
          groups: scaleGroups, factors: factors.map { $0.map { 1 / $0 } }, of: weights
        ).applied(to: weights)
        weights = Permuting.apply(permutations.map(Permuting.inverse), of: groups, to: weights)
      } else {
        weights = Permuting.apply(permutations, of: groups, to: weights)
        weights = try UnitScales(groups: scaleGroups, factors: factors, of: weights)
          .applied(to: weights)
      }
    } catch let error as Diagnostic {
      throw error.inside(file.catalog.file)
    }
    try await file.writeCopy(
      to: path, replacing: try file.replacements(weights), overwrites: overwrites)
  }

  private static func check(_ groups: [PermutationGroup], _ weights: Weights) throws {
    for group in groups {
      for member in group.members {
        try member.validate(shape: weights[member.tensor]?.shape ?? [], size: group.size)
      }
    }
  }
}

extension PermutationDocument {
  /// Writes scales down, under the names of the file that is scaled.
  public mutating func save(_ scales: UnitScales) {
    self.scales = zip(scales.groups, scales.factors).map { group, factors in
      Scale(group: group.name, factors: factors, axes: Self.axes(of: group))
    }
  }

  /// The factors for the units of a network; nil where the document has none.
  ///
  /// - Throws: `Diagnostic(.badData)` where the document's scales are of other units.
  public func factors(for groups: [ScaleGroup]) throws -> [[Double]]? {
    try factors(for: groups.map { ($0.name, Self.axes(of: $0)) })
  }

  private static func axes(of group: ScaleGroup) -> [Axis] {
    group.members.map { Axis(tensor: $0.place.tensor, axis: $0.place.axis) }
  }
}
