import Catalogs
import Foundation
import Support
import Tensors
import Testing
import WeightFiles

@testable import Signatures

/// What is not patched and not restored, and that nothing is left then.
@Suite struct PatchRefusalTests {
  @Test("a tensor that was changed in between is refused, and nothing is written")
  func changed() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let signature = try await models.signature("fog", seed: 4)
    let base = try models.write(models.standard, as: "base.safetensors")
    try await models.patch(base, [.add(signature, alpha: 1)], to: "patched.safetensors")
    let patched = try await WeightFile.open(models.path("patched.safetensors"))
    let entry = try patched.entry(named: "fc1.weight")
    var bytes = try patched.readBytes(entry)
    bytes[17] ^= 1
    try await patched.writeCopy(
      to: models.path("changed.safetensors"), replacing: [entry.name: bytes], overwrites: false)
    let changed = models.path("changed.safetensors")
    do {
      try await models.patch(changed, [.remove("fog")], to: "back.safetensors")
      Issue.record("a changed tensor was restored")
    } catch let error as Diagnostic {
      #expect(error.code == .badData && error.description.contains("fc1.weight"))
      #expect(error.message.contains("changed"))
    }
    #expect(!FileManager.default.fileExists(atPath: models.path("back.safetensors")))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: models.folder.path).allSatisfy {
        !$0.hasPrefix(".")
      })
  }

  @Test("strangers, other architectures, names that are there or are not, and bad strengths")
  func refusals() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let signature = try await models.signature("fog", seed: 4)
    let base = try models.write(models.standard, as: "base.safetensors")
    let stranger = try TestModels(seed: 50)
    defer { stranger.remove() }
    let strange = try stranger.write(stranger.standard, as: "s.safetensors")
    var contents = ModelContents()
    for (name, shape) in TestModels.shapes {
      let other = shape.map { $0 == 16 ? 20 : $0 }
      contents.add(name, shape: other, as: .float32) {
        [UInt8](repeating: 0, count: 4 * other.reduce(1, *))
      }
    }
    try contents.write(to: models.path("wide.safetensors"))
    let patched = "patched.safetensors"
    try await models.patch(base, [.add(signature, alpha: 1)], to: patched)
    let rows: [(String, PatchEdit, Diagnostic.Code, String)] = [
      (strange, .add(signature, alpha: 1), .badData, "cosine"),
      (models.path("wide.safetensors"), .add(signature, alpha: 1), .badData, "architecture"),
      (models.path(patched), .add(signature, alpha: 1), .usage, "already"),
      (models.path(patched), .remove("rain"), .usage, "fog"),
      (base, .remove("fog"), .usage, "not patched"),
      (base, .add(signature, alpha: .nan), .usage, "strength"),
      (models.path(patched), .scale("fog", alpha: .infinity), .usage, "strength"),
    ]
    for (path, edit, code, word) in rows {
      let file = try await WeightFile.open(path)
      do {
        _ = try PatchPlan(file, edits: [edit], architecture: Architecture(file))
        Issue.record("\(edit) was taken")
      } catch let error as Diagnostic {
        #expect(error.code == code && error.description.contains(word), "\(error)")
      }
    }
    // A relative is no stranger: transfer.
    let cousin = try models.write(
      TestModels.moved(models.pretrained, by: 0.05, seed: 77), as: "cousin.safetensors")
    let file = try await WeightFile.open(cousin)
    let plan = try PatchPlan(
      file, edits: [.add(signature, alpha: 1)], architecture: Architecture(file))
    guard case .relative(let cosine) = plan.kinship["fog"] else {
      Issue.record("a cousin is a relative")
      return
    }
    #expect(cosine > 0.9)
  }

  @Test("a record with any byte changed is refused")
  func damagedRecord() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let signature = try await models.signature("fog", seed: 4)
    let base = try models.write(models.standard, as: "base.npz")
    try await models.patch(base, [.add(signature, alpha: 1)], to: "patched.npz")
    let record = try #require(
      try await WeightFile.open(models.path("patched.npz")).attachment())
    #expect(try PatchStack(parsing: record).encoded().flatMap { $0 } == record)
    for position in stride(from: 0, to: record.count, by: 31) {
      var damaged = record
      damaged[position] ^= 4
      #expect(throws: Diagnostic.self) { try PatchStack(parsing: damaged) }
    }
    for count in stride(from: 0, to: record.count, by: 53) {
      #expect(throws: Diagnostic.self) { try PatchStack(parsing: Array(record.prefix(count))) }
    }
  }
}
