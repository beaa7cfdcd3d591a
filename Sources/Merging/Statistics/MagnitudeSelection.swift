import CMerging
import Synchronization

/// The magnitudes of one model's differences at given ranks, exactly, without holding or sorting
/// them all: bit patterns of magnitudes are counted by their leading bits, 16 more in each pass,
/// until what is left can be collected.
///
/// - Complexity: O(elements) a pass; two passes where magnitudes are spread, at most five.
struct MagnitudeSelection {
  /// The differences.
  let scan: DifferenceScan
  /// Whose.
  let model: Int
  /// Up to how many elements are collected and sorted.
  var collectedCount = 1 << 20

  /// How far patterns are shifted down in each pass.
  private static let shifts = [47, 31, 15, 0]

  /// Patterns that begin with the same bits, and the ranks that are among them.
  private struct Group {
    var prefix: UInt64
    var ranks: [Int]
    var count: Int
  }

  /// The magnitudes.
  ///
  /// - Parameter ranks: places from 0 in rising order of magnitude.
  func magnitudes(at ranks: [Int]) throws -> [Double] {
    var found = [Double](repeating: 0, count: ranks.count)
    // All patterns begin with no bits at all.
    var groups = [Group(prefix: 0, ranks: Array(ranks.indices), count: scan.count)]
    var local = ranks
    var shift = 63
    for next in MagnitudeSelection.shifts {
      if groups.reduce(0, { $0 + $1.count }) <= collectedCount { break }
      groups = try divide(groups, at: next, from: shift, &local)
      shift = next
    }
    for group in groups {
      let values =
        shift == 0 ? nil : try collect(group.prefix, at: shift).sorted()
      for rank in group.ranks {
        found[rank] = Double(bitPattern: values?[local[rank]] ?? group.prefix)
      }
    }
    return found
  }

  /// Divides groups by further bits. `local` becomes the ranks within the new groups.
  private func divide(
    _ groups: [Group], at shift: Int, from before: Int, _ local: inout [Int]
  ) throws -> [Group] {
    var divided: [Group] = []
    for group in groups {
      let bins = try count(group.prefix, at: shift, from: before)
      for rank in group.ranks {
        var place = local[rank]
        var bin = 0
        while bin < bins.count - 1, place >= Int(bins[bin]) {
          place -= Int(bins[bin])
          bin += 1
        }
        local[rank] = place
        let prefix = group.prefix << UInt64(before - shift) | UInt64(bin)
        if let known = divided.firstIndex(where: { $0.prefix == prefix }) {
          divided[known].ranks.append(rank)
        } else {
          divided.append(Group(prefix: prefix, ranks: [rank], count: Int(bins[bin])))
        }
      }
    }
    return divided
  }

  /// How many patterns with a prefix have each next value of their bits.
  private func count(_ prefix: UInt64, at shift: Int, from before: Int) throws -> [UInt64] {
    let width = 1 << (before - shift)
    let total = Mutex([UInt64](repeating: 0, count: width))
    _ = try scan.map { tensor, range, workspace in
      var bins = [UInt64](repeating: 0, count: width)
      try tensor.forEachDifference(of: model, range, in: workspace) { _, values in
        if before == 63 {
          wsl_count_magnitudes(values.baseAddress, Int64(values.count), Int32(shift), &bins)
          return
        }
        for value in values {
          let pattern = value.magnitude.bitPattern
          if pattern >> UInt64(before) == prefix {
            bins[Int(pattern >> UInt64(shift)) & (width - 1)] += 1
          }
        }
      }
      total.withLock { total in
        for bin in bins.indices where bins[bin] != 0 { total[bin] += bins[bin] }
      }
    }
    return total.withLock { $0 }
  }

  /// The patterns with a prefix, in no order.
  private func collect(_ prefix: UInt64, at shift: Int) throws -> [UInt64] {
    try scan.map { tensor, range, workspace in
      var patterns: [UInt64] = []
      try tensor.forEachDifference(of: model, range, in: workspace) { _, values in
        for value in values {
          let pattern = value.magnitude.bitPattern
          if pattern >> UInt64(shift) == prefix { patterns.append(pattern) }
        }
      }
      return patterns
    }.flatMap { $0 }
  }
}
