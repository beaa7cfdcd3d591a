import Archives
import Catalogs
import CDeflate
import CHDF5
import Support
import Synchronization

/// The CRC-32 of a run of bytes of which threads read pieces, in any order.
final class RunChecksum: Sendable {
  private let run: TensorEntry.CheckedRun
  private let elements: Range<Int>
  private let sums: Mutex<[(sum: UInt32, byteCount: Int)]>

  /// Expects the pieces of a range; nil where that is no part of the run.
  init?(_ run: TensorEntry.CheckedRun, elements: Range<Int>, pieceCount: Int) {
    guard run.range.lowerBound <= elements.lowerBound, elements.upperBound <= run.range.upperBound
    else { return nil }
    (self.run, self.elements) = (run, elements)
    sums = Mutex(Array(repeating: (0, 0), count: pieceCount))
  }

  /// Takes a piece as it is stored.
  func add(_ bytes: UnsafeMutableRawBufferPointer, at piece: Int) {
    let sum = libdeflate_crc32(0, bytes.baseAddress, bytes.count)
    sums.withLock { $0[piece] = (sum, bytes.count) }
  }

  /// Compares, when all pieces were taken. What stands around them is read.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, where the sum is another one.
  func verify(_ file: OpenFile) throws {
    let head = try file.checksum(of: run.range.lowerBound..<elements.lowerBound)
    let tail = elements.upperBound..<run.range.upperBound
    let pieces = sums.withLock { $0 } + [(try file.checksum(of: tail), tail.count)]
    let sum = pieces.reduce(head) { chdf5_join_crc32($0, $1.sum, $1.byteCount) }
    guard sum == run.checksum else { throw TensorEntry.CheckedRun.damaged }
  }
}

extension TensorEntry.CheckedRun {
  /// Reads the whole run and compares.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location, where the sum is another one.
  func verify(_ file: OpenFile) throws {
    guard try file.checksum(of: range) == checksum else { throw Self.damaged }
  }
}
