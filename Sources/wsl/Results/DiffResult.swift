import Catalogs
import ModelGraph
import Support
import Tensors
import WeightFiles
import Workbench

/// What `wsl diff` says.
struct DiffResult: Encodable {
  struct Row: Encodable {
    var name: String
    /// The name in B.
    var other: String
    var matchedBy: String
    /// Whether B's tensor was compared with its axes in another order.
    var transposed: Bool
    var shape: [Int]
    var dtype: String
    var otherDtype: String
    var l2: FiniteNumber
    var relative: FiniteNumber
    var cosine: FiniteNumber
    var largestChange: FiniteNumber
    var fractionChanged: FiniteNumber
  }

  struct Tensor: Encodable {
    var name: String
    var shape: [Int]
    var dtype: String
  }

  struct Reshaped: Encodable {
    var name: String
    /// The name in B.
    var other: String
    var shape: [Int]
    var otherShape: [Int]
  }

  struct Total: Encodable {
    var tensors: Int
    var elements: Int
    var changedTensors: Int
    var l2: FiniteNumber
    var relative: FiniteNumber
    var cosine: FiniteNumber
    var largestChange: FiniteNumber
    var fractionChanged: FiniteNumber
  }

  var a: String
  var b: String
  var tensors: [Row]
  var added: [Tensor]
  var removed: [Tensor]
  var reshaped: [Reshaped]
  var total: Total
  /// What is not read as numbers in one of the files.
  var unread: [Unread]
  /// Whether nothing differs: no element, no type, no name, no byte of what is not read as numbers; null
  /// where nothing that could be compared does, and not all could be.
  @OrNull var identical: Bool?
  /// Whether the limit is exceeded; left out without one.
  var exceeds: Bool?
  var pairing: PairingRow
  var warnings: [String]
}

extension DiffResult {
  /// Gathers the rows.
  init(
    _ pairing: FilePairing, _ comparison: FileComparison, _ comparisonOfUnread: UnreadComparison,
    _ first: Catalog, _ second: Catalog, limit: Double?
  ) {
    a = first.file
    b = second.file
    self.pairing = PairingRow(pairing, with: second.file)
    let rows = zip(pairing.pairs, comparison.differences).map { pair, difference in
      let (one, other) = (first.tensors[pair.first], second.tensors[pair.second])
      return Row(
        name: one.name, other: other.name, matchedBy: pair.reason.rawValue,
        transposed: pair.axes != nil, shape: one.shape, dtype: one.storedTypeName,
        otherDtype: other.storedTypeName, l2: FiniteNumber(difference.l2),
        relative: FiniteNumber(difference.relative), cosine: FiniteNumber(difference.cosine),
        largestChange: FiniteNumber(difference.largestChange),
        fractionChanged: FiniteNumber(difference.fractionChanged))
    }
    tensors = NaturalOrder.listed(rows, by: \.name)
    unread = Unread.rows(comparisonOfUnread)
    // What one file reads and the other does not is neither added nor removed.
    let aside = Unread.names(comparisonOfUnread)
    added = NaturalOrder.listed(
      pairing.added.map { Tensor(second.tensors[$0]) }.filter { !aside.contains($0.name) }
        + comparisonOfUnread.added.compactMap(Tensor.init), by: \.name)
    removed = NaturalOrder.listed(
      pairing.removed.map { Tensor(first.tensors[$0]) }.filter { !aside.contains($0.name) }
        + comparisonOfUnread.removed.compactMap(Tensor.init), by: \.name)
    let others = pairing.reshaped.map { pair in
      let (one, other) = (first.tensors[pair.first], second.tensors[pair.second])
      return Reshaped(
        name: one.name, other: other.name, shape: one.shape, otherShape: other.shape)
    }
    reshaped = NaturalOrder.listed(others, by: \.name)
    let sum = comparison.total
    total = Total(
      tensors: tensors.count, elements: sum.count,
      changedTensors: comparison.differences.count { $0.changedCount > 0 },
      l2: FiniteNumber(sum.l2), relative: FiniteNumber(sum.relative),
      cosine: FiniteNumber(sum.cosine), largestChange: FiniteNumber(sum.largestChange),
      fractionChanged: FiniteNumber(sum.fractionChanged))
    let isSameShape = added.isEmpty && removed.isEmpty && reshaped.isEmpty
    let isSame =
      isSameShape && sum.changedCount == 0 && unread.allSatisfy { $0.outcome != .changed }
      && tensors.allSatisfy { $0.name == $0.other && $0.dtype == $0.otherDtype && !$0.transposed }
    // Of nothing, nothing is known.
    let isAll =
      unread.allSatisfy { $0.outcome == .same } && !(tensors.isEmpty && unread.isEmpty)
    identical = isSame && !isAll ? nil : isSame
    exceeds = limit.map { limit in
      !isSameShape || !isAll || comparison.differences.contains { !($0.relative <= limit) }
    }
    warnings = pairing.notes
    for (pair, difference) in zip(pairing.pairs, comparison.differences) {
      let counts = difference.nonFiniteCounts
      if counts != (0, 0) {
        warnings.append(
          "\(first.tensors[pair.first].name): \(counts.first) elements of A and \(counts.second) of "
            + "B are not finite; what cannot be told is null")
      }
    }
    for catalog in [first, second] {
      let unread = catalog.unreadObjects
      if !unread.isEmpty {
        warnings.append("\(catalog.file): not read as numbers: \(unread.listed(most: 8))")
      }
      let others = catalog.skipped.filter { $0.tensorCount == 0 }
      if !others.isEmpty {
        warnings.append("\(catalog.file): no tensors: \(others.listed())")
      }
    }
  }
}

extension DiffResult.Tensor {
  fileprivate init(_ entry: TensorEntry) {
    name = entry.name
    shape = entry.shape
    dtype = entry.storedTypeName
  }
}
