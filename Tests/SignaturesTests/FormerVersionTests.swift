import Foundation
import Testing
import WeightFiles

@testable import Signatures

/// A model that was patched with a record of version 1 (Fixtures/make_version1.py).
@Suite struct FormerVersionTests {
  private func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name)").path
  }

  @Test("a model that version 1 patched gives every bit back, and takes other patches")
  func patch() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let original = try models.contents(fixture("standard.safetensors"))
    let patched = fixture("patched-1.safetensors")
    try await models.patch(patched, [.remove("fog")], to: "back.safetensors")
    #expect(try models.contents(models.path("back.safetensors")) == original)
    // Scaled, it is written in version 2, and is what patching the original makes.
    try await models.patch(patched, [.scale("fog", alpha: 0.8)], to: "scaled.safetensors")
    let stack = try PatchStack.of(try await WeightFile.open(patched))
    let fog = try #require(stack?.entry(named: "fog")).signature
    try await models.patch(
      fixture("standard.safetensors"), [.add(fog, alpha: 0.8)], to: "direct.safetensors")
    #expect(
      try models.contents(models.path("scaled.safetensors"))
        == models.contents(models.path("direct.safetensors")))
    try await models.patch(
      models.path("scaled.safetensors"), [.remove("fog")], to: "again.safetensors")
    #expect(try models.contents(models.path("again.safetensors")) == original)
  }
}
