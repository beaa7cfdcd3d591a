import Foundation
import ModelGraph
import Support

/// Where what is added to the products of a query and a key by their positions comes from.
///
/// The numbers of a head lie in one stretch of memory. Those that depend on the distance alone are
/// stored once for each distance, from the most negative on.
struct AttentionBias {
  /// The row of the learned table for each place of a stretch; empty where nothing is learned.
  let rows: [Int]
  /// The rows of the learned table.
  let rowCount: Int
  /// The numbers of a head.
  let headCount: Int
  /// The number for query 0 and key 0.
  let first: Int
  /// From a query to the next.
  let step: Int
  /// The numbers where nothing is learned, head after head.
  let constants: [Float]

  /// The place of the number for a query and the first key; the next key's is the next.
  func place(of query: Int) -> Int { first + query * step }

  /// What the parameters say; nil where positions do not enter.
  ///
  /// - Throws: `Diagnostic` of code `badData` where they cannot be.
  init?(_ attention: Attention, _ sizes: AttentionSizes) throws {
    let distances = sizes.querySteps + sizes.keySteps - 1
    switch attention.bias {
    case .none: return nil
    case .linear:
      (rows, rowCount, headCount) = ([], 0, distances)
      (first, step) = (sizes.querySteps - 1, -1)
      constants = AttentionBias.slopes(sizes.heads).flatMap { slope in
        (0..<distances).map { Float(-slope * Double(abs($0 - sizes.querySteps + 1))) }
      }
    case .buckets(let count, let longest, let isBidirectional):
      let side = isBidirectional ? count / 2 : count
      guard side >= 2, longest > side / 2, !isBidirectional || count % 2 == 0 else {
        throw Diagnostic(
          .badData, "\(count) buckets cannot hold distances up to \(longest)")
      }
      rows = (0..<distances).map {
        AttentionBias.bucket(
          $0 - sizes.querySteps + 1, count: count, longest: longest,
          isBidirectional: isBidirectional)
      }
      (rowCount, headCount, constants) = (count, distances, [])
      (first, step) = (sizes.querySteps - 1, -1)
    case .window:
      guard let side = attention.windows?.size, side * side == sizes.keySteps,
        sizes.querySteps == sizes.keySteps
      else { throw Diagnostic(.badData, "a bias for places of a window needs windows") }
      let span = 2 * side - 1
      rows = (0..<sizes.keySteps).flatMap { query in
        (0..<sizes.keySteps).map { key in
          (query / side - key / side + side - 1) * span + query % side - key % side + side - 1
        }
      }
      (rowCount, headCount, constants) = (span * span, sizes.keySteps * sizes.keySteps, [])
      (first, step) = (0, sizes.keySteps)
    }
  }

  /// The slopes of ALiBi: a geometric series from 2^(−8/n) for a power of two; for other numbers of
  /// heads that of the power of two below, then every other one of the power above (Press et al. 2022
  /// and their code).
  static func slopes(_ heads: Int) -> [Double] {
    let power = 1 << (Int.bitWidth - 1 - max(1, heads).leadingZeroBitCount)
    func series(_ count: Int) -> [Double] {
      (1...count).map { pow(2, -8 * Double($0) / Double(count)) }
    }
    let rest = heads - power
    return series(power)
      + series(2 * power).enumerated().filter { $0.offset % 2 == 0 }.map(\.element).prefix(rest)
  }

  /// The bucket of a distance from the query to the key (Raffel et al. 2020, section 2.1, and their
  /// code): one for each short distance, logarithmic ones up to the longest. In Float32 as there, so
  /// that distances between two buckets fall into the same.
  static func bucket(
    _ distance: Int, count: Int, longest: Int, isBidirectional: Bool
  ) -> Int {
    let side = isBidirectional ? count / 2 : count
    let start = isBidirectional && distance > 0 ? side : 0
    let length = isBidirectional ? abs(distance) : max(0, -distance)
    let exact = side / 2
    if length < exact { return start + length }
    let share =
      logf(Float(length) / Float(exact)) / Float(log(Double(longest) / Double(exact)))
      * Float(side - exact)
    return start + min(side - 1, exact + Int(share))
  }
}
