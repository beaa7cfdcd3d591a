import Archives
import LinearAlgebra
import Support
import Testing

@testable import Signatures

/// Manifests as files have them: every text comes back, and damage is noticed.
@Suite struct PackedManifestTests {
  @Test("texts come back, whatever looks like a digest in them")
  func roundTrip() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let real = try await models.signature("fog", seed: 4, layers: .all).manifestBytes
    let digits = String(repeating: "0f", count: 32)
    let texts = [
      "", "{}", "\"\"", "\"\(digits)\"", "\"\(digits.uppercased())\"", "\"\(digits)", "\(digits)\"",
      "\"\(digits)0\"", "\"\"\(digits)\"\"", "\"AAAAAAAAAAAAAAAAAAAAAA==\"",
      // The bits that the last character has beside the sixteen bytes are not kept by decoding.
      "\"AAAAAAAAAAAAAAAAAAAAAB==\"", "\"AAAAAAAAAAAAAAAAAAAA====\"", "\"ü\(digits.dropLast(2))\"",
    ]
    for text in texts.map({ Array($0.utf8) }) + [real] {
      let packed = try PackedManifest.packed(text)
      #expect(try PackedManifest.text(packed) == text)
      #expect(try PackedManifest.packed(text) == packed)
    }
    let plain = try real.withUnsafeBytes { try Zstandard.compress($0, level: 19) }
    #expect(try 3 * PackedManifest.packed(real).count < 2 * plain.count)
  }

  @Test("bytes that JSON has not are not packed")
  func marks() {
    for mark in [UInt8(1), 2] {
      #expect(throws: Diagnostic.self) { try PackedManifest.packed([0x7B, mark, 0x7D]) }
    }
  }

  @Test("what was cut is refused, and what was changed never gives another text")
  func damage() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let text = try await models.signature("fog", seed: 4).manifestBytes
    let packed = try PackedManifest.packed(text)
    for count in 0..<packed.count {
      #expect(throws: Diagnostic.self) { try PackedManifest.text(Array(packed[..<count])) }
    }
    var unchanged = 0
    for position in packed.indices {
      var damaged = packed
      damaged[position] ^= 0x10
      // A few bits of a frame have no meaning: without them the text is the same.
      do {
        #expect(try PackedManifest.text(damaged) == text, "byte \(position)")
        unchanged += 1
      } catch let error as Diagnostic { #expect(error.code == .badData) }
    }
    #expect(unchanged <= packed.count / 20, "\(unchanged) of \(packed.count)")
    #expect(throws: Diagnostic.self) { try PackedManifest.text(packed + [0]) }
  }
}
