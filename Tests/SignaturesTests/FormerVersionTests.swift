import Foundation
import Testing
import WeightFiles

@testable import Signatures

/// Files that version 1 wrote (Fixtures/make_version1.py).
@Suite struct FormerVersionTests {
  private func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name)").path
  }

  @Test("a signature of version 1 is read, and has the same identity in version 2")
  func signature() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let former = try await Signature.read(fixture("fog-1.rws.h5"))
    #expect(former.name == "fog" && former.manifest.tensors.count == 4)
    try former.write(to: models.path("2.rws.h5"), overwrites: false)
    let now = try await Signature.read(models.path("2.rws.h5"))
    #expect(now == former && now.identifier == former.identifier)
    #expect(
      try models.contents(models.path("2.rws.h5")).count
        < models.contents(fixture("fog-1.rws.h5")).count)
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
    let fog = try await Signature.read(fixture("fog-1.rws.h5"))
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
