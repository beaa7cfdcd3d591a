import Catalogs
import LinearAlgebra
import Matching
import ModelGraph
import Support
import WeightFiles
import Workbench

/// What `wsl match` says.
struct MatchResult: Encodable {
  struct Group: Encodable {
    var group: String
    var size: Int
    var moved: Int
    /// The unit of B in each place; empty where units are rotated.
    var permutation: [Int]
    /// What was changed: `permutation`, `signed`, `orthogonal`, `orthogonalFixingMean` or `heads`.
    var kind = SymmetryGroup.Kind.permutation.rawValue
    /// The sign of each unit in its place; only where signs were searched.
    var signs: [Int]?
    /// How many units turn by 0 to 15 degrees, 15 to 30 and so on to 180; only where units are rotated.
    var angles: [Int]?
    /// The query head of B in each place; only where several share keys and values.
    var queries: [Int]?
    /// Why the group has no larger symmetry.
    var reason: String?
  }

  struct Change: Encodable {
    var before: FiniteNumber
    var after: FiniteNumber
  }

  /// R(γ) of Ito et al. 2025: how well the singular vectors of two networks line up.
  struct Alignment: Encodable {
    var gammas: [Double]
    var before: [FiniteNumber]
    var after: [FiniteNumber]
  }

  /// How far one tensor is apart.
  struct TensorRow: Encodable {
    var tensor: String
    var l2: Change
    var cosine: Change
  }

  /// By how much a kernel's singular values differ, relative to A's.
  struct Spectrum: Encodable {
    var tensor: String
    var difference: FiniteNumber
  }

  var a: String
  var b: String
  var method: String
  var groups: [Group]
  /// What was searched: `permutation`, or the level of symmetries.
  var symmetries = SymmetryLevel.permutation.rawValue
  var objective: Change
  /// The objective after the start and after each sweep; only where more than orders was searched.
  var objectives: [FiniteNumber]?
  /// The loss at the midpoint on training examples before and after learning; only where symmetries
  /// beyond orders were learned.
  var learning: Change?
  /// The layers whose gains were folded for the search.
  var folded: [String]?
  var l2: Change
  var cosine: Change
  var alignment: Alignment
  var tensors: [TensorRow]
  var singularValues: [Spectrum]
  var scaling: ScalingRow?
  var normalization: NormalizationRecord?
  var sweeps: Int
  var restart: Int
  var seconds: Double
  var seed: UInt64
  var pairing: PairingRow
  /// How sure the graphs are.
  var certainty: String
  /// The layers whose units stay because the files do not tell what else reads or makes them.
  var held: [Catalog.Skipped]
  var warnings: [String]
}

extension MatchResult {
  /// Measures the pair before and after.
  ///
  /// - Parameter known: the alignment of singular vectors, where it is measured already.
  init(
    _ pair: LoadedPair, found: WeightMatching.Result, known: AlignmentComparison? = nil,
    method: String, seed: UInt64, jobs: Int?
  ) throws {
    let (vectors, measures) = try Self.measured(pair, found: found, known: known, jobs: jobs)
    let before = measures.reduce(into: PairMeasures()) { $0 += $1.before }
    let after = measures.reduce(into: PairMeasures()) { $0 += $1.after }
    a = pair.fileA.catalog.file
    b = pair.fileB.catalog.file
    self.method = method
    groups = zip(pair.pair.groupsB, found.permutations).map { group, permutation -> Group in
      Group(
        group: group.name, size: group.size,
        moved: permutation.enumerated().count { $0.offset != $0.element },
        permutation: permutation)
    }
    if let gauge = found.gauge { groups = gauge.groups.map(Group.init) }
    objective = Change(
      before: FiniteNumber(found.objectiveBefore), after: FiniteNumber(found.objectiveAfter))
    l2 = Change(before: FiniteNumber(before.l2), after: FiniteNumber(after.l2))
    cosine = Change(
      before: FiniteNumber(before.cosine ?? .nan), after: FiniteNumber(after.cosine ?? .nan))
    alignment = Alignment(
      gammas: LayerAlignment.standardThresholds,
      before: vectors.before.map { FiniteNumber($0 ?? .nan) },
      after: vectors.after.map { FiniteNumber($0 ?? .nan) })
    tensors = measures.map {
      TensorRow(
        tensor: $0.tensor,
        l2: Change(before: FiniteNumber($0.before.l2), after: FiniteNumber($0.after.l2)),
        cosine: Change(
          before: FiniteNumber($0.before.cosine ?? .nan),
          after: FiniteNumber($0.after.cosine ?? .nan)))
    }
    singularValues = vectors.singularValueDifferences.map {
      Spectrum(tensor: $0.tensor, difference: FiniteNumber($0.difference ?? .nan))
    }
    sweeps = found.sweeps
    restart = found.restart
    seconds = found.seconds
    self.seed = seed
    pairing = PairingRow(pair.pair, with: b)
    certainty = pair.certainty.rawValue
    held = pair.pair.b.heldReasons
    let runs = Matcher.Method(rawValue: method)?.needsData ?? false
    warnings = pair.assumptions.filter { runs || $0.assumption.concernsPermuting }.map(\.warning)
    warnings += pair.leftAlone
    warnings += [pair.fileA, pair.fileB].compactMap {
      $0.catalog.unreadNote("not matched, and stay as they are")
    }
    if groups.isEmpty {
      warnings.append("the network has no hidden units that could be permuted")
    }
    warnings += pair.headWarnings
    if let gauge = found.gauge { note(gauge) }
    if cosine.before.value.isNaN {
      warnings.append("the cosine of a network of zeros is undefined; it is null")
    }
  }
}
