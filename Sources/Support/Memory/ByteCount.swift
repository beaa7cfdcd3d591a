import Foundation

/// Sizes as people read them.
public enum ByteCount {
  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

  /// A size in binary units: `3.1 MiB`. It never depends on the user's locale.
  public static func text(_ count: Int) -> String {
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return String(format: "%.\(unit == 0 ? 0 : 1)f", value) + " " + units[unit]
  }

  /// A size for a sentence: `384 MiB`, `9.2 GiB`.
  public static func rough(_ count: Int) -> String {
    let text = text(count)
    let number = text.prefix { $0 != " " }
    guard number.hasSuffix(".0") || number.count > 4 else { return text }
    return String(number.prefix { $0 != "." }) + text.dropFirst(number.count)
  }

  /// A count with thin groups of three: `1 234 567`.
  public static func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    groups.insert(digits, at: 0)
    return (value < 0 ? "-" : "") + groups.joined(separator: " ")
  }
}
