/// How far two lists of numbers rank alike.
public enum RankCorrelation {
  /// Spearman's coefficient (1904): the correlation of the ranks, where equal values share their mean
  /// rank; 0 where one list does not vary.
  ///
  /// - Complexity: O(n log n).
  public static func spearman(_ left: [Double], _ right: [Double]) -> Double {
    precondition(left.count == right.count, "both lists have one length")
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

  /// The ranks from 0; equal values share their mean rank.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
      for place in start...end { ranks[order[place]] = Double(start + end) / 2 }
      start = end + 1
    }
    return ranks
  }
}
