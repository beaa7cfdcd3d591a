/// Arithmetic on lengths that a file gave: nothing overflows, nothing traps.
enum CheckedShape {
  /// The largest length of an axis that is believed. Larger ones are damage or malice.
  static let longestAxis = Int(Int32.max)
  /// The largest number of axes that is believed.
  static let mostAxes = 8

  /// The product of the lengths; nil where it overflows.
  static func product(_ lengths: some Sequence<Int>) -> Int? {
    var result = 1
    for length in lengths {
      let (next, overflows) = result.multipliedReportingOverflow(by: length)
      if overflows { return nil }
      result = next
    }
    return result
  }

  /// The product of the lengths; nil where it overflows or a length is not known.
  static func product(_ lengths: some Sequence<Int?>) -> Int? {
    var known: [Int] = []
    for length in lengths {
      guard let length else { return nil }
      known.append(length)
    }
    return product(known)
  }

  /// Whether every length, where known, is one that can be believed.
  static func isPlausible(_ shape: [Int?]) -> Bool {
    shape.count <= mostAxes
      && shape.allSatisfy { length in length.map { $0 >= 1 && $0 <= longestAxis } ?? true }
  }
}

/// A shape as a person writes it: `28×28×1`, with `?` for a length that is not known.
func describe(_ shape: [Int?]) -> String {
  if shape.isEmpty { return "scalar" }
  return shape.map { $0.map(String.init) ?? "?" }.joined(separator: "×")
}

/// A shape as a person writes it.
func describe(_ shape: [Int]) -> String { describe(shape.map(Optional.some)) }
