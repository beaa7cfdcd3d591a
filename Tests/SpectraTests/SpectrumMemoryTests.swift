import LinearAlgebra
import ModelGraph
import Spectra
import Tensors
import Testing
import WeightFiles
import Support

import struct Foundation.URL
import class Foundation.FileManager

/// What layers in work take together, by what the budget counts.
@Suite("Spectra within a budget") struct SpectrumMemoryTests {
  private static func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
  }

  /// Five square layers of 64 KiB, a wide one of 256 KiB, and a singular one.
  private static func model<Result>(_ body: (WeightFile) async throws -> Result) async throws
    -> Result
  {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("wsl-budget-\(UInt64.random(in: 0 ... .max)).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var contents = ModelContents()
    for layer in 0..<5 {
      contents.add("h.\(layer).weight", shape: [128, 128], as: .float32) {
        bytes(normals([128, 128], seed: UInt64(layer)).values)
      }
    }
    contents.add("wide.weight", shape: [64, 1024], as: .float32) {
      bytes(normals([64, 1024], seed: 9).values)
    }
    contents.add("z.weight", shape: [128, 128], as: .float32) {
      let row = normals([1, 128], seed: 8).values
      return bytes((0..<128).flatMap { place in row.map { Float(place) * $0 } })
    }
    try contents.write(to: path)
    return try await body(try await WeightFile.open(path))
  }

  // A square layer: 2 × 64 KiB of numbers and 128 KiB of Gram matrix; LAPACK takes 256 KiB more. The wide one:
  // 2 × 256 KiB and 32 KiB.
  @Test(
    "never more than the budget at once, and the same numbers",
    arguments: [(700 << 10, 1), (700 << 10, 4), (2 << 20, 4), (64 << 20, 8)])
  func bounded(byteCount: Int, jobs: Int) async throws {
    try await Self.model { file in
      let free = try SpectrumAnalysis.run(file, jobs: 2)
      let budget = MemoryBudget(byteCount: byteCount)
      let bounded = try SpectrumAnalysis.run(file, jobs: jobs, budget: budget)
      #expect(bounded.failures.isEmpty && bounded.layers.count == 7)
      #expect(bounded.layers.map(\.layer.name) == free.layers.map(\.layer.name))
      #expect(bounded.layers.map(\.eigenvalues) == free.layers.map(\.eigenvalues))
      #expect(budget.mostTaken <= byteCount)
      // At least what the largest layer holds: its tensor, and a copy.
      #expect(budget.mostTaken >= 512 << 10)
    }
  }

  @Test("a layer larger than the whole budget fails alone, before it is read")
  func tooLarge() async throws {
    try await Self.model { file in
      let budget = MemoryBudget(byteCount: 400 << 10)
      let bounded = try SpectrumAnalysis.run(file, jobs: 2, budget: budget)
      #expect(bounded.layers.count == 6 && bounded.failures.count == 1)
      let reason = "\(bounded.failures)"
      #expect(
        reason.contains("wide") && reason.contains("544 KiB, 400 KiB are allowed"), "\(reason)")
      #expect(budget.mostTaken <= 400 << 10)
      let pair = try SpectrumComparison(file, file, budget: budget)
      #expect(pair.rows.count + pair.failures.count == 7 && !pair.failures.isEmpty)
    }
  }
}
