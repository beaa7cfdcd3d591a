/// Counts that come from files.
enum CheckedCount {
  /// The product of lengths; nil where one is negative or it overflows.
  static func product(_ lengths: [Int]) -> Int? {
    var product = 1
    for length in lengths {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { return nil }
      product = next
    }
    return product
  }
}
