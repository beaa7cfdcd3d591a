import LinearAlgebra
import Support
import Testing

@testable import Signatures

/// Levels: zero is one of them, the ends are reached, and bytes hold the codes.
@Suite struct GridTests {
  @Test("zero is exact and the ends are on the grid", arguments: [2, 3, 4, 7, 8, 16, 17, 255, 256])
  func levels(count: Int) throws {
    for (least, largest) in [(-1.0, 0.25), (-0.3, 0.7), (0, 2), (-3, 0), (0, 0), (-1e-30, 1e-30)] {
      let grid = try Grid(least: least, largest: largest, levels: count)
      #expect(grid.value(of: grid.code(of: 0)) == 0)
      #expect(grid.value(of: grid.code(of: 1e-9 * largest)) == 0)
      let reach = max(-least, largest)
      let end = reach == largest ? largest : least
      #expect(abs(grid.value(of: grid.code(of: end)) - end) <= Double(grid.step) / 2 + 1e-7 * reach)
      for step in 0...50 {
        let value = least + (largest - least) * Double(step) / 50
        let error = abs(grid.value(of: grid.code(of: value)) - value)
        if count > 2 { #expect(error <= Double(grid.step) * 0.701 + 1e-6 * reach) }
      }
    }
  }

  @Test("fewer than two levels, and more than a byte has, are refused", arguments: [-1, 0, 1, 257])
  func refused(count: Int) {
    #expect(throws: Diagnostic.self) { try Grid(least: -1, largest: 1, levels: count) }
  }

  @Test("codes come back from their bytes, an odd one too", arguments: [2, 8, 16, 17, 256])
  func packing(count: Int) throws {
    let grid = try Grid(least: -1, largest: 1, levels: count)
    var random = SeededGenerator(seed: 2)
    for length in [0, 1, 2, 7, 100, 1001] {
      let codes = (0..<length).map { _ in UInt8(random.next() % UInt64(count)) }
      let packed = grid.packed(codes)
      #expect(packed.count == SignatureTensor.byteCount(of: length, grid))
      #expect(packed.withUnsafeBytes { grid.unpacked($0, count: length) } == codes)
    }
  }
}
