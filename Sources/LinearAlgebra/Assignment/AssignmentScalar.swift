import CAssignment

/// The type in which a phase of the assignment solver keeps distances and potentials. Costs are
/// always Float32.
protocol AssignmentScalar: BinaryFloatingPoint, Sendable {
  /// A potential so low that a column with it is never improved again.
  static var retiredPotential: Self { get }
  /// A distance above every real one and below what a retired potential gives.
  static var retiredDistance: Self { get }

  /// Relaxes a row's edges: see `wsl_relax_float`.
  static func relax(
    _ row: UnsafePointer<Float>, _ potentials: UnsafePointer<Self>,
    _ distances: UnsafeMutablePointer<Self>, _ predecessors: UnsafeMutablePointer<Int32>,
    offset: Self, index: Int32, count: Int32
  ) -> (smallest: Self, column: Int)

  /// The two smallest reduced costs of a row: see `wsl_two_smallest_float`.
  static func twoSmallest(
    _ row: UnsafePointer<Float>, _ potentials: UnsafePointer<Self>, count: Int32
  ) -> (smallest: Self, second: Self, column: Int)

  /// A column without a row at a distance: see `wsl_free_column_float`.
  static func freeColumn(
    _ distances: UnsafePointer<Self>, _ rowOfColumn: UnsafePointer<Int32>, at distance: Self,
    count: Int32
  ) -> Int32
}

extension Float: AssignmentScalar {
  static var retiredPotential: Float { -1e30 }
  static var retiredDistance: Float { 5e29 }

  static func relax(
    _ row: UnsafePointer<Float>, _ potentials: UnsafePointer<Float>,
    _ distances: UnsafeMutablePointer<Float>, _ predecessors: UnsafeMutablePointer<Int32>,
    offset: Float, index: Int32, count: Int32
  ) -> (smallest: Float, column: Int) {
    let scan = wsl_relax_float(row, potentials, distances, predecessors, offset, index, count)
    return (scan.smallest, Int(scan.column))
  }

  static func twoSmallest(
    _ row: UnsafePointer<Float>, _ potentials: UnsafePointer<Float>, count: Int32
  ) -> (smallest: Float, second: Float, column: Int) {
    let scan = wsl_two_smallest_float(row, potentials, count)
    return (scan.smallest, scan.second, Int(scan.column))
  }

  static func freeColumn(
    _ distances: UnsafePointer<Float>, _ rowOfColumn: UnsafePointer<Int32>, at distance: Float,
    count: Int32
  ) -> Int32 {
    wsl_free_column_float(distances, rowOfColumn, distance, count)
  }
}

extension Double: AssignmentScalar {
  static var retiredPotential: Double { -1e300 }
  static var retiredDistance: Double { 5e299 }

  static func relax(
    _ row: UnsafePointer<Float>, _ potentials: UnsafePointer<Double>,
    _ distances: UnsafeMutablePointer<Double>, _ predecessors: UnsafeMutablePointer<Int32>,
    offset: Double, index: Int32, count: Int32
  ) -> (smallest: Double, column: Int) {
    let scan = wsl_relax_double(row, potentials, distances, predecessors, offset, index, count)
    return (scan.smallest, Int(scan.column))
  }

  static func twoSmallest(
    _ row: UnsafePointer<Float>, _ potentials: UnsafePointer<Double>, count: Int32
  ) -> (smallest: Double, second: Double, column: Int) {
    let scan = wsl_two_smallest_double(row, potentials, count)
    return (scan.smallest, scan.second, Int(scan.column))
  }

  static func freeColumn(
    _ distances: UnsafePointer<Double>, _ rowOfColumn: UnsafePointer<Int32>, at distance: Double,
    count: Int32
  ) -> Int32 {
    wsl_free_column_double(distances, rowOfColumn, distance, count)
  }
}
