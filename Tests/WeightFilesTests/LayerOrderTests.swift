import Foundation
import Support
import Tensors
import Testing

@testable import Catalogs
@testable import WeightFiles

/// The order of tensors of models that are spread over files.
///
/// Tried by hand as well: a Llama of 12 layers in three safetensors files whose layers are split between
/// files (`inspect`, `spectrum --csv` and their plots list the layers from 0 to 11).
@Suite("Order of layers") struct LayerOrderTests {
  static let cases: [(names: String, sorted: String)] = [
    // A layer split between two files.
    (
      "embed h.0.a h.1.a h.2.a head h.0.b h.1.b h.2.b norm",
      "embed h.0.a h.0.b h.1.a h.1.b h.2.a h.2.b head norm"
    ),
    // Sorted as texts within a file.
    ("h.0.a h.1.a h.10.a h.11.a h.2.a", "h.0.a h.1.a h.2.a h.10.a h.11.a"),
    // Experts within layers, the parts of words in the order of the file.
    (
      "m.l.1.x.10.w m.l.1.x.2.w m.l.0.x.2.w lm m.l.0.conv1 m.l.0.bn1 m.l.0.conv2",
      "m.l.0.x.2.w m.l.0.conv1 m.l.0.bn1 m.l.0.conv2 m.l.1.x.2.w m.l.1.x.10.w lm"
    ),
    ("w", "w"), ("b a", "b a"), ("a.b a a.b.c", "a.b a.b.c a"),
    // Numbers beside words stand where the first of them was; one that is absurd is a word.
    ("x.w x.2 x.b x.1 x.99999999999999999999", "x.w x.1 x.2 x.b x.99999999999999999999"),
  ]

  @Test("layers are whole and in order", arguments: cases)
  func sorted(_ names: String, _ expected: String) {
    let tensors = names.split(separator: " ").map {
      TensorEntry(
        name: String($0), shape: [], elementType: .float32, layout: .contiguous(offset: 0))
    }
    #expect(LayerOrder.sorted(tensors).map(\.name).joined(separator: " ") == expected)
  }

  @Test("a name of very many parts is one")
  func deep() {
    let name = String(repeating: "a.", count: 100_000)
    let tensors = ["2", "1"].map {
      TensorEntry(
        name: name + $0, shape: [], elementType: .float32, layout: .contiguous(offset: 0))
    }
    #expect(LayerOrder.sorted(tensors).map(\.name) == tensors.map(\.name))
  }

  @Test("the files of a folder are joined so, with and without an index")
  func joined() async throws {
    let scratch = try FolderCopyTests.Folder()
    try scratch.shards(
      of: "m", [["h.0.a": 1, "h.1.a": 2], ["h.0.b": 3, "h.1.b": 4]], index: false)
    let plain = try await WeightFile.open(scratch.path("m"))
    #expect(plain.catalog.tensors.map(\.name) == ["h.0.a", "h.0.b", "h.1.a", "h.1.b"])
    try scratch.shards(
      of: "i", [["h.0.a": 1, "h.1.a": 2], ["h.0.b": 3, "h.1.b": 4]], index: true)
    let indexed = try await WeightFile.open(scratch.path("i"))
    #expect(indexed.catalog.tensors.map(\.name) == plain.catalog.tensors.map(\.name))
    for (name, value) in [("h.0.a", 1), ("h.0.b", 3), ("h.1.a", 2), ("h.1.b", 4)] {
      let entry = try #require(indexed.catalog.tensor(named: name))
      #expect(try indexed.read(entry).values == [Float(value)])
    }
  }
}
