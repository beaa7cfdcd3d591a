import LinearAlgebra
import ModelGraph
import Tensors

/// Where the units of a group lie along one axis of a tensor.
struct UnitSlices {
  private let inner: Int
  private let outer: Int
  private let length: Int
  private let runs: [PermutationGroup.Member.Run]
  private let units: Int

  init(_ member: PermutationGroup.Member, units: Int, shape: [Int]) {
    inner = shape[(member.axis + 1)...].reduce(1, *)
    outer = shape[..<member.axis].reduce(1, *)
    length = shape[member.axis]
    runs = member.runs
    self.units = units
  }

  /// The places of a unit's elements, in the same order for every unit.
  func places(of unit: Int) -> [Int] {
    var places: [Int] = []
    for block in 0..<outer {
      for run in runs {
        for entry in 0..<run.width {
          let start = (block * length + run.start + unit * run.width + entry) * inner
          places += start..<start + inner
        }
      }
    }
    return places
  }

  /// Divides the elements of each unit by their norm; a unit of zeros stays.
  func normalise(_ values: inout [Float]) {
    for unit in 0..<units {
      var sum = 0.0
      forEach(unit) { sum += Double(values[$0]) * Double(values[$0]) }
      guard sum > 0 else { continue }
      let factor = Float(1 / sum.squareRoot())
      forEach(unit) { values[$0] *= factor }
    }
  }

  private func forEach(_ unit: Int, _ body: (Int) -> Void) {
    for block in 0..<outer {
      for run in runs {
        let start = (block * length + run.start + unit * run.width) * inner
        for place in start..<start + run.width * inner { body(place) }
      }
    }
  }

  /// A row a unit: some of its elements, each less its mean over the units, the row of length one.
  ///
  /// - Parameter most: at most so many elements a unit, evenly spread.
  func rows(_ chosen: [Int], of values: [Float], most: Int) -> Matrix<Float> {
    let all = places(of: chosen.first ?? 0).count
    let step = max(1, (all + most - 1) / most)
    let count = (all + step - 1) / step
    var rows = [Float](repeating: 0, count: chosen.count * count)
    for (row, unit) in chosen.enumerated() {
      let places = places(of: unit)
      for column in 0..<count { rows[row * count + column] = values[places[column * step]] }
    }
    for column in 0..<count {
      var sum = 0.0
      for row in chosen.indices { sum += Double(rows[row * count + column]) }
      let mean = Float(sum / Double(max(1, chosen.count)))
      for row in chosen.indices { rows[row * count + column] -= mean }
    }
    for row in chosen.indices {
      var sum = 0.0
      for column in 0..<count {
        let value = Double(rows[row * count + column])
        sum += value * value
      }
      guard sum > 1e-20 else { continue }
      let factor = Float(1 / sum.squareRoot())
      for column in 0..<count { rows[row * count + column] *= factor }
    }
    return Matrix(rows: chosen.count, columns: count, values: rows)
  }
}
