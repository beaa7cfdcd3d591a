import Catalogs
import Foundation
import Support
import Testing

@testable import Formats
@testable import WeightFiles

/// Seeded damage to sound files: reading always ends, with elements or a `Diagnostic`.
@Suite struct DamageTests {
  /// A small generator, so that a failure can be had again (Steele et al., SplitMix64).
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  @Test(
    arguments: [
      "types.h5", "layouts.h5", "latest.h5", "links.h5", "attributes.h5", "userblock.h5",
      "small.keras", "deflated.keras", "small.h5",
    ])
  func neverCrashesOrHangs(name: String) async throws {
    let sound = try Fixtures.read(Fixtures.path(name))
    var random = Generator(state: name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    var worker = try CatalogWorker()
    worker.limits = WorkerLimits(
      addressSpace: 1 << 30, processorSeconds: 5, wallSeconds: 20, answerByteCount: 64 << 20)
    try await Fixtures.withFolder { folder in
      for round in 0..<24 {
        var bytes = sound
        if round % 6 == 5 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
        for _ in 0..<(round % 6 == 5 ? 0 : 1 << (round % 5)) {
          // Structure lies at the start and the end more often than in the middle.
          let index =
            Bool.random(using: &random)
            ? Int.random(in: 0..<min(2048, bytes.count), using: &random)
            : bytes.indices.randomElement(using: &random) ?? 0
          bytes[index] = UInt8.random(in: 0...255, using: &random)
        }
        let path = folder + "\(round)-" + name
        try Fixtures.write(bytes, to: path)
        do {
          let file = try await WeightFile.open(path, worker: worker)
          for entry in file.catalog.tensors {
            do {
              #expect(try file.readBytes(entry).count == entry.byteCount)
            } catch is Diagnostic {}
          }
        } catch let error as Diagnostic {
          #expect(error.description.hasPrefix(path), "\(error)")
        }
      }
    }
  }
}
