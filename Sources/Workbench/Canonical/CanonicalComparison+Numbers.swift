import Catalogs
import ModelGraph
import Tensors
import WeightFiles

extension CanonicalComparison {
  /// Compares the numbers of pairs that are left: they are rescaled, or changed.
  mutating func compare(_ pairing: [FilePairing.Pair]) throws {
    let pairing = pairing.filter { isOpen($0.first, $0.second) }
    guard !pairing.isEmpty else { return }
    let comparison = try FileComparison(
      files.first, files.second,
      pairs: pairing.map { .init(first: $0.first, second: $0.second, axes: $0.axes) },
      jobs: options.jobs, budget: options.budget, isStrict: options.isStrict)
    var vectors: [Int] = []
    for (pair, difference) in zip(pairing, comparison.differences) {
      var found = CanonicalPair(
        pair.first, pair.second, .changed, .pairing(pair.reason), axes: pair.axes)
      found.difference = difference
      found.isAmbiguous = pair.reason == .shapeAndOrder
      let (a, b) = (contents.first[pair.first], contents.second[pair.second])
      if ContentComparison.equal(a, b) != nil {
        found.note =
          "the same numbers in an order that none of the axes has: or too many slices are alike"
      }
      if difference.changedCount == 0 {
        // Only two types of integers that do not fit Float64 come here.
        found.relation = a.elementType == b.elementType ? .equal : .equalAfterCast
      } else if let scaled = try scaledAxes(pair) {
        found.relation = .rescaled
        found.scaledAxes = scaled
      } else {
        vectors.append(pairs.count)
      }
      take(found)
    }
    for place in vectors { try rescaleVector(place) }
  }

  /// The axes of the first along which units have factors of their own, none where all have one factor; nil where the
  /// numbers are not rescaled.
  private mutating func scaledAxes(_ pair: FilePairing.Pair) throws -> [Int]? {
    guard let (a, b) = try numbers(pair.first, pair.second, axes: pair.axes), a.shape.count > 1
    else { return nil }
    let tolerance = tolerance(pair.first, pair.second)
    let last = a.shape.count - 1
    let choices = a.shape.count == 2 ? [(0, 1)] : [(0, 1), (last - 1, last)]
    for axes in choices {
      guard let scales = AxisFactors(a, b, axes: axes, tolerance: tolerance) else { continue }
      var scaled: [Int] = []
      for (axis, values) in [(axes.0, scales.rows), (axes.1, scales.columns)]
      where AxisFactors.vary(values, tolerance: tolerance) {
        scaled.append(axis)
        factors[values.count, default: []].append(values)
      }
      return scaled
    }
    return nil
  }

  /// A vector is rescaled where its units' factors are those of a matrix.
  private mutating func rescaleVector(_ place: Int) throws {
    let pair = pairs[place]
    guard let first = pair.first, let second = pair.second, !factors.isEmpty,
      contents.first[first].shape.count(where: { $0 > 1 }) == 1,
      let known = factors[contents.first[first].count],
      let (a, b) = try numbers(first, second, axes: pair.axes)
    else { return }
    let tolerance = tolerance(first, second)
    if known.contains(where: {
      AxisFactors.explains($0, a.values, b.values, tolerance: tolerance)
    }) {
      pairs[place].relation = .rescaled
      pairs[place].scaledAxes = a.shape.indices.filter { a.shape[$0] > 1 }
    }
  }

  /// Both tensors in memory, in the first's order; nil where they are not floating-point or do not fit.
  private func numbers(_ first: Int, _ second: Int, axes: [Int]?) throws -> (Tensor, Tensor)? {
    let entries = (files.first.catalog.tensors[first], files.second.catalog.tensors[second])
    guard entries.0.elementType.isFloatingPoint, entries.1.elementType.isFloatingPoint,
      entries.0.elementCount <= options.budget / 16
    else { return nil }
    let a = try files.first.read(entries.0, jobs: options.jobs)
    let b = try files.second.read(entries.1, jobs: options.jobs)
    return (a, axes.map { b.transposed($0) } ?? b)
  }

  /// How far rounding moves a scaled number, as a share of it.
  private func tolerance(_ first: Int, _ second: Int) -> Double {
    let types = [contents.first[first].elementType, contents.second[second].elementType]
    return types.map { type in
      switch type {
      case .float64, .float32: 4e-6
      case .float16: 4e-3
      case .bfloat16: 3e-2
      default: 0.1
      }
    }.max() ?? 4e-6
  }
}
