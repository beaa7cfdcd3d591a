import Catalogs
import Foundation
import Support
import Tensors
import Testing

@testable import WeightFiles

/// Whatever is wrong with an input, there is one line that says so, with the right exit code.
@Suite struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var code: Diagnostic.Code
    /// What the line must say.
    var words: String
    /// The file's bytes; nil where none is made.
    var bytes: @Sendable () throws -> [UInt8]?

    var testDescription: String { name }
  }

  static func fixture(_ name: String) throws -> [UInt8] { try Fixtures.read(Fixtures.path(name)) }

  static let cases: [Case] = [
    Case(name: "missing.h5", code: .noInput, words: "no such file") { nil },
    Case(name: "no/such/folder.h5", code: .noInput, words: "no such file") { nil },
    Case(name: "empty.h5", code: .badData, words: "is empty") { [] },
    Case(name: "text.h5", code: .badData, words: "text that starts with \"layer: dense\"") {
      Array("layer: dense\nunits: 3\n".utf8)
    },
    Case(name: "noise.h5", code: .badData, words: "starts with the bytes 00 01 02") {
      (0..<2000).map { UInt8(truncatingIfNeeded: $0) }
    },
    Case(name: "half.h5", code: .badData, words: "truncated") {
      Array(try fixture("small.h5").dropLast(5000))
    },
    Case(name: "signature.h5", code: .badData, words: "libhdf5 cannot read it") {
      Array(try fixture("small.h5").prefix(8))
    },
    Case(name: "latest-half.h5", code: .badData, words: "truncated") {
      Array(try fixture("latest.h5").dropLast(1))
    },
    Case(name: "half.keras", code: .badData, words: "truncated") {
      Array(try fixture("small.keras").dropLast(30))
    },
    Case(name: "model.safetensors", code: .badData, words: "8 bytes follow its last tensor") {
      [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}        ".utf8)
    },
    Case(name: "array.npy", code: .badData, words: "does not begin as a .npy file does") {
      [0x93] + Array("NUMPY".utf8) + [1, 0]
    },
    Case(name: "old.pt", code: .badData, words: "pickle") { [0x80, 0x02, 0x8A, 0x0A] },
    Case(name: "model.gguf", code: .badData, words: "its version 774778414 of GGUF is not read") {
      Array("GGUF....".utf8)
    },
    Case(name: "model.h5.gz", code: .badData, words: "gzip") { [0x1F, 0x8B, 8, 0, 0] },
    Case(name: "model.h5.zst", code: .badData, words: "zstd") { [0x28, 0xB5, 0x2F, 0xFD, 0] },
  ]

  @Test(arguments: cases)
  func isReportedInOneLine(input: Case) async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + input.name
      if let bytes = try input.bytes() { try Fixtures.write(bytes, to: path) }
      let error = await #expect(throws: Diagnostic.self) { try await WeightFile.open(path) }
      let line = error?.description ?? ""
      #expect(error?.code == input.code, "\(line)")
      #expect(line.hasPrefix(path + ": ") && line.contains(input.words), "\(line)")
      #expect(!line.contains("\n"))
    }
  }

  @Test func otherThingsThanFiles() async throws {
    try await Fixtures.withFolder { folder in
      #expect(mkfifo(folder + "pipe.h5", 0o600) == 0)
      for path in [folder, folder + "pipe.h5", "/dev/null", ""] {
        let error = await #expect(throws: Diagnostic.self) { try await WeightFile.open(path) }
        #expect(error?.code == .noInput, "\(path)")
      }
    }
  }

  @Test func aFileThatMayNotBeReadIsNamed() async throws {
    try await Fixtures.withFolder { folder in
      try Fixtures.write([1], to: folder + "secret.h5")
      #expect(chmod(folder + "secret.h5", 0) == 0)
      // The superuser reads it anyway, and learns that it is no weight file.
      let error = await #expect(throws: Diagnostic.self) {
        try await WeightFile.open(folder + "secret.h5")
      }
      #expect(error?.code == (geteuid() == 0 ? .badData : .noInput))
    }
  }

  @Test func absurdClaimsAreSkippedAndTheRestIsRead() async throws {
    let file = try await WeightFile.open(Fixtures.path("bomb_shape.h5"))
    let reasons = Dictionary(
      uniqueKeysWithValues: file.catalog.skipped.map { ($0.name, $0.reason) })
    #expect(reasons["skip_bomb"]?.contains("absurd") == true)
    #expect(reasons["skip_grid"]?.contains("chunks") == true)
    #expect(try file.read(file.entry(named: "fine")).values == [0, 1, 2, 3])
    let error = #expect(throws: Diagnostic.self) { try file.entry(named: "skip_bomb") }
    #expect(error?.code == .badData)
  }

  @Test(
    arguments: [
      ("inflates", "more than its 4096 bytes"), ("short", "100 of 4096 bytes"),
      ("noise", "compressed data are damaged"), ("cut", "stores 12 bytes, and should store 32"),
      ("checksum", "checksum does not fit"),
    ])
  func damagedChunksAreNamed(name: String, words: String) async throws {
    let file = try await WeightFile.open(Fixtures.path("bomb_chunk.h5"))
    let entry = try file.entry(named: name)
    let error = #expect(throws: Diagnostic.self) { try file.readBytes(entry) }
    let line = error?.description ?? ""
    #expect(error?.code == .badData)
    #expect(line.contains("bomb_chunk.h5 › \(name) › chunk 0: ") && line.contains(words), "\(line)")
  }

  @Test func nothingIsFollowedOutOfTheFile() async throws {
    let file = try await WeightFile.open(Fixtures.path("links.h5"))
    let reasons = Dictionary(
      uniqueKeysWithValues: file.catalog.skipped.map { ($0.name, $0.reason) })
    #expect(reasons["skip_external"]?.contains("/scalar in the file types.h5") == true)
    #expect(reasons["skip_dangling"]?.contains("/nowhere") == true)
    #expect(reasons["skip_through"]?.contains("not in this file") == true)
    #expect(reasons["skip_virtual"]?.contains("virtual") == true)
    #expect(reasons["skip_outside"]?.contains("other files") == true)
    #expect(reasons.count == 5)
    // What leads back stays a link; the others are names like any.
    #expect(file.catalog.aliases == ["real/again": "real", "real/loop": ""])
    #expect(
      file.catalog.linkedTensors == ["skip_hard": "real/kernel", "skip_soft": "real/kernel"])
    for name in ["real/again/kernel", "real/loop/real/again/kernel"] {
      #expect(try file.entry(named: name).name == "real/kernel")
    }
    #expect(try file.entry(named: "skip_soft").name == "skip_soft")
  }

  @Test func typesThatAreNoTensorsAreNamed() async throws {
    let file = try await WeightFile.open(Fixtures.path("types.h5"))
    let names = Set(file.catalog.skipped.map(\.name))
    #expect(
      names
        == Set(
          [
            "text", "texts", "compound", "empty", "complex", "rows", "references", "opaque",
            "type",
          ].map { "skip/" + $0 }))
    #expect(file.catalog.skipped.allSatisfy { !$0.reason.isEmpty })
  }
}
