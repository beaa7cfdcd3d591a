/// What an equation such as `abc,cde->abde` says of the axes of a kernel.
struct EinsumEquation: Hashable {
  /// What each axis of the kernel is: summed over (a row), new in the output (a column), or in both
  /// (each index has a matrix of its own).
  let roles: [SpectralLayer.AxisRole]

  /// Reads an equation of an input and a kernel; nil where it is none.
  init?(_ text: String) {
    let sides = text.filter { !$0.isWhitespace }.replacing("->", with: ">").split(
      separator: ">", omittingEmptySubsequences: false)
    guard sides.count == 2 else { return nil }
    let operands = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard operands.count == 2, Set(operands[1]).count == operands[1].count else { return nil }
    var roles: [SpectralLayer.AxisRole] = []
    for letter in operands[1] {
      switch (operands[0].contains(letter), sides[1].contains(letter)) {
      case (true, false): roles.append(.row)
      case (false, true): roles.append(.column)
      case (true, true): roles.append(.slice)
      case (false, false): return nil
      }
    }
    guard roles.contains(.row), roles.contains(.column) else { return nil }
    self.roles = roles
  }
}
