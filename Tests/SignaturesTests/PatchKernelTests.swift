import CElements
import LinearAlgebra
import Support
import Testing

@testable import Signatures

/// The arithmetic of patching and its undoing, on every kind of bits.
@Suite struct PatchKernelTests {
  @Test("any bits come back from any patch", arguments: [1.0, 0.75, 0.3, 0])
  func reversible(keep: Double) throws {
    try check(StoredHalf.self, WSLFloat16, keep)
    try check(StoredBrainFloat.self, WSLBrainFloat16, keep)
    try check(StoredSingle.self, WSLFloat32, keep)
    try check(StoredDouble.self, WSLFloat64, keep)
  }

  private func check<Stored: StoredFloat>(
    _ type: Stored.Type, _ kernel: WSLElementType, _ keep: Double
  ) throws {
    var random = SeededGenerator(seed: 5)
    let count = 20_011
    let old = (0..<count).map { _ in Stored.Bits(truncatingIfNeeded: random.next()) }
    let adds = (0..<count).map { index -> Double in
      let size = Double(index % 40) - 20
      return index % 7 < 3
        ? -0.0 : random.normal() * Double(sign: .plus, exponent: Int(size), significand: 1)
    }
    let size = MemoryLayout<Stored.Bits>.size
    var bits = old
    var record: [UInt8] = []
    var buffer = try UndoBuffer()
    // In parts, as files go through it.
    func forEachPart(_ body: (Range<Int>) throws -> Void) rethrows {
      for first in stride(from: 0, to: count, by: 4096) {
        try body(first..<min(count, first + 4096))
      }
    }
    try bits.withUnsafeMutableBytes { bytes in
      try adds.withUnsafeBufferPointer { adds in
        let add = try #require(adds.baseAddress)
        forEachPart { part in
          let range = (size * part.lowerBound)..<(size * part.upperBound)
          buffer.patch(
            UnsafeMutableRawBufferPointer(rebasing: bytes[range]), kernel, count: part.count,
            add: add + part.lowerBound, keep: keep)
        }
        try buffer.flush(to: &record)
        for index in 0..<count {
          let value = Stored.double(old[index])
          let new = bytes.load(fromByteOffset: index * size, as: Stored.Bits.self)
          let wanted = value.isFinite ? Stored.bits(keep * value + adds[index]) : old[index]
          #expect(new == wanted)
        }
        var position = 0
        try buffer.take(count, from: record, at: &position)
        #expect(position == record.count)
        try forEachPart { part in
          let range = (size * part.lowerBound)..<(size * part.upperBound)
          try buffer.restore(
            UnsafeMutableRawBufferPointer(rebasing: bytes[range]), kernel, count: part.count,
            add: add + part.lowerBound, keep: keep)
        }
        try buffer.checkUsed()
      }
    }
    #expect(bits == old)
  }

  @Test("what nothing is added to takes no room", arguments: [WSLFloat16, WSLFloat32])
  func sparse(type: WSLElementType) throws {
    var buffer = try UndoBuffer()
    var elements = [UInt32](repeating: 0x3C01_3C01, count: 4096)
    let adds = [Double](repeating: -0.0, count: 4096)
    var record: [UInt8] = []
    elements.withUnsafeMutableBytes { bytes in
      adds.withUnsafeBufferPointer { adds in
        guard let add = adds.baseAddress else { return }
        buffer.patch(bytes, type, count: 4096, add: add, keep: 1)
      }
    }
    try buffer.flush(to: &record)
    #expect(record == [0, 0, 0, 0] && elements.allSatisfy { $0 == 0x3C01_3C01 })
  }

  @Test("a record that was cut short or overwritten is refused, not believed")
  func damagedRecord() throws {
    var record: [UInt8] = []
    var buffer = try UndoBuffer()
    var random = SeededGenerator(seed: 9)
    var elements = (0..<1000).map { _ in UInt32(truncatingIfNeeded: random.next()) & 0xBFFF_FFFF }
    let adds = (0..<1000).map { _ in random.normal() }
    elements.withUnsafeMutableBytes { bytes in
      adds.withUnsafeBufferPointer { adds in
        guard let add = adds.baseAddress else { return }
        buffer.patch(bytes, WSLFloat32, count: 1000, add: add, keep: 1)
      }
    }
    try buffer.flush(to: &record)
    #expect(record.count > 1000)
    func restore(_ record: [UInt8], count: Int) throws {
      var position = 0
      try buffer.take(count, from: record, at: &position)
      try elements.withUnsafeMutableBytes { bytes in
        try adds.withUnsafeBufferPointer { adds in
          let add = try #require(adds.baseAddress)
          try buffer.restore(bytes, WSLFloat32, count: count, add: add, keep: 1)
        }
      }
      try buffer.checkUsed()
    }
    for count in stride(from: 0, to: record.count, by: 7) {
      #expect(throws: (any Error).self) { try restore(Array(record[..<count]), count: 1000) }
    }
    // Fewer elements than the record has, and counts that are no numbers.
    #expect(throws: (any Error).self) { try restore(record, count: 999) }
    #expect(throws: (any Error).self) {
      try restore([UInt8](repeating: 0xFF, count: 40), count: 1000)
    }
  }
}
