import Support
import Tensors
import Testing

@testable import WeightFiles

/// A damaged tensor is one, whoever reads it: as a whole, range by range, on the way into another file.
///
/// Tried by hand with `inspect --checksums`, `diff`, `convert` and `spectrum`: flipped bytes in a chunk under
/// deflate, shuffle and deflate, LZF, Blosc, zstd, LZ4, bitshuffle and Fletcher-32, a wrong Adler-32,
/// chunks that inflate to less or more than they should, a flipped bit in a stored member of an .npz: exit
/// 3 of `inspect` (with `-q`, too) and `spectrum`, 65 of the others. Files that end too early: 65. Chunks that were never
/// written, and one whose filter is switched off, are h5py's.
@Suite("Damaged tensors") struct DamagedTensorTests {
  @Test(
    "no way of reading hands out damaged elements",
    arguments: [
      ("damaged.h5", "deflated", "the file is damaged"),
      ("damaged.h5", "checked", "checksum does not fit"),
      ("damaged.npz", "broken", "checksum does not fit"),
    ])
  func everyReader(name: String, tensor: String, words: String) async throws {
    let path = Fixtures.path("unread/" + name)
    let file = try await WeightFile.open(path)
    let entry = try file.entry(named: tensor)
    let readers: [(String, () throws -> Void)] = [
      ("bytes", { _ = try file.readBytes(entry) }),
      ("numbers", { _ = try file.read(entry) }),
      ("checksum", { _ = try file.checksum(entry) }),
      ("ranges", { _ = try file.ranges(of: entry).bytes(0..<1) }),
    ]
    for (reader, read) in readers {
      let error = #expect(throws: Diagnostic.self, "\(reader)") { try read() }
      #expect(error?.code == .badData && error?.description.contains(words) == true, "\(reader)")
      #expect(error?.location.contains(tensor) == true, "\(reader)")
    }
    // Whoever reads all tensors meets one of those that are damaged.
    let comparison = #expect(throws: Diagnostic.self) {
      _ = try FileComparison(file, file, pairs: .namesakes(file, file))
    }
    #expect(comparison?.code == .badData)
    try await Fixtures.withFolder { folder in
      for ending in ["safetensors", "npz", "h5"] {
        let error = #expect(throws: Diagnostic.self) {
          try ModelContents(file).write(to: folder + "out." + ending)
        }
        #expect(error?.code == .badData, "\(ending)")
      }
    }
    // The others are read.
    let fine = try file.entry(named: name == "damaged.h5" ? "bias" : "fine")
    #expect(try file.read(fine).values[1] == 1)
  }
}
