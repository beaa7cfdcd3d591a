import Foundation

/// Places on an axis of the grid: by logarithms where all values are above 0, as widths and batch sizes
/// are, which grow by factors.
enum GridAxis {
  static func isLogarithmic(_ values: [Double]) -> Bool { values.allSatisfy { $0 > 0 } }

  static func place(_ value: Double, in values: [Double]) -> Double {
    isLogarithmic(values) ? log(value) : value
  }

  static func value(_ place: Double, in values: [Double]) -> Double {
    isLogarithmic(values) ? exp(place) : place
  }
}
