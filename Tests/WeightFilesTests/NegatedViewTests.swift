import Catalogs
import Foundation
import Support
import Testing

@testable import Tensors
@testable import WeightFiles

/// Views whose sign is a flag beside the tensor, against what PyTorch says of them.
///
/// Tried of the kind: views of `imag` (float and double), of all types that can be negated, strided,
/// transposed, empty and scalar ones, −0, NaN and the least integer, parameters with and without state,
/// tensor subclasses, negated twice, one storage under both signs: read and written right. Negated truth
/// values, conjugated tensors, flags that nobody knows, tensors of another device: skipped with a
/// reason.
@Suite struct NegatedViewTests {
  static func expected(_ name: String) throws -> [String: Fixtures.Expected] {
    let data = try Data(contentsOf: URL(filePath: Fixtures.path("pytorch/negated.json")))
    let all = try JSONDecoder().decode([String: [String: Fixtures.Expected]].self, from: data)
    return try #require(all[name])
  }

  @Test(arguments: [
    ("negated.pt", ["complex", "truth"]), ("negated.legacy.pth", ["complex", "truth"]),
    ("negated-v3.pt", ["conjugated", "device", "odd", "unknown"]),
  ])
  func everyWayOfReadingGivesPyTorchsValues(name: String, skipped: [String]) async throws {
    let expected = try Self.expected(name)
    let file = try await WeightFile.open(Fixtures.path("pytorch/" + name))
    #expect(Set(file.catalog.tensors.map(\.name)) == Set(expected.keys))
    #expect(file.catalog.skipped.map(\.name).sorted() == skipped)
    for entry in file.catalog.tensors {
      let truth = try #require(expected[entry.name])
      #expect(entry.shape == truth.shape && entry.elementType.rawValue == truth.type)
      #expect(try file.readBytes(entry) == truth.bytes, "\(entry.name)")
      let ranges = try file.ranges(of: entry)
      #expect(try ranges.bytes(0..<entry.elementCount) == truth.bytes, "\(entry.name)")
      // As numbers, bit by bit: NaN and the sign of zero count.
      var numbers = [Float](repeating: 0, count: entry.elementCount)
      truth.bytes.withUnsafeBytes { bytes in
        numbers.withUnsafeMutableBufferPointer { entry.elementType.widen(bytes, to: $0) }
      }
      #expect(
        try file.read(entry).values.map(\.bitPattern) == numbers.map(\.bitPattern),
        "\(entry.name)")
    }
  }

  /// A copy in which values were replaced has those values for whoever reads its flags.
  @Test(arguments: ["negated.pt", "negated.legacy.pth", "negated-v3.pt"])
  func copiesHoldWhatWasAskedFor(name: String) async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Fixtures.path("pytorch/" + name))
      var wanted: [String: [UInt8]] = [:]
      for entry in file.catalog.tensors {
        wanted[entry.name] = try file.readBytes(entry).map { $0 &+ 1 }
      }
      // These have one storage, and keep being each other's opposite.
      if let shared = wanted["shared"] {
        var opposite = shared
        opposite.withUnsafeMutableBytes { negateElements($0, .float32, isBigEndian: false) }
        wanted["opposite"] = opposite
      }
      if name == "negated-v3.pt" {
        // So do these: only the words are changed, and what else shares their storage.
        wanted = wanted.filter { ["words", "same", "none", "unset"].contains($0.key) }
        var words = try #require(wanted["same"])
        for other in ["none", "unset"] { wanted[other] = words }
        words.withUnsafeMutableBytes { negateElements($0, .uint16, isBigEndian: false) }
        wanted["words"] = words
      }
      if let imaginary = wanted["imaginary"] {
        // Views of one storage: what is asked of one is asked of all.
        let geometry = try StridedGeometry(shape: [4, 3], strides: [1, 4], elementByteCount: 4)
        var turned = [UInt8](repeating: 0, count: imaginary.count)
        turned.withUnsafeMutableBytes { turned in
          imaginary.withUnsafeBytes { geometry.gather(from: $0, to: turned) }
        }
        wanted["turned"] = turned
        wanted["steps"] = [1, 2, 3, 9, 10, 11].flatMap { imaginary[($0 * 4)..<($0 * 4 + 4)] }
      }
      let target = folder + "copy.pt"
      try await file.writeCopy(to: target, replacing: wanted, overwrites: false)
      let copy = try await WeightFile.open(target)
      for entry in copy.catalog.tensors {
        let truth = try wanted[entry.name] ?? file.readBytes(file.entry(named: entry.name))
        #expect(try copy.readBytes(entry) == truth, "\(entry.name)")
      }
    }
  }

  @Test func ofOneStorageUnderBothSignsBothMustBeWrittenAndFit() async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Fixtures.path("pytorch/negated.pt"))
      let bytes = try file.readBytes(file.entry(named: "shared"))
      // As if they were the same.
      await #expect(throws: Diagnostic.self) {
        try await file.writeCopy(
          to: folder + "a.pt", replacing: ["shared": bytes, "opposite": bytes], overwrites: false)
      }
      await #expect(throws: Diagnostic.self) {
        try await file.writeCopy(
          to: folder + "b.pt", replacing: ["shared": bytes], overwrites: false)
      }
    }
  }

  @Test(arguments: [true, false])
  func elementsOfEitherByteOrderAreNegated(isBigEndian: Bool) {
    func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
      numbers.flatMap { number in
        withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) { [UInt8]($0) }
      }
    }
    func negated(_ input: [UInt8], _ type: ElementType) -> [UInt8] {
      var output = input
      output.withUnsafeMutableBytes { negateElements($0, type, isBigEndian: isBigEndian) }
      return output
    }
    let integers: [Int32] = [0, 1, -1, 70_000, .min, .max]
    #expect(negated(bytes(integers), .int32) == bytes(integers.map { 0 &- $0 }))
    let short: [UInt16] = [0, 1, 255, 256, 65535]
    #expect(negated(bytes(short), .uint16) == bytes(short.map { 0 &- $0 }))
    let floats: [Float] = [0, -0.0, 1.5, .infinity, .nan, .leastNonzeroMagnitude]
    #expect(
      negated(bytes(floats.map(\.bitPattern)), .float32) == bytes(floats.map { (-$0).bitPattern }))
    #expect(negated([0, 1], .bool) == [0, 1])
  }
}
