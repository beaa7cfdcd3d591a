import Catalogs
import Foundation
import Support
import Testing

@testable import WeightFiles

/// Objects of HDF5 that have several names: hard links, soft links within the file, linked groups.
///
/// Tried by hand with `convert`, `diff`, `match -o` and `merge`, beside what h5py reads: a data set linked hard
/// and soft, three times, 20 times, chunked, in a file of the latest version; soft links in a row, relative
/// ones, with `.` and `//`, by way of a linked group; a group linked hard and soft: all names are read, with
/// h5py's values. A merge that would give linked names different values is refused. Links that lead
/// nowhere or to each other, external ones and a virtual data set: named, and left out.
@Suite("Links of HDF5") struct LinkTests {
  private static func path(_ name: String) -> String { Fixtures.path("links/" + name) }

  @Test("both names are tensors, as where both are stored", arguments: ["hard", "soft", "chunked"])
  func bothNames(kind: String) async throws {
    let linked = try await WeightFile.open(Self.path("\(kind).weights.h5"))
    let plain = try await WeightFile.open(Self.path("plain.weights.h5"))
    #expect(linked.catalog.tensors.map(\.name) == plain.catalog.tensors.map(\.name))
    #expect(linked.catalog.tensors.count == 7 && linked.catalog.aliases.isEmpty)
    #expect(
      linked.catalog.linkedTensors == [
        "layers/dense_2/vars/0": "layers/dense_1/vars/0",
        "layers/dense_2/vars/1": "layers/dense_1/vars/1",
      ])
    let shared = linked.catalog.sharedStorage()
    #expect(shared.map(\.names.count) == [2, 2] && shared.allSatisfy(\.isOneTensor))
    #expect(plain.catalog.sharedStorage().isEmpty)
    let pairs: [FileComparison.Pair] = .namesakes(linked, plain)
    #expect(pairs.count == 7 && linked.catalog.tensors.count == 7)
    #expect(try FileComparison(linked, plain, pairs: pairs).total.changedCount == 0)
    let notes = try ModelContents(linked).notes
    #expect(notes.contains("2 tensors share their storage with others; each is stored on its own"))
  }

  @Test("what is in a linked group is listed under both, with attributes and what is not read")
  func groups() async throws {
    let catalog = try await WeightFile.open(Self.path("groups.h5")).catalog
    #expect(
      catalog.tensors.map(\.name) == [
        "a/b/bias", "a/w", "second/b/bias", "second/w", "third/bias",
      ])
    #expect(catalog.unreadTensors.map(\.name) == ["a/b/pair", "second/b/pair", "third/pair"])
    #expect(Set(catalog.groups) == ["a", "a/b", "second", "second/b", "third"])
    for name in ["a/b", "second/b", "third"] { #expect(catalog.text("unit", of: name) == "none") }
  }

  @Test("a group that is in itself stays a link, and its tensors are found by way of it")
  func cycles() async throws {
    let file = try await WeightFile.open(Self.path("cycles.h5"))
    #expect(file.catalog.tensors.map(\.name) == ["a/w", "b/x/w"])
    #expect(file.catalog.aliases["a/self"] == "a" && file.catalog.aliases["a/root"] == "")
    #expect(try file.entry(named: "a/self/self/w").name == "a/w")
  }

  @Test("names without end are bounded, and said to be left out")
  func bomb() async throws {
    let catalog = try await WeightFile.open(Self.path("bomb.h5")).catalog
    #expect(catalog.tensors.count < 1 << 17)
    #expect(catalog.skipped.contains { $0.reason.contains("too many names") })
  }

  /// What a copy has where a shared tensor is replaced.
  @Test("a copy has one value under both names", arguments: ["hard", "soft", "chunked"])
  func copies(kind: String) async throws {
    try await Fixtures.withFolder { folder in
      let file = try await WeightFile.open(Self.path("\(kind).weights.h5"))
      let names = ["layers/dense_1/vars/0", "layers/dense_2/vars/0"]
      let entry = try file.entry(named: names[0])
      let new = [UInt8](repeating: 0x3F, count: entry.byteCount)
      let path = folder + "copy.h5"
      try await file.writeCopy(
        to: path, replacing: [names[0]: new, names[1]: new], overwrites: false)
      let copy = try await WeightFile.open(path)
      for name in names { #expect(try copy.readBytes(copy.entry(named: name)) == new) }
      #expect(copy.catalog.linkedTensors == file.catalog.linkedTensors)
      // Two values for one tensor, and a change of one name alone, are refused.
      let other = [UInt8](repeating: 0x40, count: entry.byteCount)
      for (replacements, words) in [
        ([names[0]: new, names[1]: other], "given other values"),
        ([names[1]: new], "only one of them is to change"),
      ] {
        let error = await #expect(throws: Diagnostic.self) {
          try await file.writeCopy(to: folder + "x.h5", replacing: replacements, overwrites: true)
        }
        #expect(error?.code == .badData && error?.message.contains(words) == true)
        #expect(!FileManager.default.fileExists(atPath: folder + "x.h5"))
      }
    }
  }
}
