/// Counts and sums of three measures, by the candidates that each value lies between; every triple of
/// candidates is then judged without looking at the cells again.
struct ScatterTable {
  private let cuts: [Int]
  private let sums: [Double]
  private let total: Scatter
  /// What is added to the diagonal: a millionth, so that phases of a single cell do not win by having no
  /// scatter; 1 for a measure that does not vary.
  private let ridges: (Double, Double, Double)

  /// The sums of the products of three measures.
  private struct Scatter {
    var xx = 0.0
    var xy = 0.0
    var xz = 0.0
    var yy = 0.0
    var yz = 0.0
    var zz = 0.0

    /// Takes a phase's mean out: s sᵀ / n.
    mutating func remove(_ count: Double, _ x: Double, _ y: Double, _ z: Double) {
      guard count > 1e-9 else { return }
      let share = 1 / count
      xx -= x * x * share
      xy -= x * y * share
      xz -= x * z * share
      yy -= y * y * share
      yz -= y * z * share
      zz -= z * z * share
    }

    func determinant(_ ridges: (Double, Double, Double)) -> Double {
      let (a, d, f) = (xx + ridges.0, yy + ridges.1, zz + ridges.2)
      return a * (d * f - yz * yz) - xy * (xy * f - yz * xz) + xz * (xy * yz - d * xz)
    }
  }

  /// Makes the table, of values that it standardises.
  init(rows: [[Double]], weights: [Double], cuts candidates: [[Double]]) {
    cuts = candidates.map(\.count)
    let n = weights.reduce(0, +)
    let means = (0..<3).map { axis in
      zip(rows, weights).reduce(0) { $0 + $1.1 * $1.0[axis] } / n
    }
    let deviations = (0..<3).map { axis in
      (zip(rows, weights).reduce(0) {
        $0 + $1.1 * ($1.0[axis] - means[axis]) * ($1.0[axis] - means[axis])
      } / n).squareRoot()
    }
    let varies = deviations.map { $0 > 1e-12 }
    let (height, depth) = (candidates[1].count + 1, candidates[2].count + 1)
    let width = candidates[0].count + 1
    var sums = [Double](repeating: 0, count: (width + 1) * (height + 1) * (depth + 1) * 4)
    var total = Scatter()
    func place(_ x: Int, _ y: Int, _ z: Int) -> Int {
      ((x * (height + 1) + y) * (depth + 1) + z) * 4
    }
    for (row, weight) in zip(rows, weights) {
      let z = (0..<3).map { varies[$0] ? (row[$0] - means[$0]) / deviations[$0] : 0 }
      let bins = (0..<3).map { Self.bin(row[$0], candidates[$0], isAbove: $0 == 0) }
      let at = place(bins[0] + 1, bins[1] + 1, bins[2] + 1)
      sums[at] += weight
      for axis in 0..<3 { sums[at + 1 + axis] += weight * z[axis] }
      total.xx += weight * z[0] * z[0]
      total.xy += weight * z[0] * z[1]
      total.xz += weight * z[0] * z[2]
      total.yy += weight * z[1] * z[1]
      total.yz += weight * z[1] * z[2]
      total.zz += weight * z[2] * z[2]
    }
    // Running sums along each axis in turn.
    for x in 0...width {
      for y in 0...height {
        for z in 0...depth {
          for part in 0..<4 {
            if z > 0 { sums[place(x, y, z) + part] += sums[place(x, y, z - 1) + part] }
          }
        }
      }
    }
    for x in 0...width {
      for y in 1..<(height + 1) {
        for z in 0...depth {
          for part in 0..<4 { sums[place(x, y, z) + part] += sums[place(x, y - 1, z) + part] }
        }
      }
    }
    for x in 1..<(width + 1) {
      for y in 0...height {
        for z in 0...depth {
          for part in 0..<4 { sums[place(x, y, z) + part] += sums[place(x - 1, y, z) + part] }
        }
      }
    }
    let ridge = varies.map { $0 ? 1e-6 * n : 1 }
    ridges = (ridge[0], ridge[1], ridge[2])
    self.sums = sums
    self.total = total
  }

  /// How many candidates a value has passed: for losses those below it, for the others those up to it.
  private static func bin(_ value: Double, _ candidates: [Double], isAbove: Bool) -> Int {
    var (low, high) = (0, candidates.count)
    while low < high {
      let middle = (low + high) / 2
      if isAbove ? candidates[middle] < value : candidates[middle] <= value {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// The best candidate of each axis; nil for an axis without any.
  func best() -> [Int?] {
    var least = Double.infinity
    var found: [Int?] = [nil, nil, nil]
    let (width, height, depth) = (cuts[0] + 1, cuts[1] + 1, cuts[2] + 1)
    let stride = (height + 1) * (depth + 1) * 4
    for a in 0..<max(1, cuts[0]) {
      // Low losses are those of the bins up to a; without a candidate, all.
      let x = cuts[0] == 0 ? width : a + 1
      for b in 0..<max(1, cuts[1]) {
        let y = cuts[1] == 0 ? 0 : b + 1
        func at(_ x: Int, _ y: Int, _ z: Int) -> Int { x * stride + (y * (depth + 1) + z) * 4 }
        let lowBad = at(x, y, depth)
        let bad = at(width, y, depth)
        let low = at(x, height, depth)
        let all = at(width, height, depth)
        var fixed = total
        remove(&fixed, lowBad)
        remove(&fixed, bad, minus: lowBad)
        remove(&fixed, all, minus: low, minus: bad, plus: lowBad)
        for c in 0..<max(1, cuts[2]) {
          let z = cuts[2] == 0 ? depth : c + 1
          let four = at(x, height, z)
          let lowFour = at(x, y, z)
          var within = fixed
          remove(&within, four, minus: lowFour)
          remove(&within, low, minus: lowBad, minus: four, plus: lowFour)
          let determinant = within.determinant(ridges)
          if determinant < least {
            least = determinant
            found = [
              cuts[0] == 0 ? nil : a, cuts[1] == 0 ? nil : b, cuts[2] == 0 ? nil : c,
            ]
          }
        }
      }
    }
    return found
  }

  /// Takes the mean of a phase out, whose counts and sums are a difference of the table's entries.
  private func remove(
    _ scatter: inout Scatter, _ one: Int, minus two: Int? = nil, minus three: Int? = nil,
    plus four: Int? = nil
  ) {
    func part(_ index: Int) -> Double {
      var value = sums[one + index]
      if let two { value -= sums[two + index] }
      if let three { value -= sums[three + index] }
      if let four { value += sums[four + index] }
      return value
    }
    scatter.remove(part(0), part(1), part(2), part(3))
  }
}
