import Catalogs
import Foundation
import Support
import Tensors
import Testing
import WeightFiles

@testable import Signatures

/// Patching files: what is added, and that everything comes back.
@Suite struct PatchTests {
  /// Bits that arithmetic does not keep: zeros, subnormals, infinities, NaN with payloads.
  private static func special(_ type: ElementType) -> [UInt64] {
    switch type {
    case .float32:
      [
        0x8000_0000, 0, 1, 0x807F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC1_2345, 0x7F80_0001,
        0xFFBF_FFFF,
      ]
    case .float64:
      [1 << 63, 0, 1, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000, 0x7FF0_0000_0000_0001]
    case .float16: [0x8000, 0, 1, 0x83FF, 0x7C00, 0xFC00, 0x7E55, 0x7C01, 0x7BFF]
    default: [0x8000, 0, 1, 0x807F, 0x7F80, 0xFF80, 0x7FC3, 0x7F81, 0x7F7F]
    }
  }

  @Test(
    "five signatures come off in every order, each step bit for bit",
    arguments: [ElementType.float32, .float16, .bfloat16])
  func everyOrder(type: ElementType) async throws {
    let models = try TestModels()
    defer { models.remove() }
    var signatures: [Signature] = []
    for (index, name) in ["a", "b", "c", "d", "e"].enumerated() {
      signatures.append(
        try await models.signature(
          name, seed: UInt64(index), layers: .first(1 + index % 4), levels: index == 2 ? nil : 8))
    }
    let special = Self.special(type)
    let base = try models.write(
      models.standard, as: "base.safetensors", type: type,
      special: ["fc1.weight": special, "fc2.bias": special, "fc4.weight": special])
    // Any order is a way from set to set, each with one signature less; if each step leads to the very
    // file that patching the base makes, all 120 orders do, and all end at the base.
    var files: [[UInt8]] = []
    for set in 0..<32 {
      let edits = signatures.indices.filter { set >> $0 & 1 == 1 }.map {
        PatchEdit.add(signatures[$0], alpha: 0.7 - 0.3 * Double($0))
      }
      if edits.isEmpty {
        files.append(try models.contents(base))
        continue
      }
      try await models.patch(
        base, set % 2 == 0 ? edits : edits.reversed(), to: "\(set).safetensors")
      files.append(try models.contents(models.path("\(set).safetensors")))
    }
    #expect(Set(files).count == 32)
    for set in 1..<32 {
      for index in signatures.indices where set >> index & 1 == 1 {
        try await models.patch(
          models.path("\(set).safetensors"), [.remove(signatures[index].name)],
          to: "less.safetensors", jobs: 1 + index % 2)
        #expect(
          try models.contents(models.path("less.safetensors")) == files[set & ~(1 << index)])
      }
    }
  }

  @Test("what is added is α times the signature, once, in Float64, rounded once")
  func sum() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let one = try await models.signature("a", seed: 1, layers: .first(2))
    let two = try await models.signature("b", seed: 2, layers: .first(3), levels: nil)
    let base = try models.write(models.standard, as: "base.safetensors")
    let stack = try await models.patch(
      base, [.add(two, alpha: -0.3), .add(one, alpha: 0.6)], to: "patched.safetensors")
    let before = try await WeightFile.open(base)
    let after = try await WeightFile.open(models.path("patched.safetensors"))
    #expect(stack?.entries.map(\.name) == ["a", "b"] && stack?.tensors.count == 6)
    for (name, _) in TestModels.shapes {
      let old = try before.read(before.entry(named: name)).values
      let new = try after.read(after.entry(named: name)).values
      var wanted = old.map(Double.init)
      for (signature, alpha) in [(one, 0.6), (two, -0.3)] {
        guard let tensor = signature.manifest.tensors.first(where: { $0.name == name }) else {
          continue
        }
        let values = try signature.values(of: tensor)
        for index in wanted.indices { wanted[index] += alpha * values[index] }
      }
      #expect(zip(new, wanted).allSatisfy { abs(Double($0) - $1) <= 1e-7 * max(1, abs($1)) })
      #expect((new == old) == !(stack?.tensors.contains { $0.name == name } ?? false))
    }
    // A strength of zero is no patch, and a scaled stack is the stack with that strength.
    try await models.patch(
      models.path("patched.safetensors"), [.scale("b", alpha: 0.2)], to: "scaled.safetensors")
    try await models.patch(
      base, [.add(one, alpha: 0.6), .add(two, alpha: 0.2)], to: "direct.safetensors")
    #expect(
      try models.contents(models.path("scaled.safetensors"))
        == models.contents(models.path("direct.safetensors")))
  }

  @Test(
    "every container gives its tensors back",
    arguments: ["m.h5", "m.safetensors", "m.npz", "zstd.h5", "gzip.h5"])
  func containers(name: String) async throws {
    let models = try TestModels()
    defer { models.remove() }
    let signature = try await models.signature("fog", seed: 4, layers: .all)
    let source = try await WeightFile.open(models.write(models.standard, as: "s.safetensors"))
    var options = WritingOptions()
    if name == "zstd.h5" { options.compression = .zstd(level: 1) }
    if name == "gzip.h5" { options.compression = .gzip(level: 4) }
    try ModelContents(source).write(to: models.path(name), options)
    let original = try await elements(of: models.path(name))
    try await models.patch(models.path(name), [.add(signature, alpha: 1)], to: "patched-\(name)")
    let patched = try await WeightFile.open(models.path("patched-\(name)"))
    #expect(try await elements(of: models.path("patched-\(name)")) != original)
    #expect(
      patched.catalog.tensors.map(\.name)
        == (try await WeightFile.open(models.path(name))).catalog.tensors.map(\.name))
    let stack = try #require(try PatchStack.of(patched))
    #expect(stack.entries.first?.signature == signature && stack.entries.first?.alpha == 1)
    try await models.patch(models.path("patched-\(name)"), [.remove("fog")], to: "back-\(name)")
    #expect(try await elements(of: models.path("back-\(name)")) == original)
    #expect(try PatchStack.of(await WeightFile.open(models.path("back-\(name)"))) == nil)
  }

  private func elements(of path: String) async throws -> [String: [UInt8]] {
    let file = try await WeightFile.open(path)
    var elements: [String: [UInt8]] = [:]
    for entry in file.catalog.tensors { elements[entry.name] = try file.readBytes(entry) }
    return elements
  }
}
