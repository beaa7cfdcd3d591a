import Catalogs
import Foundation
import LinearAlgebra
import Support
import Tensors
import Testing
import WeightFiles

@testable import ZooIndex

@Suite("Packed zoos")
final class PackingTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "packing-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A root and its fine-tunes, in several containers and types, one with another head and one that
  /// is like nothing else.
  private func makeZoo() throws -> [ZooPacker.Input] {
    var random = SeededGenerator(seed: 3)
    let root = (0..<40_000).map { _ in Float(random.normal()) * 0.05 }
    var inputs: [ZooPacker.Input] = []
    func write(_ name: String, _ values: [Float], head: Int, _ type: ElementType) throws {
      var contents = ModelContents()
      contents.add("layer/kernel", shape: [200, 200], as: type) { type.bytes(of: values) }
      contents.add("layer/bias", shape: [200], as: type) {
        type.bytes(of: Array(values.prefix(200)))
      }
      contents.add("head", shape: [head], as: .float32) { [UInt8](repeating: 7, count: 4 * head) }
      contents.add("steps", shape: [], as: .int64) { [1, 0, 0, 0, 0, 0, 0, 0] }
      contents.attributes = ["": ["name": .string(name)]]
      let path = "\(folder)/\(name)"
      try contents.write(
        to: path,
        WritingOptions(compression: name.hasSuffix(".h5") ? .gzip(level: 4) : .none))
      inputs.append(ZooPacker.Input(path: path, name: "models/\(name)"))
    }
    for index in 0..<4 {
      let tuned = root.map { $0 + Float(random.normal()) * 0.0002 * Float(index) }
      try write("tuned-\(index).h5", tuned, head: index == 3 ? 12 : 10, .float32)
      try write("tuned-\(index).safetensors", tuned, head: 10, .bfloat16)
    }
    try write("other.npz", root.map { $0 * Float(random.normal()) }, head: 10, .float16)
    try Data("not a weight file".utf8).write(to: URL(fileURLWithPath: "\(folder)/note.txt"))
    return inputs
  }

  @Test("every file comes back byte for byte, smaller, and the same for any number of threads")
  func roundTrip() async throws {
    let inputs = try makeZoo()
    var archives: [Data] = []
    for jobs in [1, 3] {
      let path = "\(folder)/zoo-\(jobs).h5"
      _ = try await ZooPacker(level: 5, jobs: jobs).pack(inputs, to: path, overwrites: false)
      archives.append(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    #expect(archives[0] == archives[1])
    let zoo = try await PackedZoo.open("\(folder)/zoo-1.h5")
    #expect(Set(zoo.members.map(\.name)) == Set(inputs.map(\.name)))
    var total = 0
    for member in zoo.members {
      let path = try #require(inputs.first { $0.name == member.name }).path
      let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      total += original.count
      #expect(try zoo.bytes(of: member) == original)
      let (file, inside) = (try await WeightFile.open(path), try await zoo.open(member))
      #expect(inside.catalog.tensors.map(\.name) == file.catalog.tensors.map(\.name))
      #expect(inside.catalog.attributes == file.catalog.attributes)
      let piece = try #require(member.pieces.pieces.first { $0.byteCount ?? 0 > 10_000 })
      let entry = try file.entry(named: piece.name)
      #expect(try zoo.elements(of: piece.name, in: member) == file.readBytes(entry))
      #expect(throws: Diagnostic.self) { try zoo.elements(of: "nothing", in: member) }
    }
    #expect(zoo.members.count { $0.parent != nil } == 6, "two families of four")
    #expect(archives[0].count < total * 3 / 4)
  }

  @Test("damage is found, and another file is refused")
  func damage() async throws {
    let inputs = try makeZoo()
    let path = "\(folder)/zoo.h5"
    _ = try await ZooPacker().pack(inputs, to: path, overwrites: false)
    await #expect(throws: Diagnostic.self) {
      try await ZooPacker().pack(inputs, to: path, overwrites: false)
    }
    await #expect(throws: Diagnostic.self) { try await PackedZoo.open(inputs[0].path) }
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var found = 0
    for place in stride(from: 3000, to: whole.count, by: whole.count / 40) {
      var broken = whole
      broken[place] ^= 0x10
      let target = "\(folder)/broken.h5"
      try broken.write(to: URL(fileURLWithPath: target))
      do {
        let zoo = try await PackedZoo.open(target)
        for member in zoo.members {
          let original = try #require(inputs.first { $0.name == member.name })
          #expect(
            try zoo.bytes(of: member)
              == [UInt8](try Data(contentsOf: URL(fileURLWithPath: original.path))))
        }
      } catch let error as Diagnostic {
        found += 1
        #expect(error.code == .badData)
      }
    }
    #expect(found >= 35)
  }

  @Test(
    "each form of a tensor is undone exactly",
    arguments: [ElementType.float64, .float32, .float16, .bfloat16, .int64, .uint8])
  func forms(_ type: ElementType) throws {
    var random = SeededGenerator(seed: 5)
    let size = type.byteCount
    let any = (0..<(300 * size)).map { _ in UInt8.random(in: 0...255, using: &random) }
    var near = any
    for place in stride(from: 0, to: near.count, by: 7) { near[place] = near[place] &+ 1 }
    var few = any
    few[5 % few.count] ^= 1
    for (bytes, parent) in [
      (any, nil), (any, near), (few, any), (any, any), ([], []),
      ([UInt8](repeating: 0, count: 8 * size), nil),
    ] as [([UInt8], [UInt8]?)] {
      let coded = try TensorCoding.encode(
        bytes, elementByteCount: size, isFloatingPoint: type.isFloatingPoint, parent: parent,
        level: 3)
      let back = try coded.coding.decode(
        coded.bytes, byteCount: bytes.count, elementByteCount: size,
        isFloatingPoint: type.isFloatingPoint, parent: parent)
      #expect(back == bytes)
    }
  }

  @Test("the tree joins what is near, with parents first and few steps")
  func tree() {
    let sample = { (value: Int64) in
      ["w": FamilyTree.Sample(ranks: [value, value, value], bitCount: 96, width: 32)]
    }
    let tree = FamilyTree((0..<40).map { sample(Int64($0 / 20) << 31 + Int64($0 % 20)) })
    var depth: [Int: Int] = [:]
    for (model, parent) in tree.order {
      if let parent {
        #expect(parent / 20 == model / 20)
        depth[model] = (depth[parent] ?? 100) + 1
      } else {
        depth[model] = 0
      }
    }
    #expect(depth.count == 40 && depth.values.count { $0 == 0 } == 2)
    #expect(depth.values.allSatisfy { $0 <= FamilyTree.largestDepth })
  }
}
