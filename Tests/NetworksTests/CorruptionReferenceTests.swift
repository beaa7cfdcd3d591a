import Foundation
import LinearAlgebra
import Testing

@testable import Datasets

/// Corruptions against the libraries that the benchmarks were made with: `make_corruptions.py`.
@Suite("Corruptions and the benchmarks' libraries")
struct CorruptionReferenceTests {
  private let archive: NamedArrays

  init() async throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/corruptions.npz")
    archive = try await NamedArrays(path.path)
  }

  private func raster(_ name: String) throws -> Raster {
    let array = try archive.array(name)
    return Raster(try array.pixels()[...], try ImageLayout(exampleShape: array.shape))
  }

  private func plane(_ name: String) throws -> Plane {
    let array = try archive.array(name)
    return Plane(rows: array.shape[0], columns: array.shape[1], values: try array.pixels())
  }

  /// The largest and the mean difference, in levels of 8 bits.
  private func difference(_ result: [Float], _ expected: [Float]) -> (most: Float, mean: Float) {
    let differences = zip(result, expected).map { 255 * abs(min(1, max(0, $0)) - $1) }
    return (differences.max() ?? 0, differences.reduce(0, +) / Float(max(1, differences.count)))
  }

  /// What each kind may differ by, in levels of 8 bits: the most, and on average. Half floats in the
  /// fixtures are 0.06 of a level; OpenCV and Pillow work in 8 bits or fixed point, and a JPEG
  /// decoder's integer cosines can tip a rounding.
  private static let tolerances: [String: (most: Float, mean: Float)] = [
    "pixelate": (2, 0.7), "jpeg-compression": (12, 1), "canny-edges": (255, 1.5),
  ]

  @Test("what depends on the image alone", arguments: ["grey", "colour", "odd"])
  func deterministic(_ image: String) throws {
    let clean = try raster("\(image)/image")
    var compared = 0
    for name in archive.names.sorted() {
      let words = name.split(separator: "/").map(String.init)
      guard words.count == 4, words[0] == image, let kind = Corruption.Kind(rawValue: words[1]),
        kind.isDeterministic
      else { continue }
      let corruption = Corruption(
        kind, severity: try #require(Int(words[2])),
        scale: try #require(Corruption.Scale(rawValue: words[3])))
      var generator = SeededGenerator(seed: 0)
      let result = corruption.corrupted(clean, using: &generator)
      let expected = try raster(name)
      let found = difference(result.planes.flatMap(\.values), expected.planes.flatMap(\.values))
      let allowed = Self.tolerances[words[1]] ?? (0.3, 0.1)
      #expect(found.most <= allowed.most && found.mean <= allowed.mean, "\(name): \(found)")
      compared += 1
    }
    #expect(compared == 22)
  }

  @Test("shear and rotation are one of the two that scikit-image gives", arguments: [0, 1, 2, 3])
  func turns(_ seed: UInt64) throws {
    for kind in [Corruption.Kind.shear, .rotate] {
      let clean = try raster("colour/image")
      var generator = SeededGenerator(seed: seed)
      let result = Corruption(kind, severity: 2, scale: .mnist)
        .corrupted(clean, using: &generator).planes.flatMap(\.values)
      let differences = try ["-1", "+1"].map { sign in
        let expected = try raster("colour/\(kind.rawValue)/2/mnist\(sign)")
        return difference(result, expected.planes.flatMap(\.values)).most
      }
      #expect(differences.min() ?? 9 < 0.3 && differences.max() ?? 0 > 10)
    }
  }

  @Test("motion and water", arguments: ["grey", "colour", "odd"])
  func parts(_ image: String) throws {
    let clean = try raster("\(image)/image").planes[0]
    for angle in [-31, 17.5] {
      let result = clean.motionBlurred(radius: 8, deviation: 2, angle: angle)
      let expected = try plane("\(image)/motion/\(angle)")
      #expect(difference(result.values, expected.values).most < 0.2)
    }
    let found = difference(
      WaterDrops.mask(of: try plane("\(image)/liquid")).values,
      try plane("\(image)/water").values)
    // A distance that OpenCV rounds the other way tips a level of the equalised histogram.
    #expect(found.mean < 3, "\(found)")
  }
}
