import LinearAlgebra
import ModelGraph
import Support
import Tensors

/// The best order of heads, with the best maps within each pair.
///
/// The gain of putting head j of B in place i is that of the best maps of this pair: a sum of singular
/// values where maps are rotations, of the sizes of complex products where planes are turned by position.
/// An assignment over these gains is the optimum over order and maps together; where several query heads
/// share keys and values, their order inside is found by turns with the maps.
struct HeadMatching {
  private struct Products: Sendable {
    var query: Matrix<Float>
    var key: Matrix<Float>
    var value: Matrix<Float>
    var output: Matrix<Float>
  }

  private struct Fit: Sendable {
    var gain = 0.0
    var order: [Int]
    var maps: [HeadElement.Maps]
  }

  private let group: SymmetryGroup
  private let level: SymmetryLevel
  private let products: [Products]
  private let jobs: Int?
  private let perGroup: Int

  init(
    _ group: SymmetryGroup, level: SymmetryLevel, a: Weights, b: Weights, jobs: Int?
  ) throws {
    self.group = group
    self.level = level
    self.jobs = jobs
    perGroup = group.attentions.first?.queriesPerGroup ?? 1
    products = try Parallel.map(count: group.attentions.count, jobs: jobs) { index in
      let attention = group.attentions[index]
      func product(_ slices: [AttentionSymmetry.Slice], _ width: Int) -> Matrix<Float> {
        let places = slices.map {
          UnitPlaces(
            tensor: $0.tensor, axis: $0.axis,
            starts: $0.starts.flatMap { start in
              (0..<width).map { start + $0 }
            })
        }
        return BLAS.product(
          UnitProducts.rows(of: places, in: a), UnitProducts.rows(of: places, in: b),
          transposingRight: true)
      }
      return Products(
        query: product(attention.query, attention.headWidth),
        key: product(attention.key, attention.headWidth),
        value: product(attention.value, attention.valueWidth),
        output: product([attention.output], attention.valueWidth))
    }
  }

  /// The best element.
  ///
  /// - Complexity: heads² decompositions of matrices as wide as a head, for each layer.
  func best() throws -> HeadElement? {
    let count = group.size
    let fits = try Parallel.map(count: count * count, jobs: jobs) { pair in
      try fit(pair / count, pair % count)
    }
    let costs = Matrix(rows: count, columns: count, values: fits.map { -Float($0.gain) })
    var solver = LinearAssignment(size: count)
    let order = try solver.minimize(costs).columns
    let chosen = try order.enumerated().map { place, head in
      perGroup > 1
        ? fits[place * count + head] : try fit(place, head, order: [0], wantsMaps: true)
    }
    return HeadElement(
      groups: order,
      queries: zip(order, chosen).flatMap { head, fit in
        fit.order.map { head * perGroup + $0 }
      },
      maps: group.attentions.indices.map { index in chosen.map { $0.maps[index] } })
  }

  /// The best maps for a head of B in the place of one of A.
  private func fit(_ place: Int, _ head: Int) throws -> Fit {
    // With one query a head the order is known, and the maps are needed of the chosen pairs alone.
    if perGroup == 1 { return try fit(place, head, order: [0], wantsMaps: false) }
    var best = try fit(place, head, order: nil)
    for _ in 0..<4 {
      let next = try fit(place, head, order: try order(place, head, best.maps))
      if next.gain <= best.gain { break }
      best = next
    }
    return best
  }

  private func fit(
    _ place: Int, _ head: Int, order: [Int]?, wantsMaps: Bool = true
  ) throws -> Fit {
    var fit = Fit(order: order ?? Array(0..<perGroup), maps: [])
    for (attention, products) in zip(group.attentions, products) {
      var keys = Self.block(products.key, place, head, attention.headWidth)
      var values = Self.block(products.value, place, head, attention.valueWidth)
      // Without an order yet, keys and values alone tell the maps.
      if let order {
        for (query, other) in order.enumerated() {
          let (row, column) = (place * perGroup + query, head * perGroup + other)
          keys.add(Self.block(products.query, row, column, attention.headWidth))
          values.add(Self.block(products.output, row, column, attention.valueWidth))
        }
      }
      let limits = HeadMap(attention, level: level)
      if !wantsMaps {
        fit.gain += try limits.queryKeyGain(keys) + limits.valueGain(values)
        continue
      }
      let (map, gain) = try limits.queryKey(keys)
      let (valueMap, valueGain) = try limits.value(values)
      fit.gain += gain + valueGain
      fit.maps.append(HeadElement.Maps(queryKey: map, value: valueMap))
    }
    if order == nil { fit.gain = -.infinity }
    return fit
  }

  /// The best order of the query heads that share a head of keys and values, with the maps as they are.
  private func order(
    _ place: Int, _ head: Int, _ maps: [HeadElement.Maps]
  ) throws -> [Int] {
    var costs = Matrix<Float>(zeros: perGroup, perGroup)
    for (index, attention) in group.attentions.enumerated() {
      let queryKey = maps[index].queryKey.matrices.matrix
      let value = maps[index].value.matrices.matrix
      for query in 0..<perGroup {
        for other in 0..<perGroup {
          let (row, column) = (place * perGroup + query, head * perGroup + other)
          let asked = Self.block(products[index].query, row, column, attention.headWidth)
          let read = Self.block(products[index].output, row, column, attention.valueWidth)
          costs[query, other] -= Float(asked.product(queryKey) + read.product(value))
        }
      }
    }
    var solver = LinearAssignment(size: perGroup)
    return try solver.minimize(costs).columns
  }

  private static func block(
    _ matrix: Matrix<Float>, _ row: Int, _ column: Int, _ width: Int
  ) -> Matrix<Double> {
    var values: [Double] = []
    values.reserveCapacity(width * width)
    for line in 0..<width {
      let start = (row * width + line) * matrix.columns + column * width
      values.append(contentsOf: matrix.values[start..<(start + width)].lazy.map(Double.init))
    }
    return Matrix(rows: width, columns: width, values: values)
  }
}

extension Matrix<Double> {
  fileprivate mutating func add(_ other: Matrix) {
    for index in values.indices { values[index] += other.values[index] }
  }

  fileprivate func product(_ other: Matrix) -> Double {
    zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
