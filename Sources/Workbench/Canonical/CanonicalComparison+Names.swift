import Catalogs
import ModelGraph
import WeightFiles

extension CanonicalComparison {
  /// Pairs that are left, with namesakes instead where their numbers are more alike: a layer that one file
  /// lacks shifts all that follow it in a network that is read as a row.
  func preferringNamesakes(_ pairing: [FilePairing.Pair]) throws -> [FilePairing.Pair] {
    let (a, b) = (files.first.catalog.tensors, files.second.catalog.tensors)
    func named(_ places: Set<Int>, _ file: WeightFile) -> [String: Int] {
      Dictionary(
        places.map { (Self.path(file.catalog.tensors[$0].name), $0) },
        uniquingKeysWith: { one, other in min(one, other) })
    }
    let places = (named(open.first, files.first), named(open.second, files.second))
    var namesakes: [Int: Int] = [:]
    let doubtful = pairing.filter { pair in
      guard isOpen(pair.first, pair.second) else { return false }
      let names = (Self.path(a[pair.first].name), Self.path(b[pair.second].name))
      guard names.0 != names.1 else { return false }
      var isDoubtful = false
      if let second = places.1[names.0], b[second].shape == a[pair.first].shape {
        namesakes[pair.first] = second
        isDoubtful = true
      }
      if let first = places.0[names.1], a[first].shape == b[pair.second].shape {
        namesakes[first] = pair.second
        isDoubtful = true
      }
      return isDoubtful
    }
    guard var pair = doubtful.first else { return pairing }
    let others = namesakes.sorted { $0.key < $1.key }.map { names -> FilePairing.Pair in
      (pair.first, pair.second) = names
      (pair.reason, pair.axes, pair.isOfHead) = (.name, nil, false)
      return pair
    }
    guard try likeness(others) > likeness(doubtful) else { return pairing }
    let taken = (Set(others.map(\.first)), Set(others.map(\.second)))
    let dropped = Set(doubtful)
    let kept = pairing.filter {
      !dropped.contains($0) && !taken.0.contains($0.first) && !taken.1.contains($0.second)
    }
    return kept + others
  }

  private static func path(_ name: String) -> String { name.replacing("/", with: ".") }

  /// The mean cosine of some pairs; −1 of none.
  private func likeness(_ pairing: [FilePairing.Pair]) throws -> Double {
    let comparison = try FileComparison(
      files.first, files.second,
      pairs: pairing.map { .init(first: $0.first, second: $0.second, axes: $0.axes) },
      jobs: options.jobs, budget: options.budget, isStrict: options.isStrict)
    let cosines = comparison.differences.map(\.cosine).filter(\.isFinite)
    return cosines.isEmpty ? -1 : cosines.reduce(0, +) / Double(cosines.count)
  }
}
