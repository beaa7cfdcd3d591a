import LinearAlgebra

/// The order of units, with or without signs, that makes a sum of inner products largest.
enum UnitAssignment {
  /// - Parameters:
  ///   - carrying: the inner products of A's units with B's where the sign counts.
  ///   - plain: those where it does not.
  ///   - hasSigns: whether signs may change.
  /// - Throws: `Diagnostic(.badData)` where a product is not finite.
  /// - Complexity: O(n³) at worst.
  static func best(
    carrying: Matrix<Float>, plain: Matrix<Float>, hasSigns: Bool
  ) throws -> UnitMap {
    var costs = carrying
    for index in costs.values.indices {
      let product = carrying.values[index]
      costs.values[index] = -(plain.values[index] + (hasSigns ? abs(product) : product))
    }
    var solver = LinearAssignment(size: costs.rows)
    let order = try solver.minimize(costs).columns
    guard hasSigns else { return .order(order, factors: nil) }
    return .order(
      order, factors: order.enumerated().map { carrying[$0, $1] < 0 ? -1 : 1 })
  }
}
