/// How far two lists of numbers rank alike.
public enum RankCorrelation {
  /// Spearman's coefficient (1904): the correlation of the ranks, where equal values share their mean
  /// rank; 0 where all values of a list are equal.
  ///
  /// - Complexity: O(n²).
  public static func spearman(_ left: [Double], _ right: [Double]) -> Double {
    func ranks(_ values: [Double]) -> [Double] {
      values.map { value in
        Double(values.count { $0 < value }) + Double(values.count { $0 == value } - 1) / 2
      }
    }
    let (a, b) = (ranks(left), ranks(right))
    let middle = Double(a.count - 1) / 2
    var (product, own, its) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += (x - middle) * (y - middle)
      own += (x - middle) * (x - middle)
      its += (y - middle) * (y - middle)
    }
    let norms = (own * its).squareRoot()
    return norms > 0 ? product / norms : 0
  }
}
