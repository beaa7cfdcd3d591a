import Catalogs
import Foundation
import Merging
import Support
import Tensors
import Testing
import WeightFiles

/// Tensors that have no mean, and those that belong to them.
///
/// Tried of the kind: step counters, packed codes of 32 bits with scales and zero points, weights of 8 bits
/// with a scale named after them, truth values, codes that are equal (their scales are averaged), codes of
/// another type or shape, a tensor that is quantised in one model alone, an optimiser's state in flat names.
@Suite("Merging: what has no mean")
struct WholeNumbersTests {
  private typealias Part = (name: String, type: ElementType, shape: [Int], bytes: [UInt8])

  private static func floats(_ name: String, _ values: [Float]) -> Part {
    (name, .float32, [values.count], values.flatMap { withUnsafeBytes(of: $0) { [UInt8]($0) } })
  }

  private static func integers<Integer: FixedWidthInteger>(
    _ name: String, _ type: ElementType, _ values: [Integer]
  ) -> Part {
    let bytes = values.flatMap { withUnsafeBytes(of: $0.littleEndian) { [UInt8]($0) } }
    return (name, type, [values.count], bytes)
  }

  private static func file(_ parts: [Part], in folder: String) async throws -> WeightFile {
    var contents = ModelContents()
    for part in parts { contents.add(part.name, shape: part.shape, as: part.type) { part.bytes } }
    let path = "\(folder)/\(UUID().uuidString).safetensors"
    try contents.write(to: path)
    return try await WeightFile.open(path)
  }

  /// Merges two files by their mean.
  private static func mean(
    _ a: [Part], _ b: [Part], _ check: (Merger, WeightFile, WeightFile) throws -> Void
  ) async throws {
    try await MergingFixtures.withFolder { folder in
      let files = [try await file(a, in: folder), try await file(b, in: folder)]
      var merger = try Merger(
        files.map { MergeInput($0) }, base: nil, recipe: MergeRecipe(.mean, weights: [0.5, 0.5]))
      try merger.prepare(jobs: 2)
      let path = "\(folder)/merged.safetensors"
      try await files[0].writeCopy(to: path, computing: merger.replacements, inputs: files)
      try check(merger, try await WeightFile.open(path), files[0])
    }
  }

  private static func values(_ name: String, _ file: WeightFile) throws -> [Float] {
    try file.read(file.entry(named: name)).values
  }

  @Test("equal ones stay; differing ones are the first model's, and named")
  func counters() async throws {
    func model(_ weight: Float, _ steps: Int64, _ mask: [UInt8]) -> [Part] {
      [
        Self.floats("bn.weight", [weight]),
        Self.integers("bn.num_batches_tracked", .int64, [steps]),
        ("mask", .bool, [2], mask), Self.integers("positions", .int32, [Int32(0), 1, 2]),
      ]
    }
    try await Self.mean(model(1, 10, [0, 1]), model(3, 20, [1, 1])) {
      (merger, merged, first) throws in
      #expect(merger.differingTensors == ["bn.num_batches_tracked", "mask"])
      #expect(merger.boundTensors.isEmpty)
      #expect(try Self.values("bn.weight", merged) == [2])
      for name in ["bn.num_batches_tracked", "mask", "positions"] {
        let entry = try first.entry(named: name)
        #expect(try merged.readBytes(merged.entry(named: name)) == first.readBytes(entry))
      }
    }
  }

  @Test("scales of codes that differ stay with them; of equal codes they have a mean")
  func scales() async throws {
    func model(_ codes: [Int32], _ bytes: [UInt8], _ number: Float) -> [Part] {
      [
        Self.integers("fc.qweight", .int32, codes), Self.floats("fc.scales", [number]),
        Self.floats("fc.bias", [number]), Self.integers("up.weight", .uint8, bytes),
        Self.floats("up.weight.absmax", [number]), Self.floats("up.weight_scale", [number]),
        Self.floats("norm.weight", [number]), Self.floats("fc2.weight", [number]),
      ]
    }
    try await Self.mean(model([1, 2], [7], 1), model([1, 3], [7], 3)) {
      (merger, merged, _) throws in
      #expect(merger.differingTensors == ["fc.qweight"])
      #expect(Set(merger.boundTensors) == ["fc.scales", "fc.bias"])
      #expect(try Self.values("fc.scales", merged) == [1])
      for name in ["up.weight.absmax", "up.weight_scale", "norm.weight", "fc2.weight"] {
        #expect(try Self.values(name, merged) == [2], "\(name)")
      }
    }
    try await Self.mean(model([1, 2], [7], 1), model([1, 2], [8], 3)) {
      (merger, merged, _) throws in
      #expect(merger.boundTensors == ["up.weight.absmax", "up.weight_scale"])
      #expect(try Self.values("up.weight.absmax", merged) == [1])
      #expect(try Self.values("fc.scales", merged) == [2])
    }
  }

  @Test("another type or shape is another tensor; models of nothing else are refused")
  func others() async throws {
    let first = [Self.integers("q.weight", .int8, [Int8(1), -1]), Self.floats("w", [1])]
    for other in [
      Self.integers("q.weight", .uint8, [UInt8(1), 255]),
      Self.integers("q.weight", .int8, [Int8(1)]),
      Self.floats("q.weight", [1, -1]),
    ] {
      try await Self.mean(first, [other, Self.floats("w", [3])]) {
        (merger, merged, _) throws in
        #expect(merger.differingTensors == ["q.weight"])
        #expect(try Self.values("w", merged) == [2])
        #expect(try Self.values("q.weight", merged) == [1, -1])
      }
    }
    let packed = { (code: Int8) in
      [Self.integers("fc.weight", .int8, [code]), Self.floats("fc.weight_scale", [1])]
    }
    await #expect(throws: Diagnostic.self) {
      try await Self.mean(packed(1), packed(2)) { _, _, _ in }
    }
  }

  @Test("an optimiser's state in flat names is left alone, as matching leaves it")
  func optimiser() async throws {
    func model(_ number: Float) -> [Part] {
      [
        Self.floats("fc.weight", [number]), Self.floats("fc.weight.exp_avg", [number]),
        Self.floats("optimizer.state.0.exp_avg_sq", [number]),
        Self.floats("state.3.step", [number]),
        Self.floats("fc.bias", [number]),
      ]
    }
    try await Self.mean(model(1), model(3)) {
      (merger, merged, _) throws in
      #expect(Set(merger.tensors.map(\.name)) == ["fc.weight", "fc.bias"])
      for name in ["fc.weight.exp_avg", "optimizer.state.0.exp_avg_sq", "state.3.step"] {
        #expect(try Self.values(name, merged) == [1] && merger.keptTensors.contains(name))
      }
    }
  }
}
