import Foundation
import Support

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
  public static func grouped(_ value: Int) -> String { ByteCount.grouped(value) }

  /// A size in binary units: `3.1 MiB`.
  public static func bytes(_ count: Int) -> String { ByteCount.text(count) }

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
