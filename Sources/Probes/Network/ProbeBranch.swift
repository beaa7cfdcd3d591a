/// How a branch of a probe looks at a matrix X [rows, columns] through its probes U.
public enum ProbeBranch: String, Sendable, Hashable, CaseIterable {
  /// X·U: what the layer answers to inputs.
  case outputs
  /// X·Xᵀ·U: how alike the rows are.
  case rowGram
  /// Xᵀ·U: what reaches the inputs from outputs.
  case inputs
  /// Xᵀ·X·U: how alike the columns are.
  case columnGram

  /// Whether the last factor, which U meets first, is X itself and not its transpose.
  var beginsPlain: Bool { self == .outputs || self == .columnGram }
  /// Whether there are two factors.
  var isGram: Bool { self == .rowGram || self == .columnGram }

  /// The number of rows of U.
  func inputCount(rows: Int, columns: Int) -> Int { beginsPlain ? columns : rows }
  /// The number of rows of the response.
  func pointCount(rows: Int, columns: Int) -> Int {
    self == .outputs || self == .rowGram ? rows : columns
  }
}
