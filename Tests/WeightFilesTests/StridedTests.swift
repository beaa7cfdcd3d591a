import Foundation
import Support
import Testing

@testable import Archives
@testable import Catalogs
@testable import Formats
@testable import Tensors
@testable import WeightFiles

/// Strided tensors against the definition: element (i, j, …) is at offset + i·stride0 + j·stride1 + …
@Suite struct StridedTests {
  static let cases: [(shape: [Int], strides: [Int], offset: Int)] = [
    ([5, 3], [3, 1], 0), ([5, 3], [1, 5], 8), ([70, 130], [1, 70], 4), ([4, 3, 2], [1, 4, 12], 0),
    ([4, 3, 2], [2, 8, 1], 12), ([6], [7], 4), ([3, 4], [0, 1], 0), ([3, 4], [1, 0], 0),
    ([], [], 4),
    ([1, 5], [99, 2], 0), ([0, 5], [1, 1], 0), ([2, 3, 4, 5], [1, 2, 30, 6], 0),
    // Spread so far that it is read piece by piece.
    ([3, 4, 2], [100_000, 7, 1], 4), ([4, 3, 2], [7, 100_000, 30_000], 0),
    ([40, 50, 3], [3, 120, 6_400], 0), ([2, 9_000], [1, 20], 0),
  ]

  /// The indices of elements in the file, in row-major order.
  static func places(_ shape: [Int], _ strides: [Int]) -> [Int] {
    zip(shape, strides).reduce([0]) { places, axis in
      places.flatMap { place in (0..<axis.0).map { place + $0 * axis.1 } }
    }
  }

  @Test(arguments: cases.indices) func elementsAreWhereTheStridesSay(index: Int) async throws {
    let (shape, strides, offset) = Self.cases[index]
    try await Fixtures.withFolder { folder in
      let places = Self.places(shape, strides)
      let count = (places.max() ?? 0) + 1 + offset / 4
      let words = (0..<count).map { UInt32(truncatingIfNeeded: $0 &* 2_654_435_761) }
      try Fixtures.write(words.withUnsafeBytes { Array($0) }, to: folder + "x")
      let file = try OpenFile(reading: folder + "x")
      let entry = TensorEntry(
        name: "x", shape: shape, elementType: .uint32,
        layout: .strided(offset: offset, strides: strides))
      let parsed = try ParsedFile(.pytorch, file, tensors: [entry])
      let bytes = try WeightFile(parsed, file: file).readBytes(entry)
      let wanted = places.map { words[$0 + offset / 4] }
      #expect(bytes == wanted.withUnsafeBytes { Array($0) })

      let geometry = try StridedGeometry(shape: shape, strides: strides, elementByteCount: 4)
      #expect(geometry.extentByteCount == (places.isEmpty ? 0 : ((places.max() ?? 0) + 1) * 4))
      var scattered = words.withUnsafeBytes { Array($0[offset...]) }
      let before = scattered
      scattered.withUnsafeMutableBytes { extent in
        bytes.withUnsafeBytes { geometry.scatter(from: $0, to: extent) }
      }
      #expect(scattered == before, "what was gathered goes back to its place")
    }
  }

  @Test(arguments: [
    ([2, 2], [1], "2 axes, and 1 strides"), ([2], [-1], "negative stride"),
    ([3], [Int.max], "overflow"), ([2, 2], [Int.max, Int.max], "overflow"),
    ([Int.max, 2], [0, 0], "overflow"), ([3], [2], "beyond the end of the file"),
    ([1 << 40], [0], "which is absurd"),
  ])
  func stridesThatLieAreRefused(shape: [Int], strides: [Int], words: String) async throws {
    try await Fixtures.withFolder { folder in
      try Fixtures.write(Array(repeating: 0, count: 16), to: folder + "x")
      let entry = TensorEntry(
        name: "w", shape: shape, elementType: .float32,
        layout: .strided(offset: 0, strides: strides))
      let file = try OpenFile(reading: folder + "x")
      let error = #expect(throws: Diagnostic.self) {
        try ParsedFile(.pytorch, file, tensors: [entry])
      }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
  }
}
