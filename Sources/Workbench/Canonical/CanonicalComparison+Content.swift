import Catalogs
import ModelGraph
import Tensors
import WeightFiles

extension CanonicalComparison {
  /// Takes a pair that stands in one place of both files, where it holds the same numbers.
  mutating func pairInPlace(_ pair: FilePairing.Pair) throws {
    guard isOpen(pair.first, pair.second),
      var found = try sameNumbers(pair.first, pair.second, .pairing(pair.reason))
    else { return }
    let (a, b) = (contents.first[pair.first], contents.second[pair.second])
    if pair.reason == .order || pair.reason == .shapeAndOrder {
      // Of guesses only what says something is taken here.
      guard !a.isConstant else { return }
    }
    if let axes = pair.axes, found.axes != axes, a.shape == b.shape, !a.isConstant,
      found.relation == .equal || found.relation == .equalAfterCast
    {
      found.note = "by the layouts of the two networks it should be transposed, and is not"
    }
    take(found)
  }

  /// Pairs what holds the same numbers, and says something: constants do not.
  mutating func pairByContent() throws {
    var places: [UInt64: [Int]] = [:]
    for second in open.second.sorted(by: >) where !contents.second[second].isConstant {
      for level in contents.second[second].levels.values {
        places[level.unordered, default: []].append(second)
      }
    }
    for first in open.first.sorted() where !contents.first[first].isConstant {
      let a = contents.first[first]
      let keys = [a.own.unordered] + a.levels.values.map(\.unordered)
      var candidates: [Int] = []
      for key in keys {
        while let last = places[key]?.last, !open.second.contains(last) {
          places[key]?.removeLast()
        }
        for second in (places[key] ?? []).suffix(8).reversed()
        where open.second.contains(second) && !candidates.contains(second)
          && ContentComparison.equal(a, contents.second[second]) != nil
        {
          candidates.append(second)
        }
      }
      // The one in the same order, then the one of the same shape, then the first.
      let sorted = candidates.enumerated().sorted { one, other in
        (rank(a, contents.second[one.element]), one.offset)
          < (rank(a, contents.second[other.element]), other.offset)
      }.map(\.element)
      for second in sorted {
        guard var pair = try sameNumbers(first, second, .content) else { continue }
        // Masks and counts of a few values are in some order of one another by chance.
        if pair.relation == .permuted, !a.hasManyValues { continue }
        pair.isAmbiguous =
          sorted.count(where: {
            rank(a, contents.second[$0]) == rank(a, contents.second[second])
          }) > 1
        take(pair)
        break
      }
    }
  }

  private func rank(_ a: TensorContent, _ b: TensorContent) -> Int {
    let isOrdered = ContentComparison.all(a, b).contains { $0.first.ordered == $0.second.ordered }
    return (isOrdered ? 0 : 2) + (a.shape == b.shape ? 0 : 1)
  }

  /// Pairs constants that are left, in order: which is which cannot be told.
  mutating func pairConstants() {
    var places: [UInt64: [Int]] = [:]
    for second in open.second.sorted(by: >) where contents.second[second].isConstant {
      places[contents.second[second].own.unordered, default: []].append(second)
    }
    for first in open.first.sorted() where contents.first[first].isConstant {
      let a = contents.first[first]
      guard let second = places[a.own.unordered]?.last, contents.second[second].count == a.count
      else { continue }
      places[a.own.unordered]?.removeLast()
      let isCast = a.elementType != contents.second[second].elementType
      var pair = CanonicalPair(first, second, isCast ? .equalAfterCast : .equal, .content)
      pair.isCast = isCast
      pair.isAmbiguous = true
      pair.note = "a constant, which says nothing of where it is from"
      take(pair)
    }
  }

  /// Pairs what is left with tensors that have a partner already and hold the same numbers: weights that one
  /// file ties and the other stores twice.
  mutating func pairTied() {
    func places(_ contents: [TensorContent], _ open: Set<Int>) -> [UInt64: Int] {
      Dictionary(
        contents.indices.filter { !open.contains($0) && !contents[$0].isConstant }.map {
          (contents[$0].own.ordered, $0)
        }, uniquingKeysWith: { one, _ in one })
    }
    let (seconds, firsts) = (
      places(contents.second, open.second), places(contents.first, open.first)
    )
    for first in open.first.sorted() where !contents.first[first].isConstant {
      if let second = seconds[contents.first[first].own.ordered] {
        takeTied(first, second)
        open.first.remove(first)
      }
    }
    for second in open.second.sorted() where !contents.second[second].isConstant {
      if let first = firsts[contents.second[second].own.ordered] {
        takeTied(first, second)
        open.second.remove(second)
      }
    }
  }

  private mutating func takeTied(_ first: Int, _ second: Int) {
    let isCast = contents.first[first].elementType != contents.second[second].elementType
    var pair = CanonicalPair(
      first, second, isCast ? .equalAfterCast : .equal, .tied,
      note: "tied: one file stores once what the other stores twice")
    pair.isCast = isCast
    pairs.append(pair)
  }

  /// Tells what is equal because nothing was done to it from what nothing was meant to be done to: a tensor
  /// that equals its namesake is untouched where one of its kind (its name but for numbers) is changed, or
  /// where the two files have the same tensors by name and some of them are changed.
  mutating func markUntouched() {
    func name(_ place: Int?, _ file: WeightFile) -> String? {
      place.map { file.catalog.tensors[$0].name.replacing("/", with: ".") }
    }
    let names = pairs.map { (name($0.first, files.first), name($0.second, files.second)) }
    let changed = pairs.indices.filter { pairs[$0].relation == .changed }
    guard !changed.isEmpty else { return }
    let kinds = Set(changed.compactMap { names[$0].0.map(Self.kind) })
    let isOneLayout = pairs.indices.allSatisfy { at in
      names[at].0 == names[at].1
        && (pairs[at].relation == .equal || pairs[at].relation == .changed)
    }
    for at in pairs.indices where pairs[at].relation == .equal {
      guard let own = names[at].0, own == names[at].1, pairs[at].found != .tied else { continue }
      if isOneLayout || kinds.contains(Self.kind(own)) { pairs[at].relation = .untouched }
    }
  }

  /// A name with every number in it taken out.
  private static func kind(_ name: String) -> String {
    name.split(separator: ".").filter { !$0.allSatisfy(\.isNumber) }
      .map { String($0.filter { !$0.isNumber }) }.joined(separator: ".")
  }
}
