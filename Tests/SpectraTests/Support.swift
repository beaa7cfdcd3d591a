import Catalogs
import Foundation
import LinearAlgebra
import Tensors

/// Files beside the tests.
enum Fixture {
  static func path(_ name: String, of module: String = "SpectraTests") -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("\(module)/Fixtures/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }
}

/// A catalogue of tensors in memory.
func catalog(_ tensors: [(String, [Int])]) -> Catalog {
  Catalog(
    file: "memory", format: .safetensors, byteCount: 0,
    tensors: tensors.map {
      TensorEntry(name: $0.0, shape: $0.1, elementType: .float32, layout: .unallocated)
    })
}

/// Random numbers of the standard normal distribution.
func normals(_ shape: [Int], seed: UInt64, scale: Double = 1) -> Tensor {
  var generator = SeededGenerator(seed: seed)
  return Tensor(
    shape: shape,
    values: (0..<shape.reduce(1, *)).map { _ in Float(scale * generator.normal()) })
}
