import Reports
import ZooIndex

/// Numbers as pages show them.
enum PageNumber {
  /// A number with six significant digits.
  static func text(_ number: Double) -> String { NumberFormat.significant(number) }

  /// A coefficient with two decimals: `0.97`, `−0.10`.
  static func coefficient(_ number: Double) -> String {
    NumberFormat.fixed(number, decimals: 2)
  }

  /// A number of things, in groups of three.
  static func count(_ number: Int) -> String { NumberFormat.grouped(number) }
}
