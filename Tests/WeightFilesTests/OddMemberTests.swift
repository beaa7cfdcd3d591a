import Catalogs
import Foundation
import Testing
import Support

@testable import WeightFiles

/// Members of `.npz` archives under names that NumPy gives none.
///
/// NumPy decides by how a member begins: what begins as an array is one, under any name; its key is the name
/// without `.npy`.
@Suite("Odd members of archives of arrays") struct OddMemberTests {
  static let cases: [(name: String, isArray: Bool, key: String?)] = [
    ("w.npy", true, "w"), ("w", true, "w"), ("w.txt", true, "w.txt"),
    ("inner/w.npy", true, "inner/w"),
    ("w.NPY", true, "w.NPY"), ("x.npy", false, nil), ("notes.txt", false, nil),
  ]

  @Test(arguments: cases)
  func isReadAsNumPyDoes(name: String, isArray: Bool, key: String?) async throws {
    try await Fixtures.withFolder { folder in
      let array = try Fixtures.read(Fixtures.path("formats/plain.npy"))
      let truth = try await WeightFile.open(Fixtures.path("formats/plain.npy"))
      let other = Array("no array\n".utf8)
      let maker = ZipMaker([
        ZipMaker.Member(name: "first.npy", bytes: array),
        ZipMaker.Member(name: name, bytes: isArray ? array : other),
      ])
      try Fixtures.write(maker.bytes(), to: folder + "a.npz")
      let file = try await WeightFile.open(folder + "a.npz")
      #expect(file.catalog.tensors.map(\.name) == ["first", key].compactMap { $0 })
      for entry in file.catalog.tensors {
        #expect(try file.readBytes(entry) == truth.readBytes(truth.catalog.tensors[0]))
      }
      if !isArray { #expect(!file.catalog.skipped.isEmpty) }
    }
  }
}
