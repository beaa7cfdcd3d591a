import Catalogs
public import ModelGraph
public import Support
import Tensors
public import WeightFiles

/// Two files compared by what their tensors hold: whatever they are named, and however they are ordered,
/// laid out, fused, stacked, rounded, permuted or scaled.
///
/// Tensors are recognised by hashes of their elements and slices, so that the work grows with the elements and
/// not with pairs of tensors; a claim is put to the test by a hash of every element in its place. What holds the
/// same numbers is paired in its place first, then by content; constants, which say nothing of where they are
/// from, by name and order last. What is left is paired as `FilePairing` has it, and compared as numbers.
public struct CanonicalComparison: Sendable {
  /// The pairs, in the first file's order; those of the second file alone last.
  public internal(set) var pairs: [CanonicalPair] = []
  /// Slices of tensors of which other slices are accounted for: a sentence each.
  public internal(set) var uncovered: [String] = []
  /// What was not certain.
  public internal(set) var notes: [String] = []

  let files: (first: WeightFile, second: WeightFile)
  let contents: (first: [TensorContent], second: [TensorContent])
  let options: Options
  /// What has no partner yet.
  var open: (first: Set<Int>, second: Set<Int>)
  /// Slices that were found.
  var slices: [(claim: SliceClaim, secondIsLarge: Bool)] = []
  /// Factors of units that were found, by how many there are.
  var factors: [Int: [[Double]]] = [:]

  /// How the files are read.
  public struct Options: Sendable {
    /// How many threads work; nil means one a processor.
    public var jobs: Int?
    /// How many bytes of decoded tensors are held at once.
    public var budget: Int
    /// Whether that is a promise.
    public var isStrict: Bool

    /// Reads with so many threads and bytes.
    public init(jobs: Int? = nil, budget: Int = 256 << 20, isStrict: Bool = false) {
      self.jobs = jobs
      self.budget = budget
      self.isStrict = isStrict
    }
  }

  /// Compares two files.
  ///
  /// - Parameter pairing: how ordinary `diff` pairs them.
  /// - Throws: `Diagnostic`: `badData` where a tensor is damaged; `failed` where one can only be held as a
  ///   whole, and is larger than a budget that is a promise.
  /// - Complexity: O(elements + slices · log(slices)).
  public init(
    _ first: WeightFile, _ second: WeightFile, pairing: FilePairing, options: Options = .init(),
    progress: ProgressHandler? = nil
  ) throws {
    files = (first, second)
    self.options = options
    let types = [first, second].map { Set($0.catalog.tensors.map(\.elementType)) }
    contents = (
      try first.contents(
        beside: types[1], jobs: options.jobs, budget: options.budget, isStrict: options.isStrict,
        progress: progress),
      try second.contents(
        beside: types[0], jobs: options.jobs, budget: options.budget, isStrict: options.isStrict,
        progress: progress)
    )
    open = (Set(contents.first.indices), Set(contents.second.indices))
    let certain = pairing.pairs.filter { $0.reason == .graph || $0.reason == .name }
    let guessed = pairing.pairs.filter { $0.reason != .graph && $0.reason != .name }
    for pair in certain + guessed { try pairInPlace(pair) }
    try pairByContent()
    try pairSlices()
    pairNeighbours()
    try compare(preferringNamesakes(certain))
    pairConstants()
    try compare(guessed)
    pairTied()
    for pair in pairing.reshaped where isOpen(pair.first, pair.second) {
      take(
        CanonicalPair(
          pair.first, pair.second, .changed, .pairing(pair.reason), note: "another shape"))
    }
    for place in open.first { pairs.append(CanonicalPair(place, nil, .missing, .none)) }
    for place in open.second { pairs.append(CanonicalPair(nil, place, .missing, .none)) }
    markUntouched()
    pairs.sort {
      ($0.first ?? .max, $0.second ?? .max) < ($1.first ?? .max, $1.second ?? .max)
    }
    // How ordinary pairing went matters only where it had to guess.
    if pairs.contains(where: { $0.found.isGuess && $0.relation == .changed }) {
      notes += pairing.notes
    }
  }

  func isOpen(_ first: Int, _ second: Int) -> Bool {
    open.first.contains(first) && open.second.contains(second)
  }

  /// Takes over a pair of tensors that had no partner.
  mutating func take(_ pair: CanonicalPair) {
    if let first = pair.first { open.first.remove(first) }
    if let second = pair.second { open.second.remove(second) }
    pairs.append(pair)
  }

  /// What two tensors are that hold the same numbers in some order; nil where they do not, or where no order
  /// of axes and units accounts for it.
  func sameNumbers(
    _ first: Int, _ second: Int, _ found: CanonicalPair.Found
  ) throws -> CanonicalPair? {
    let (a, b) = (contents.first[first], contents.second[second])
    guard let levels = ContentComparison.equal(a, b) else { return nil }
    var pair = CanonicalPair(first, second, levels.isCast ? .equalAfterCast : .equal, found)
    pair.isCast = levels.isCast
    if levels.first.ordered == levels.second.ordered { return pair }
    for candidate in AxisOrders(a, b, levels).candidates {
      // B's elements at the places that A's have: rounded as A's hashes are, or as they are.
      let hashes = try files.second.placedHashes(
        of: second, at: .axes(candidate.offsets(a.shape)), roundedTo: levels.secondType,
        jobs: options.jobs, budget: options.budget, isStrict: options.isStrict)
      guard hashes == [levels.first.ordered] else { continue }
      pair.relation = candidate.permuted.isEmpty ? .transposed : .permuted
      pair.axes =
        candidate.axes == Array(candidate.axes.indices) ? nil : candidate.axes
      pair.permutedAxes = candidate.permuted
      return pair
    }
    return nil
  }
}
