import Foundation
import Support
import Testing
import WeightFiles

@testable import Signatures

/// Signature files: what comes back, what damage is noticed, who signed.
@Suite struct SignatureFileTests {
  @Test("a file gives the signature back", arguments: [2, 8, 256, nil])
  func roundTrip(levels: Int?) async throws {
    let models = try TestModels()
    defer { models.remove() }
    let signature = try await models.signature("fog", seed: 4, layers: .all, levels: levels)
    let path = models.path("fog.rws.h5")
    try signature.write(to: path, overwrites: false)
    #expect(try await Signature.read(path) == signature)
    #expect(throws: Diagnostic.self) { try signature.write(to: path, overwrites: false) }
  }

  @Test("no byte of a file can be changed unnoticed, or unharmed")
  func damage() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let signature = try await models.signature("fog", seed: 4)
    let path = models.path("fog.rws.h5")
    try signature.write(to: path, overwrites: false)
    let bytes = try models.contents(path)
    for position in stride(from: 0, to: bytes.count, by: 97) {
      var damaged = bytes
      damaged[position] ^= 0x41
      try Data(damaged).write(to: URL(fileURLWithPath: path))
      do {
        // Where a byte has no meaning, all is as it was.
        let read = try await Signature.read(path)
        #expect(read.payload.blocks.count == signature.payload.blocks.count)
        for (one, two) in zip(read.manifest.tensors, signature.manifest.tensors) {
          #expect(try read.values(of: one).count == signature.values(of: two).count)
        }
      } catch let error as Diagnostic {
        #expect([.badData, .noInput].contains(error.code), "\(error)")
        #expect(!error.description.contains("\n"))
      }
    }
    try Data(bytes.prefix(bytes.count / 2)).write(to: URL(fileURLWithPath: path))
    await #expect(throws: Diagnostic.self) { try await Signature.read(path) }
    await #expect(throws: Diagnostic.self) {
      try await Signature.read(models.path("standard.safetensors"))
    }
  }

  @Test("only the owner of the key is the signer, and only of this signature")
  func seal() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let keys = [Ed25519.makePrivateKey(), Ed25519.makePrivateKey()]
    let owner = try SigningKey(
      .private, parsing: Data(keys[0]).base64EncodedString())
    let publics = try keys.map {
      try SigningKey(
        .public, parsing: Data(#require(Ed25519.publicKey(of: $0))).base64EncodedString())
    }
    let plain = try await models.signature("fog", seed: 4)
    #expect(try !plain.isSealed(by: publics[0]))
    try plain.sealed(with: owner).write(to: models.path("a.rws.h5"), overwrites: false)
    let read = try await Signature.read(models.path("a.rws.h5"))
    #expect(try read.isSealed(by: publics[0]) && !read.isSealed(by: publics[1]))
    var other = try await models.signature("fog", seed: 5)
    other.seal = read.seal
    #expect(try !other.isSealed(by: publics[0]))
    // Nor of other codes under the same manifest, as a damaged or made up record of patches may have them.
    let forged = Signature(
      manifest: read.manifest, manifestBytes: read.manifestBytes, payload: other.payload,
      seal: read.seal)
    #expect(try !forged.isSealed(by: publics[0]))
    #expect(publics[0].publicText == read.seal?.keyText && owner.publicText == nil)
  }

  @Test("units in another arrangement make a signature of its own, which nobody vouches for")
  func arrangement() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let key = Ed25519.makePrivateKey()
    let owner = try SigningKey(.private, parsing: Data(key).base64EncodedString())
    let reader = try SigningKey(
      .public, parsing: Data(#require(Ed25519.publicKey(of: key))).base64EncodedString())
    let sealed = try await models.signature("fog", seed: 4).sealed(with: owner)
    let arranged = try sealed.rearranged { tensor, codes, size in
      // The rows the other way round.
      let row = codes.count / (tensor.shape.first ?? 1)
      return stride(from: codes.count - row, through: 0, by: -row).flatMap {
        codes[$0..<($0 + row)]
      }
    }
    #expect(arranged.seal == nil)
    #expect(try !arranged.isSealed(by: reader))
    #expect(arranged.identifier != sealed.identifier)
    #expect(arranged.manifest.arrangedFrom == sealed.identifier)
    #expect(try arranged.manifest.payload == arranged.payload.digest().hexadecimal)
    #expect(arranged.manifest.payload != sealed.manifest.payload)
    // Its manifest is whole: it is read back from a file like any other.
    try arranged.write(to: models.path("arranged.rws.h5"), overwrites: false)
    #expect(try await Signature.read(models.path("arranged.rws.h5")) == arranged)
    let twice = try arranged.rearranged { _, codes, _ in codes }
    #expect(twice.manifest.arrangedFrom == sealed.identifier)
    // In a model's stack it stays so; what earlier records kept of the other's seal is dropped.
    var kept = arranged
    kept.seal = sealed.seal
    let stack = PatchStack(
      entries: [
        .init(
          signature: kept, alpha: 1, tensors: kept.manifest.tensors.map(\.name), isAligned: true)
      ], tensors: [], tool: "test")
    let read = try PatchStack(parsing: Array(stack.encoded().joined()))
    #expect(read.entries[0].signature.seal == nil)
  }

  @Test("keys of OpenSSL are read, and others refused")
  func keys() throws {
    let key = Ed25519.makePrivateKey()
    let header: [UInt8] = [
      0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ]
    let body = Data(header + key).base64EncodedString()
    let pem = "-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n"
    #expect(try SigningKey(.private, parsing: pem).bytes == key)
    #expect(throws: Diagnostic.self) { try SigningKey(.public, parsing: pem) }
    for text in ["", "AAAA", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n", "¿"] {
      #expect(throws: Diagnostic.self) { try SigningKey(.private, parsing: text) }
    }
  }

  @Test("a signature is nearest to its own kind")
  func comparison() async throws {
    let models = try TestModels()
    defer { models.remove() }
    let signatures = [
      try await models.signature("fog", seed: 4, levels: nil),
      try await models.signature("noise", seed: 5, levels: nil),
      try await models.signature("fog", seed: 4, levels: 16),
    ]
    let found = try SignatureComparison(signatures)
    #expect(found.nearest[0]?.index == 2 && found.nearest[2]?.index == 0)
    #expect(abs(found.cosines[0][0] - 1) < 1e-12 && found.cosines[0][2] > 0.9)
    #expect(abs(found.cosines[0][1]) < 0.5 && found.cosines[1][0] == found.cosines[0][1])
    #expect(found.tensors.map(\.name) == signatures[0].manifest.tensors.map(\.name))
  }
}
