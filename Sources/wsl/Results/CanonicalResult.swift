import Catalogs
import Support
import WeightFiles
import Workbench

/// What `wsl diff --canonical` says.
struct CanonicalResult: Encodable {
  /// A pair of tensors, or a tensor that one file alone has.
  struct Row: Encodable {
    /// Which slices of the larger tensor the smaller is.
    struct Part: Encodable {
      /// The file that has the larger tensor: `a` or `b`.
      var of: String
      /// The axis across which the larger is cut; null where its first axes count as one.
      @OrNull var axis: Int?
      /// The first slice of each run, and the one after its last, in the smaller's order.
      var ranges: [[Int]]
    }

    /// The name in A; null where only B has it.
    @OrNull var name: String?
    /// The name in B; null where only A has it.
    @OrNull var other: String?
    var relation: CanonicalPair.Relation
    var matchedBy: String
    @OrNull var shape: [Int]?
    @OrNull var otherShape: [Int]?
    @OrNull var dtype: String?
    @OrNull var otherDtype: String?
    /// The order of B's axes; null for its own.
    @OrNull var axes: [Int]?
    var permutedAxes: [Int]
    var scaledAxes: [Int]
    @OrNull var part: Part?
    var ambiguous: Bool
    @OrNull var l2: FiniteNumber?
    @OrNull var relative: FiniteNumber?
    @OrNull var cosine: FiniteNumber?
    @OrNull var note: String?
  }

  var a: String
  var b: String
  var pairs: [Row]
  /// How many pairs have each relation.
  var relations: [String: Int]
  /// Slices of tensors of which others are accounted for.
  var uncovered: [String]
  /// Whether every number of one file is in the other, whatever its name, order, layout and type.
  var sameContent: Bool
  /// Whether the limit is exceeded; left out without one.
  var exceeds: Bool?
  var warnings: [String]

  init(
    _ comparison: CanonicalComparison, _ first: Catalog, _ second: Catalog, limit: Double?
  ) {
    a = first.file
    b = second.file
    pairs = comparison.pairs.map { pair in
      let (one, other) = (
        pair.first.map { first.tensors[$0] }, pair.second.map { second.tensors[$0] }
      )
      return Row(
        name: one?.name, other: other?.name, relation: pair.relation,
        matchedBy: pair.found.word, shape: one?.shape, otherShape: other?.shape,
        dtype: one?.storedTypeName, otherDtype: other?.storedTypeName, axes: pair.axes,
        permutedAxes: pair.permutedAxes, scaledAxes: pair.scaledAxes,
        part: pair.part.map { part in
          Row.Part(
            of: part.isOfSecond ? "b" : "a", axis: part.axis,
            ranges: part.ranges.map { [$0.lowerBound, $0.upperBound] })
        }, ambiguous: pair.isAmbiguous,
        l2: pair.difference.map { FiniteNumber($0.l2) },
        relative: pair.difference.map { FiniteNumber($0.relative) },
        cosine: pair.difference.map { FiniteNumber($0.cosine) }, note: pair.note)
    }
    relations = Dictionary(
      CanonicalPair.Relation.allCases.map { relation in
        (relation.rawValue, comparison.pairs.count { $0.relation == relation })
      }, uniquingKeysWith: { one, _ in one })
    uncovered = comparison.uncovered
    let others: Set<CanonicalPair.Relation> = [.changed, .missing, .rescaled]
    sameContent =
      !pairs.isEmpty && uncovered.isEmpty && !pairs.contains { others.contains($0.relation) }
    exceeds = limit.map { limit in
      !comparison.uncovered.isEmpty
        || comparison.pairs.contains { pair in
          switch pair.relation {
          case .missing: true
          case .changed: !(pair.difference.map { $0.relative <= limit } ?? false)
          default: false
          }
        }
    }
    warnings = comparison.notes + comparison.uncovered
    for catalog in [first, second] where !catalog.unreadObjects.isEmpty {
      warnings.append(
        "\(catalog.file): not read as numbers: \(catalog.unreadObjects.listed(most: 8))")
    }
  }
}
