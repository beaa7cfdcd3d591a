import Catalogs
import Tensors
import WeightFiles

extension CanonicalComparison {
  /// Pairs tensors with the slices of larger ones that they are, in both directions.
  mutating func pairSlices() throws {
    try pairSlices(secondIsLarge: true)
    try pairSlices(secondIsLarge: false)
  }

  private mutating func pairSlices(secondIsLarge: Bool) throws {
    let small = secondIsLarge ? contents.first : contents.second
    let large = secondIsLarge ? contents.second : contents.first
    let smallOpen = secondIsLarge ? open.first : open.second
    let largeOpen = secondIsLarge ? open.second : open.first
    let search = SliceSearch(large, among: largeOpen.sorted())
    var waiting: [(claims: [SliceClaim], next: Int)] = smallOpen.sorted().compactMap { number in
      let claims = search.claims(small[number], number: number)
      return claims.isEmpty ? nil : (claims, 0)
    }
    var verified: [(claim: SliceClaim, isSwapped: Bool)] = []
    while !waiting.isEmpty {
      // All claims on one tensor that is cut in one way are read in one pass.
      var passes: [SlicePass] = []
      var numbers: [SlicePass.Key: Int] = [:]
      for (place, one) in waiting.enumerated() {
        let claim = one.claims[one.next]
        let key = SlicePass.Key(claim)
        if let number = numbers[key], passes[number].add(claim, place) { continue }
        var pass = SlicePass(key)
        _ = pass.add(claim, place)
        numbers[key] = passes.count
        passes.append(pass)
      }
      var found: Set<Int> = []
      for pass in passes {
        for (place, isSwapped) in try pass.verified(
          small, large[pass.key.large], file: secondIsLarge ? files.second : files.first, options)
        {
          found.insert(place)
          verified.append((waiting[place].claims[waiting[place].next], isSwapped))
        }
      }
      waiting = waiting.enumerated().compactMap { place, one in
        !found.contains(place) && one.next + 1 < one.claims.count
          ? (one.claims, one.next + 1) : nil
      }
    }
    take(verified, small, large, secondIsLarge: secondIsLarge)
  }

  private mutating func take(
    _ verified: [(claim: SliceClaim, isSwapped: Bool)], _ small: [TensorContent],
    _ large: [TensorContent], secondIsLarge: Bool
  ) {
    let groups = Dictionary(grouping: verified) { [$0.claim.large, $0.claim.slicing.stride] }
    for (_, group) in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let swapped = group.count { $0.isSwapped }
      var covered: Set<Int> = []
      for (claim, isSwapped) in group.sorted(by: { $0.claim.small < $1.claim.small }) {
        let isShared = claim.slices.contains(where: covered.contains)
        covered.formUnion(claim.slices)
        var pair = CanonicalPair(
          secondIsLarge ? claim.small : claim.large, secondIsLarge ? claim.large : claim.small,
          // Of slices that lie alike, the few that do not are what is wrong.
          isSwapped && 2 * swapped < group.count ? .transposed : .slices, .content)
        pair.isCast = claim.isCast
        pair.isAmbiguous = isShared
        pair.part = CanonicalPair.Part(
          isOfSecond: secondIsLarge, axis: claim.slicing.axis, ranges: claim.ranges)
        let isTurned =
          isSwapped
          || small[claim.small].shape.count == 2 && large[claim.large].shape.count == 2
            && claim.cut.axis != claim.slicing.axis
        if isTurned { pair.axes = [1, 0] }
        take(pair)
        slices.append((claim, secondIsLarge))
      }
      guard let claim = group.first?.claim else { continue }
      if covered.count < claim.slicing.count {
        let file = secondIsLarge ? files.second : files.first
        let rest = (0..<claim.slicing.count).filter { !covered.contains($0) }
        let ranges = SliceClaim.runs(of: rest)
        uncovered.append(
          "\(file.catalog.file): \(file.catalog.tensors[claim.large].name): slices "
            + ranges.map {
              $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound - 1)"
            }
            .prefix(8).joined(separator: ", ") + (ranges.count > 8 ? ", …" : "")
            + " are no tensor of the other file")
      }
    }
  }
}

extension CanonicalComparison {
  /// Pairs constant vectors with the slices of larger ones that their neighbours' slices are: biases of zeros
  /// that were fused with the kernels. Where both neighbours' units are cut the same way, the numbers are the
  /// same as well.
  mutating func pairNeighbours() {
    let constants = (
      Self.constants(contents.first, files.first), Self.constants(contents.second, files.second)
    )
    for (claim, secondIsLarge) in slices where claim.cut.count > 1 {
      let small = secondIsLarge ? contents.first : contents.second
      let large = secondIsLarge ? contents.second : contents.first
      let (smallFile, largeFile) =
        secondIsLarge ? (files.first, files.second) : (files.second, files.first)
      let ofSmall = secondIsLarge ? constants.0 : constants.1
      let ofLarge = secondIsLarge ? constants.1 : constants.0
      let own = ofSmall[Self.parent(smallFile.catalog.tensors[claim.small].name), default: []]
        .filter {
          small[$0].count == claim.cut.count
            && (secondIsLarge ? open.first : open.second).contains($0)
        }
      let others = ofLarge[Self.parent(largeFile.catalog.tensors[claim.large].name), default: []]
        .filter { large[$0].count == claim.slicing.count }
      guard own.count == 1, others.count == 1, small[own[0]].first == large[others[0]].first else {
        continue
      }
      var pair = CanonicalPair(
        secondIsLarge ? own[0] : others[0], secondIsLarge ? others[0] : own[0], .slices, .neighbour,
        note: "a constant: paired as its neighbours are")
      pair.part = CanonicalPair.Part(isOfSecond: secondIsLarge, axis: 0, ranges: claim.ranges)
      pair.isCast = small[own[0]].elementType != large[others[0]].elementType
      take(pair)
    }
  }

  /// The constant vectors, by their names without the last word.
  private static func constants(
    _ contents: [TensorContent], _ file: WeightFile
  ) -> [String: [Int]] {
    Dictionary(
      grouping: contents.indices.filter {
        contents[$0].shape.count == 1 && contents[$0].isConstant
      }, by: { parent(file.catalog.tensors[$0].name) })
  }

  /// A name without its last word.
  private static func parent(_ name: String) -> String {
    name.replacing("/", with: ".").split(separator: ".").dropLast().joined(separator: ".")
  }
}
