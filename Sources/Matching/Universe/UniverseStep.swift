import Support

/// The objective along one step of all networks: a polynomial of fourth degree, known exactly.
///
/// With `b = ((1−t)², t(1−t), t²)` it is `½ Σ products[k][l]·b_k·b_l`.
struct UniverseStep: Sendable {
  /// The products of the three parts: those of the networks' sum, less each network's with itself.
  let products: [[Double]]

  /// Adds up the products of all tensors.
  init(_ parts: [[[Double]]]) {
    var products = Array(repeating: Array(repeating: 0.0, count: 3), count: 3)
    for part in parts {
      for row in 0..<3 {
        for column in 0..<3 { products[row][column] += part[row][column] }
      }
    }
    self.products = products
  }

  /// The products of one tensor.
  ///
  /// - Parameter parts: for each network the three parts of its image on the step.
  static func products(_ count: Int, parts: (Int) -> [[Float]]) -> [[Double]] {
    var sums: [[Float]] = []
    var result = Array(repeating: Array(repeating: 0.0, count: 3), count: 3)
    for model in 0..<count {
      let own = parts(model)
      add(own, times: -1, to: &result)
      if sums.isEmpty {
        sums = own
      } else {
        for part in 0..<3 { combine(&sums[part], with: own[part], +) }
      }
    }
    if !sums.isEmpty { add(sums, times: 1, to: &result) }
    return result
  }

  private static func add(_ parts: [[Float]], times sign: Double, to result: inout [[Double]]) {
    for row in 0..<3 {
      for column in 0...row {
        let product = sign * dotProduct(parts[row], parts[column])
        result[row][column] += product
        if row != column { result[column][row] += product }
      }
    }
  }

  /// The objective at a place of the step.
  func value(at t: Double) -> Double {
    let basis = [(1 - t) * (1 - t), t * (1 - t), t * t]
    var sum = 0.0
    for row in 0..<3 {
      for column in 0..<3 { sum += products[row][column] * basis[row] * basis[column] }
    }
    return sum / 2
  }

  /// How fast the objective grows at the start.
  var slope: Double { products[0][1] - 2 * products[0][0] }

  /// The place in 0…1 where the objective is largest, to 1e-6.
  var best: Double {
    var (low, high) = (0.0, 1.0)
    while high - low > 1e-6 {
      // The best of 33 places, then between its neighbours: the polynomial has few bends.
      let spacing = (high - low) / 32
      let places = (0...32).map { low + Double($0) * spacing }
      let values = places.map(value)
      let top = values.indices.max { values[$0] < values[$1] } ?? 0
      (low, high) = (places[max(0, top - 1)], places[min(32, top + 1)])
    }
    let middle = (low + high) / 2
    return [middle, 0, 1].max { value(at: $0) < value(at: $1) } ?? middle
  }
}
