import LinearAlgebra
import ModelGraph

extension GroupElement {
  /// A random element of a group: a rotation where it has some, an order and signs where it has those.
  ///
  /// - Complexity: O(units³) for a rotation.
  static func random(
    _ group: SymmetryGroup, using generator: inout SeededGenerator
  ) throws -> GroupElement {
    switch group.kind {
    case .permutation:
      return .units(.order(generator.permutation(count: group.size), factors: nil))
    case .signed:
      return .units(
        .order(
          generator.permutation(count: group.size),
          factors: (0..<group.size).map { _ in generator.sign() }))
    case .orthogonal:
      return .units(.rotation(try generator.rotation(group.size)))
    case .orthogonalFixingMean:
      return .units(.rotation(try generator.rotationFixingMean(group.size)))
    case .heads: return .heads(try HeadElement.random(group, using: &generator))
    }
  }
}

extension HeadElement {
  /// A random order of heads with random maps in each.
  static func random(
    _ group: SymmetryGroup, using generator: inout SeededGenerator
  ) throws -> HeadElement {
    let perGroup = group.attentions.first?.queriesPerGroup ?? 1
    let order = generator.permutation(count: group.size)
    var queries: [Int] = []
    for chosen in order {
      queries += generator.permutation(count: perGroup).map { chosen * perGroup + $0 }
    }
    var maps: [[Maps]] = []
    for attention in group.attentions {
      maps.append(
        try (0..<group.size).map { _ in
          Maps(
            queryKey: try Self.queryKey(attention, using: &generator),
            value: .rotation(try generator.rotation(attention.valueWidth)))
        })
    }
    return HeadElement(groups: order, queries: queries, maps: maps)
  }

  private static func queryKey(
    _ attention: AttentionSymmetry, using generator: inout SeededGenerator
  ) throws -> UnitMap {
    let width = attention.headWidth
    var matrix = Matrix<Double>(zeros: width, width)
    let rest = attention.rotaryWidth..<width
    for plane in attention.planes {
      let angle =
        attention.isNormalized
        ? (generator.sign() > 0 ? 0 : Double.pi) : 2 * Double.pi * generator.uniform()
      PlaneMap(angle: angle).write(plane, into: &matrix)
    }
    if attention.isNormalized {
      for channel in rest { matrix[channel, channel] = generator.sign() }
    } else {
      let map = try generator.rotation(rest.count)
      for row in rest {
        for column in rest {
          matrix[row, column] = map[row - rest.lowerBound, column - rest.lowerBound]
        }
      }
    }
    return .rotation(matrix)
  }
}

/// A rotation of one plane.
struct PlaneMap {
  var cosine: Double
  var sine: Double

  init(cosine: Double, sine: Double) {
    self.cosine = cosine
    self.sine = sine
  }

  init(angle: Double) { self.init(cosine: Rotations.cosine(angle), sine: Rotations.sine(angle)) }

  /// Writes the rotation into a matrix.
  func write(_ plane: (first: Int, second: Int), into matrix: inout Matrix<Double>) {
    matrix[plane.first, plane.first] = cosine
    matrix[plane.second, plane.second] = cosine
    matrix[plane.first, plane.second] = -sine
    matrix[plane.second, plane.first] = sine
  }
}

extension SeededGenerator {
  /// 1 or −1, each as likely as the other.
  mutating func sign() -> Double { next() >> 63 == 0 ? 1 : -1 }

  /// A random orthogonal matrix: the polar factor of one of normal numbers.
  mutating func rotation(_ count: Int) throws -> Matrix<Double> {
    guard count > 0 else { return Matrix(zeros: 0, 0) }
    let matrix = Matrix<Double>(rows: count, columns: count) { _, _ in normal() }
    return try Rotations.polar(matrix)
  }

  /// A random orthogonal matrix that maps the vector of ones to itself.
  mutating func rotationFixingMean(_ count: Int) throws -> Matrix<Double> {
    let matrix = Matrix<Double>(rows: count, columns: count) { _, _ in normal() }
    return try Rotations.polarFixingMean(matrix)
  }
}
