import Tensors

extension TensorContent {
  /// Takes a run of elements into account.
  ///
  /// - Parameters:
  ///   - start: the place of the first.
  ///   - hashes: memory for as many hashes.
  /// - Complexity: O(elements · types).
  mutating func add(
    _ values: UnsafeBufferPointer<Double>, at start: Int,
    hashes: UnsafeMutableBufferPointer<UInt64>
  ) {
    guard let own = first ?? values.first else { return }
    first = own
    if isConstant { isConstant = values.allSatisfy { $0 == own || $0.isNaN && own.isNaN } }
    for type in Array(levels.keys) {
      guard var level = levels.removeValue(forKey: type) else { continue }
      if type == elementType {
        for at in values.indices { hashes[at] = ContentHash.of(values[at]) }
      } else {
        for at in values.indices { hashes[at] = ContentHash.of(type.rounded(values[at])) }
      }
      add(UnsafeBufferPointer(rebasing: hashes[..<values.count]), at: start, to: &level)
      levels[type] = level
    }
  }

  private func add(_ hashes: UnsafeBufferPointer<UInt64>, at start: Int, to level: inout Level) {
    let last = max(1, shape.last ?? 1)
    let ofLast = slicings.firstIndex { $0.stride == 1 && $0.count == last && $0.axis != nil }
    var ordered: UInt64 = 0
    var unordered: UInt64 = 0
    var at = 0
    while at < hashes.count {
      let place = start + at
      let column = place % last
      let length = min(last - column, hashes.count - at)
      var sum: UInt64 = 0
      for offset in 0..<length {
        let hash = hashes[at + offset]
        sum &+= hash
        ordered &+= ContentHash.placed(hash, at: place + offset)
      }
      if let ofLast {
        level.slices[ofLast].withUnsafeMutableBufferPointer { slices in
          for offset in 0..<length { slices[column + offset] &+= hashes[at + offset] }
        }
      }
      for (number, slicing) in slicings.enumerated() where number != ofLast {
        level.slices[number][(place / slicing.stride) % slicing.count] &+= sum
      }
      unordered &+= sum
      at += length
    }
    level.ordered &+= ordered
    level.unordered &+= unordered
  }
}
