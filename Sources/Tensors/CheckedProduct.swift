/// The product of lengths that are not negative; nil where one is, or it overflows. Zero lengths do
/// not hide an overflow of the others.
public func checkedProduct(_ lengths: [Int]) -> Int? {
  var product = 1
  var isZero = false
  for length in lengths {
    if length < 0 { return nil }
    if length == 0 {
      isZero = true
      continue
    }
    let (next, overflow) = product.multipliedReportingOverflow(by: length)
    if overflow { return nil }
    product = next
  }
  return isZero ? 0 : product
}
