/// Exact order statistics without sorting everything: elements are counted by the leading bits of
/// their place on the number line, and only the neighbourhoods that are asked for are sorted.
struct QuantileSelection {
  private static let bucketBits: UInt32 = 12
  private static let smallCount = 256
  private let values: UnsafeBufferPointer<Float>
  private let finiteCount: Int

  /// Prepares to select among the finite of some numbers.
  init(_ values: UnsafeBufferPointer<Float>, finiteCount: Int) {
    self.values = values
    self.finiteCount = finiteCount
  }

  /// The quantiles at some probabilities, interpolated linearly. There is a finite element.
  func quantiles(_ probabilities: [Double]) -> [Double] {
    let places = probabilities.map { $0 * Double(finiteCount - 1) }
    let ranks = Set(places.flatMap { [Int($0), min(Int($0) + 1, finiteCount - 1)] }).sorted()
    let found = Dictionary(uniqueKeysWithValues: zip(ranks, elements(at: ranks)))
    return places.map { place in
      let low = Double(found[Int(place)] ?? .nan)
      let high = Double(found[min(Int(place) + 1, finiteCount - 1)] ?? .nan)
      return low + (high - low) * (place - place.rounded(.down))
    }
  }

  /// The elements of some ranks, which ascend.
  private func elements(at ranks: [Int]) -> [Float] {
    if values.count <= QuantileSelection.smallCount {
      let sorted = values.filter(\.isFinite).sorted()
      return ranks.map { sorted[$0] }
    }
    let shift = 32 - QuantileSelection.bucketBits
    var counts = [Int](repeating: 0, count: 1 << Int(QuantileSelection.bucketBits))
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values where value.isFinite { counts[Int(Self.key(value) >> shift)] += 1 }
    }
    // For each bucket in which a rank falls: how many elements lie below it.
    var wanted: [Int: Int] = [:]
    var buckets: [Int] = []
    var below = 0
    var next = 0
    for bucket in counts.indices where next < ranks.count {
      let end = below + counts[bucket]
      while next < ranks.count, ranks[next] < end {
        if wanted[bucket] == nil { wanted[bucket] = below }
        buckets.append(bucket)
        next += 1
      }
      below = end
    }
    let members = gather(Set(buckets), counts: counts, shift: shift)
    return zip(ranks, buckets).map { rank, bucket in
      let place = rank - (wanted[bucket] ?? 0)
      return Self.value(members[bucket]?[place] ?? 0)
    }
  }

  /// The sorted keys of some buckets.
  private func gather(_ buckets: Set<Int>, counts: [Int], shift: UInt32) -> [Int: [UInt32]] {
    let slots = buckets.sorted()
    var slotOf = [Int16](repeating: -1, count: counts.count)
    for (slot, bucket) in slots.enumerated() { slotOf[bucket] = Int16(slot) }
    var starts = [0]
    for bucket in slots { starts.append(starts[starts.count - 1] + counts[bucket]) }
    var keys = [UInt32](repeating: 0, count: starts[slots.count])
    var ends = starts
    keys.withUnsafeMutableBufferPointer { keys in
      ends.withUnsafeMutableBufferPointer { ends in
        slotOf.withUnsafeBufferPointer { slotOf in
          for value in values where value.isFinite {
            let key = Self.key(value)
            let slot = Int(slotOf[Int(key >> shift)])
            if slot >= 0 {
              keys[ends[slot]] = key
              ends[slot] += 1
            }
          }
        }
      }
    }
    return Dictionary(
      uniqueKeysWithValues: slots.enumerated().map { slot, bucket in
        (bucket, keys[starts[slot]..<starts[slot + 1]].sorted())
      })
  }

  /// A number whose order among integers is that of the element among numbers; zeros are one.
  @inline(__always)
  static func key(_ value: Float) -> UInt32 {
    let bits = (value == 0 ? 0 : value).bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }

  static func value(_ key: UInt32) -> Float {
    Float(bitPattern: key & 0x8000_0000 == 0 ? ~key : key & 0x7FFF_FFFF)
  }
}
