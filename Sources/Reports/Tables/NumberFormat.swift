import Foundation

/// Numbers as people read them. The result never depends on the user's locale.
public enum NumberFormat {
  /// A number with a fixed count of decimals: `0.0150`.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let text = String(format: "%.\(decimals)f", value)
    // A negative number that rounds to zero is zero.
    return text.hasPrefix("-") && text.allSatisfy({ "-0.".contains($0) })
      ? String(text.dropFirst()) : text
  }

  /// A number with so many significant digits, without needless zeros: `2083.5`, `1.2e-07`.
  public static func significant(_ value: Double, digits: Int = 6) -> String {
    guard value.isFinite else { return fixed(value, decimals: 0) }
    return String(format: "%.\(digits)g", value)
  }

  /// A share as a percentage: `97.5 %`.
  public static func percent(_ share: Double, decimals: Int = 1) -> String {
    fixed(share * 100, decimals: decimals) + " %"
  }

  /// An integer with thin groups of three: `1 234 567`.
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

  /// A size in binary units: `3.1 MiB`.
  public static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return fixed(value, decimals: unit == 0 ? 0 : 1) + " " + units[unit]
  }

  /// A duration: `0.42 s`, `3 min 20 s`.
  public static func seconds(_ value: Double) -> String {
    if value < 60 { return fixed(value, decimals: 2) + " s" }
    let whole = Int(value.rounded())
    return "\(whole / 60) min \(whole % 60) s"
  }

  /// The lengths of a tensor's axes: `[512, 784]`.
  public static func shape(_ shape: [Int]) -> String {
    "[" + shape.map(String.init).joined(separator: ", ") + "]"
  }
}
