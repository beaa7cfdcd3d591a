import Catalogs
import Support
import Tensors
import Testing

@testable import WeightFiles

/// Arrays of types that are no weights, beside weights: they are named, and spoil nothing.
///
/// The kind: one thing in an archive that is not read. Tried by hand in one archive of NumPy 2.4 and as
/// single files: long doubles (`<f16`, `<f12`), the `<f1` and `<V1` of ml_dtypes, complex numbers, records
/// (nested, aligned, with titles), objects, dates, times, texts, raw bytes, descriptors that nobody has
/// (`<f6`, `<i16`, `bfloat16`): each is skipped with its type, and the rest is equal to NumPy's. Members
/// compressed with bzip2 and LZMA, texts and folders: skipped. A member that begins as none of NumPy's or
/// whose shape does not fit its bytes: the archive is refused.
@Suite("Arrays of uncommon types") struct UncommonArrayTests {
  static let reasons: [(name: String, words: String)] = [
    ("long", "long doubles (<f16) are not read"), ("complex", "complex numbers (<c16)"),
    ("long_complex", "complex long doubles (<c32)"), ("e5m2", "8-bit floats (<f1)"),
    ("e4m3", "8-bit numbers (<V1) of the package ml_dtypes"), ("four", "(<V1)"),
    ("records", "records"), ("objects", "never opened"), ("text", "texts (<U6)"),
    ("bytes", "texts (|S2)"), ("date", "dates (<M8[D])"), ("time", "times (<m8[ns])"),
    ("raw", "raw bytes (|V3)"), ("raw_one", "raw bytes (|V1)"),
  ]

  @Test func oneOddArrayDoesNotSpoilAnArchive() async throws {
    let file = try await ElementFixtures.open("odd.npz")
    let expected = try await ElementFixtures.expected("odd")
    #expect(Set(file.catalog.tensors.map(\.name)) == Set(expected.keys))
    for entry in file.catalog.tensors {
      let truth = try #require(expected[entry.name])
      #expect(try file.read(entry) == truth, "\(entry.name)")
    }
    let reasons = ElementFixtures.reasons(file)
    #expect(Set(reasons.keys) == Set(Self.reasons.map(\.name)))
    for (name, words) in Self.reasons {
      let reason = reasons[name] ?? ""
      #expect(reason.contains(words) && !reason.contains("damage"), "\(name): \(reason)")
    }
    #expect(file.catalog.skipped.allSatisfy { !$0.isDamage })
  }

  /// A member of no bytes holds no array: it is named, and the others are read.
  @Test(arguments: ["stored", "deflated"])
  func anEmptyMemberDoesNotSpoilAnArchive(name: String) async throws {
    let file = try await ElementFixtures.open("empty-\(name).npz")
    #expect(file.catalog.tensors.map(\.name) == ["w1", "w2"])
    #expect(try file.read(["w1"])["w1"]?.values == [0, 1, 2, 3, 4, 5])
    #expect(try file.read(["w2"])["w2"]?.values == [1.5, -2.5])
    #expect(file.catalog.skipped.map(\.name) == ["nothing"])
    let reason = file.catalog.skipped.first?.reason ?? ""
    #expect(reason.contains("empty") && !reason.contains("damage"), "\(reason)")
    #expect(file.catalog.skipped.allSatisfy { !$0.isDamage })
  }

  @Test(arguments: ["long", "e4m3", "complex", "records"])
  func aSingleOneIsNamed(name: String) async throws {
    let error = await #expect(throws: Diagnostic.self) {
      try await ElementFixtures.open("odd-\(name).npy")
    }
    let words = Self.reasons.first { $0.name == name }?.words ?? "?"
    let line = error?.description ?? ""
    #expect(error?.code == .badData && line.contains(words) && !line.contains("damage"), "\(line)")
  }

  /// A member that another tool put in, in ways that NumPy has not.
  @Test(arguments: [(12, 0, "method 12"), (0, 1, "encrypted")] as [(UInt16, UInt16, String)])
  func aMemberThatIsPackedInAnotherWayIsNamed(
    method: UInt16, flags: UInt16, words: String
  ) async throws {
    try await Fixtures.withFolder { folder in
      var bytes = try Fixtures.read(Fixtures.path("formats/stored.npz"))
      // The central directory's record of the first member, and its local one.
      let central = try #require(
        bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
      for (flagPlace, methodPlace) in [(central + 8, central + 10), (6, 8)] {
        bytes[flagPlace] |= UInt8(flags)
        bytes[methodPlace] = UInt8(method)
      }
      try Fixtures.write(bytes, to: folder + "x.npz")
      let file = try await WeightFile.open(folder + "x.npz")
      let sound = try await WeightFile.open(Fixtures.path("formats/stored.npz"))
      #expect(file.catalog.skipped.count == 1)
      #expect(file.catalog.skipped.first?.reason.contains(words) == true)
      #expect(file.catalog.tensors.count == sound.catalog.tensors.count - 1)
    }
  }
}
