/// Exact order statistics of numbers that come in pieces, and come twice: first they are counted by the
/// leading half of their place on the number line, then, where a wanted one lies, by the other half.
struct StreamedQuantiles {
  private static let bucketCount = 1 << 16

  private var counts = [Int](repeating: 0, count: bucketCount)
  /// Where the wanted ones lie: the ranks, and for each its bucket and its place in that.
  private var places: [Double] = []
  private var ranks: [(rank: Int, bucket: Int, place: Int)] = []
  private var lastRank = 0
  /// Which list of finer counts a bucket has; -1 for none.
  private var slots = [Int8](repeating: -1, count: bucketCount)
  private var finer: [[Int]] = []

  /// The first time.
  mutating func count(_ values: UnsafeBufferPointer<Float>) {
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values where value.isFinite {
        counts[Int(QuantileSelection.key(value) >> 16)] += 1
      }
    }
  }

  /// Chooses what is wanted, between the two times.
  mutating func choose(_ probabilities: [Double], finiteCount: Int) {
    lastRank = finiteCount - 1
    places = probabilities.map { $0 * Double(lastRank) }
    let wanted = Set(places.flatMap { [Int($0), min(Int($0) + 1, lastRank)] }).sorted()
    var (bucket, below) = (0, 0)
    for rank in wanted {
      while below + counts[bucket] <= rank {
        below += counts[bucket]
        bucket += 1
      }
      if slots[bucket] < 0 {
        slots[bucket] = Int8(finer.count)
        finer.append([Int](repeating: 0, count: Self.bucketCount))
      }
      ranks.append((rank, bucket, rank - below))
    }
  }

  /// The second time.
  mutating func refine(_ values: UnsafeBufferPointer<Float>) {
    slots.withUnsafeBufferPointer { slots in
      for value in values where value.isFinite {
        let key = QuantileSelection.key(value)
        let slot = Int(slots[Int(key >> 16)])
        if slot >= 0 { finer[slot][Int(key & 0xFFFF)] += 1 }
      }
    }
  }

  /// The quantiles, interpolated linearly.
  var quantiles: [Double] {
    var found: [Int: Double] = [:]
    for (rank, bucket, place) in ranks {
      var (low, below) = (0, 0)
      let counts = finer[Int(slots[bucket])]
      while below + counts[low] <= place {
        below += counts[low]
        low += 1
      }
      found[rank] = Double(QuantileSelection.value(UInt32(bucket) << 16 | UInt32(low)))
    }
    return places.map { place in
      let low = found[Int(place)] ?? .nan
      let high = found[min(Int(place) + 1, lastRank)] ?? .nan
      return low + (high - low) * (place - place.rounded(.down))
    }
  }
}
