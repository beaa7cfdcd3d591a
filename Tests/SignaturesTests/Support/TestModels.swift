import Foundation
import LinearAlgebra
import Support
import Tensors
import WeightFiles

@testable import Signatures

/// Small networks made for a test: four dense layers, and what fine-tuning does to them.
struct TestModels {
  /// The tensors' names and shapes.
  static let shapes: [(name: String, shape: [Int])] = [
    ("fc1.weight", [16, 12]), ("fc1.bias", [16]), ("fc2.weight", [16, 16]), ("fc2.bias", [16]),
    ("fc3.weight", [8, 16]), ("fc3.bias", [8]), ("fc4.weight", [4, 8]), ("fc4.bias", [4]),
  ]

  /// A folder of its own, removed at the end.
  let folder: URL
  /// The pretrained network.
  let pretrained: [String: [Double]]
  /// The standard one.
  let standard: [String: [Double]]

  init(seed: UInt64 = 1) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("wsl-signatures-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var random = SeededGenerator(seed: seed)
    pretrained = TestModels.drawn(scale: 0.4, &random)
    standard = TestModels.moved(pretrained, by: 0.03, seed: seed + 100)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  static func drawn(scale: Double, _ random: inout SeededGenerator) -> [String: [Double]] {
    var values: [String: [Double]] = [:]
    for (name, shape) in shapes {
      values[name] = (0..<shape.reduce(1, *)).map { _ in scale * random.normal() }
    }
    return values
  }

  /// Weights after some training: each moved a little.
  static func moved(_ values: [String: [Double]], by scale: Double, seed: UInt64)
    -> [String: [Double]]
  {
    var random = SeededGenerator(seed: seed)
    let changes = drawn(scale: scale, &random)
    return values.merging(changes) { zip($0, $1).map(+) }
  }

  /// Numbers as elements of a type.
  static func bytes(_ values: [Double], _ type: ElementType) -> [UInt8] {
    type.withStoredFloat { encoded(values, $0) }
  }

  private static func encoded<Stored: StoredFloat>(
    _ values: [Double], _: Stored.Type
  ) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: Stored.bits(value).littleEndian) { Array($0) } }
  }

  /// Writes a model.
  ///
  /// - Parameter patches: elements that are replaced by these bits, by tensor.
  @discardableResult
  func write(
    _ values: [String: [Double]], as name: String, type: ElementType = .float32,
    special: [String: [UInt64]] = [:]
  ) throws -> String {
    var contents = ModelContents()
    for (tensor, shape) in TestModels.shapes {
      var bytes = TestModels.bytes(values[tensor] ?? [], type)
      for (index, bits) in (special[tensor] ?? []).enumerated() {
        for byte in 0..<type.byteCount {
          bytes[index * type.byteCount + byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte))
        }
      }
      let elements = bytes
      contents.add(tensor, shape: shape, as: type) { elements }
    }
    try contents.write(to: path(name), WritingOptions(overwrites: true))
    return path(name)
  }

  /// A signature of a robust network that is made of a seed.
  func signature(
    _ name: String, seed: UInt64, layers: LayerChoice = .first(2), levels: Int? = 8
  ) async throws -> Signature {
    let robust = TestModels.moved(pretrained, by: 0.05, seed: seed)
    let files = [
      try await WeightFile.open(write(pretrained, as: "pretrained.safetensors")),
      try await WeightFile.open(write(standard, as: "standard.safetensors")),
      try await WeightFile.open(write(robust, as: "\(name).safetensors")),
    ]
    var options = SignatureExtraction.Options(name: name, layers: layers)
    options.levels = levels
    return try SignatureExtraction.extract(
      pretrained: files[0], standard: files[1], robust: files[2], options: options)
  }

  /// Patches a file.
  @discardableResult
  func patch(
    _ input: String, _ edits: [PatchEdit], to output: String, jobs: Int? = nil
  ) async throws -> PatchStack? {
    let file = try await WeightFile.open(input)
    return try await PatchPlan(file, edits: edits, architecture: Architecture(file))
      .write(to: path(output), tool: "test", overwrites: true, jobs: jobs)
  }

  func contents(_ path: String) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(fileURLWithPath: path)))
  }
}

extension SeededGenerator {
  /// A normal number, by twelve uniform ones: exactness is no matter here.
  mutating func normal() -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + Double(next() >> 11) * 0x1p-53 }
  }
}

extension ElementType {
  /// Calls `body` with the type of the stored numbers.
  ///
  /// Only for floating-point types.
  func withStoredFloat<Result>(_ body: (any StoredFloat.Type) throws -> Result) rethrows -> Result {
    switch self {
    case .float64: try body(StoredDouble.self)
    case .float16: try body(StoredHalf.self)
    case .bfloat16: try body(StoredBrainFloat.self)
    default: try body(StoredSingle.self)
    }
  }
}
