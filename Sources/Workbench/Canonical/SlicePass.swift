import Tensors
import WeightFiles

/// Claims on slices of one tensor that one pass over it puts to the test.
struct SlicePass {
  /// What the claims of a pass have in common.
  struct Key: Hashable {
    var large: Int
    var slicing: TensorContent.Slicing
    var largeType: ElementType?

    init(_ claim: SliceClaim) {
      (large, slicing, largeType) = (claim.large, claim.slicing, claim.largeType)
    }
  }

  let key: Key
  private var claims: [(claim: SliceClaim, place: Int)] = []
  private var owners: [SlicePlaces.Owner?]

  init(_ key: Key) {
    self.key = key
    owners = Array(repeating: nil, count: key.slicing.count)
  }

  /// Takes a claim, where no other one has claimed its slices.
  mutating func add(_ claim: SliceClaim, _ place: Int) -> Bool {
    guard claim.slices.allSatisfy({ owners[$0] == nil }) else { return false }
    for (own, slice) in claim.slices.enumerated() {
      owners[slice] = SlicePlaces.Owner(target: claims.count, slice: own)
    }
    claims.append((claim, place))
    return true
  }

  /// The claims that hold, by their places, and whether the axes of their slices stand the other way round.
  func verified(
    _ small: [TensorContent], _ large: TensorContent, file: WeightFile,
    _ options: CanonicalComparison.Options
  ) throws -> [(place: Int, isSwapped: Bool)] {
    var found: [(Int, Bool)] = []
    var rest = Set(claims.indices)
    for swap in [nil, self.swap(large)].enumerated().filter({ $0 == 0 || $1 != nil }).map(\.element)
    where !rest.isEmpty {
      let places = SlicePlaces(
        slicing: key.slicing, owners: owners, targets: claims.map(\.claim.cut), swap: swap)
      let hashes = try file.placedHashes(
        of: key.large, at: .slices(places), roundedTo: key.largeType, jobs: options.jobs,
        budget: options.budget, isStrict: options.isStrict)
      for number in rest.sorted() {
        let (claim, place) = claims[number]
        guard small[claim.small].levels[claim.smallType]?.ordered == hashes[number] else {
          continue
        }
        found.append((place, swap != nil))
        rest.remove(number)
      }
    }
    return found
  }

  /// The axes of a slice, where it has two.
  private func swap(_ large: TensorContent) -> SlicePlaces.Swap? {
    let inner: [Int]
    if let axis = key.slicing.axis {
      inner = large.shape.indices.filter { $0 != axis }.map { large.shape[$0] }
    } else {
      var rest = key.slicing.stride
      inner = Array(
        large.shape.reversed().prefix { length in
          guard rest > 1 else { return false }
          rest /= length
          return true
        }.reversed())
    }
    let lengths = inner.filter { $0 > 1 }
    return lengths.count == 2 ? SlicePlaces.Swap(rows: lengths[0], columns: lengths[1]) : nil
  }
}
