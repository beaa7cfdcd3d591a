import Tensors
import WeightFiles

/// The claim that a tensor is some slices of a larger one.
struct SliceClaim {
  /// The smaller tensor, in its file.
  var small: Int
  /// How the smaller is cut; a single slice where it is taken as a whole.
  var cut: TensorContent.Slicing
  /// The larger tensor, in its file.
  var large: Int
  /// How the larger is cut.
  var slicing: TensorContent.Slicing
  /// For each slice of the smaller the slice of the larger.
  var slices: [Int]
  /// The type to which the larger is rounded.
  var largeType: ElementType?
  /// The type whose hashes of the smaller are compared.
  var smallType: ElementType
  /// Whether the two are stored as different types.
  var isCast: Bool
  /// Whether another claim would do as well.
  var isAmbiguous = false

  /// The slices as runs.
  var ranges: [Range<Int>] { Self.runs(of: slices) }

  /// Numbers as runs of successive ones.
  static func runs(of numbers: [Int]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound == number {
        ranges[ranges.count - 1] = last.lowerBound..<number + 1
      } else {
        ranges.append(number..<number + 1)
      }
    }
    return ranges
  }
}

/// Finds tensors that are slices of larger ones, by the hashes of slices.
struct SliceSearch {
  private struct Place {
    var tensor: Int
    var slicing: Int
    var type: ElementType
  }

  private let large: [TensorContent]
  /// Where a slice of that hash is; slices that many tensors have are left out.
  private var places: [UInt64: [Place]] = [:]
  private static let mostPlaces = 8

  /// Takes the tensors of which others may be slices.
  ///
  /// - Complexity: O(slices).
  init(_ large: [TensorContent], among numbers: [Int]) {
    self.large = large
    for tensor in numbers {
      for (type, level) in large[tensor].levels {
        for (slicing, slices) in level.slices.enumerated() {
          for hash in Set(slices) where places[hash, default: []].count <= Self.mostPlaces {
            places[hash, default: []].append(Place(tensor: tensor, slicing: slicing, type: type))
          }
        }
      }
    }
  }

  /// The claims that a tensor's hashes allow, the likeliest first.
  ///
  /// - Complexity: O(slices) for each.
  func claims(_ small: TensorContent, number: Int) -> [SliceClaim] {
    guard small.count > 0, !small.isConstant else { return [] }
    var claims: [SliceClaim] = []
    let whole = TensorContent.Slicing.whole(of: small.count)
    for (type, level) in small.levels.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      for (cutNumber, cut) in [(-1, whole)] + Array(small.slicings.enumerated()) {
        let hashes = cutNumber < 0 ? [level.unordered] : level.slices[cutNumber]
        var tried: Set<[Int]> = []
        // A slice that few tensors have tells where to look.
        let telling = hashes.lazy.compactMap { places[$0] }.first { $0.count <= Self.mostPlaces }
        for place in telling ?? [] {
          let own = large[place.tensor]
          let slicing = own.slicings[place.slicing]
          guard own.count > small.count, own.count / slicing.count == small.count / cut.count,
            fits(small, type, own, place.type),
            tried.insert([place.tensor, place.slicing]).inserted,
            let others = own.levels[place.type]?.slices[place.slicing],
            let slices = Self.places(hashes, others)
          else { continue }
          claims.append(
            SliceClaim(
              small: number, cut: cut, large: place.tensor, slicing: slicing, slices: slices,
              largeType: place.type == own.elementType ? nil : place.type, smallType: type,
              isCast: small.elementType != own.elementType))
        }
      }
    }
    // Whole before cut, and exact before rounded.
    return claims.sorted {
      ($0.largeType == nil ? 0 : 1, $0.cut.count) < ($1.largeType == nil ? 0 : 1, $1.cut.count)
    }
  }

  /// Whether hashes of two types may be compared: both as they are, or one rounded to the other's type.
  private func fits(
    _ small: TensorContent, _ type: ElementType, _ own: TensorContent, _ ownType: ElementType
  ) -> Bool {
    if type == small.elementType, ownType == own.elementType { return true }
    return type == ownType && (type == small.elementType || type == own.elementType)
  }

  /// For each hash a place among others where it is, each once; where several are, on from the last.
  private static func places(_ hashes: [UInt64], _ others: [UInt64]) -> [Int]? {
    var rest: [UInt64: [Int]] = [:]
    for (place, hash) in others.enumerated().reversed() { rest[hash, default: []].append(place) }
    var result: [Int] = []
    for hash in hashes {
      let next = (result.last ?? -1) + 1
      guard let count = rest[hash]?.count, count > 0 else { return nil }
      if (2...64).contains(count), let at = rest[hash]?.lastIndex(of: next) {
        rest[hash]?.remove(at: at)
        result.append(next)
      } else if let place = rest[hash]?.removeLast() {
        result.append(place)
      }
    }
    return result
  }
}
