import LinearAlgebra
import Support
import Testing
import WeightFiles

@testable import Signatures

/// Digests that are taken part by part, and two at once.
@Suite struct RunningDigestTests {
  private static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private func part(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      rebasing: bytes[min(start, bytes.count)..<min(start + count, bytes.count)])
  }

  @Test("is SHA-256, whatever the lengths", arguments: [false, true])
  func lengths(portable: Bool) {
    let lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 192, 1000, 16_384, 40_001]
    for (index, length) in lengths.enumerated() {
      for otherLength in [lengths[lengths.count - 1 - index], length, 300] {
        let one = Self.bytes(length, seed: 1)
        let two = Self.bytes(otherLength, seed: 2)
        var first = RunningDigest(portable: portable)
        // One of them may be portable, and the other not.
        var second = RunningDigest(portable: portable && otherLength != 300)
        one.withUnsafeBytes { one in
          two.withUnsafeBytes { two in
            for start in stride(from: 0, to: max(length, otherLength), by: 4096) {
              RunningDigest.update(
                &first, part(one, start, 4096), &second, part(two, start, 4096))
            }
          }
        }
        let found = (first.finish(), second.finish())
        #expect(found.0 == SHA256.digest(of: one).hexadecimal)
        #expect(found.1 == SHA256.digest(of: two).hexadecimal)
      }
    }
  }

  @Test("a payload's digest is that of its bytes", arguments: [0, 5, 1 << 20, 5_000_001])
  func payload(count: Int) throws {
    let bytes = Self.bytes(count, seed: 3).map { $0 & 7 }
    var builder = PayloadBuilder(byteCount: count, jobs: nil)
    try builder.append(bytes)
    let payload = try builder.finish()
    for jobs in [1, 3] {
      #expect(try payload.digest(jobs: jobs) == SHA256.digest(of: bytes))
    }
  }
}
