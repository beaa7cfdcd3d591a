import LinearAlgebra
import Testing
import WeightFiles

@testable import Signatures

/// The numbers of files: widened exactly, narrowed with one rounding.
@Suite struct StoredFloatTests {
  @Test("every half and every bfloat16 survives there and back, and is what Swift says it is")
  func shortTypes() {
    for bits in UInt16.min...UInt16.max {
      let half = StoredHalf.double(bits)
      let brain = StoredBrainFloat.double(bits)
      #expect(brain.isNaN || Float(brain).bitPattern == UInt32(bits) << 16)
      if !half.isNaN { #expect(StoredHalf.bits(half) == bits) }
      if !brain.isNaN { #expect(StoredBrainFloat.bits(brain) == bits) }
      #if !arch(x86_64) || os(Linux)
        let real = Float16(bitPattern: bits)
        #expect(half.isNaN == real.isNaN && (half.isNaN || half == Double(real)))
      #endif
    }
  }

  @Test("numbers between two halves go to the nearer one, and a tie to the even one")
  func ties() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20_000 {
      let low = UInt16(truncatingIfNeeded: random.next()) & 0x7FFF
      guard low < 0x7BFF else { continue }
      let (a, b) = (StoredHalf.double(low), StoredHalf.double(low + 1))
      let middle = (a + b) / 2
      #expect(StoredHalf.bits(middle) == (low & 1 == 0 ? low : low + 1))
      #expect(StoredHalf.bits(middle.nextUp) == low + 1)
      #expect(StoredHalf.bits(-middle.nextDown) == low | 0x8000)
    }
    for low in UInt16(0)..<0x7F7F {
      let middle = (StoredBrainFloat.double(low) + StoredBrainFloat.double(low + 1)) / 2
      #expect(StoredBrainFloat.bits(middle) == (low & 1 == 0 ? low : low + 1))
      #expect(StoredBrainFloat.bits(middle.nextUp) == low + 1)
    }
    // Rounding to Float first would make a tie of what is none.
    #expect(StoredHalf.bits(1 + 0x1p-11 + 0x1p-40) == 0x3C01)
    #expect(StoredHalf.bits(65519.9) == 0x7BFF && StoredHalf.bits(65520) == 0x7C00)
    #expect(StoredHalf.bits(-0.0) == 0x8000 && StoredBrainFloat.bits(-1e-60) == 0x8000)
    #expect(StoredSingle.bits(1e39) == Float.infinity.bitPattern)
  }

  @Test("the order of bits is the order of numbers, and each has a place of its own")
  func order() {
    let all = (UInt16.min...UInt16.max).sorted { ordered($0) < ordered($1) }
    #expect(Set(all.map { ordered($0) }).count == 1 << 16)
    let numbers = all.map(StoredHalf.double)
    // NaN of both signs stand at the ends.
    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { !($0 > $1) })
    #expect(numbers.count { !$0.isNaN } == (1 << 16) - 2 * 1023)
  }
}
