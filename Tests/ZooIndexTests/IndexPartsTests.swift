import Catalogs
import Foundation
import LinearAlgebra
import Support
import Tensors
import Testing

@testable import ZooIndex

/// The small parts of an index: patterns, tables, codes, the division of work.
@Suite("Parts of the index")
struct IndexPartsTests {
  @Test(
    "patterns of paths give labels, and refuse what does not fit",
    arguments: [
      ("width{w}/seed{s}.h5", "width64/seed3.h5", ["w=64", "s=3"]),
      ("width{w}/seed{s}.h5", "width64/x/seed3.h5", nil),
      ("{a}-{b}.pt", "x-y-z.pt", ["a=x", "b=y-z"]),
      ("**/{name}.h5", "a/b/c.h5", ["name=c"]),
      ("**/{name}.h5", "c.h5", ["name=c"]),
      ("*/model.h5", "run/model.h5", []),
      ("*/model.h5", "run/sub/model.h5", nil),
      ("a{x}{y}", "a", ["x=", "y="]),
      (String(repeating: "*a", count: 30), String(repeating: "a", count: 60) + "b", nil),
    ] as [(String, String, [String]?)])
  func patterns(_ pattern: String, _ path: String, _ expected: [String]?) throws {
    #expect(try PathPattern(pattern).match(path)?.map { "\($0.name)=\($0.value)" } == expected)
  }

  @Test("patterns with open braces or names twice are refused", arguments: ["{a", "{}", "{a}/{a}"])
  func badPatterns(_ pattern: String) {
    #expect(throws: Diagnostic.self) { try PathPattern(pattern) }
  }

  @Test("tables: quotes, line ends, byte order mark; and what is wrong with them")
  func tables() throws {
    let table = try TableFile(
      parsing: Array("\u{FEFF}a,\"b,\"\"c\"\r\n1,\"x\ny\"\r\n,\"\"\n\n".utf8))
    #expect(table.columns == ["a", "b,\"c"])
    #expect(table.rows == [["1", "x\ny"], ["", ""]])
    for (text, message) in [
      ("", "no heading"), ("a,b\n1\n", "it has 1 cells"), ("a\n\"x", "not closed"),
    ] {
      let error = #expect(throws: Diagnostic.self) { try TableFile(parsing: Array(text.utf8)) }
      #expect(error?.message.contains(message) ?? false, "\(text)")
    }
    #expect(throws: Diagnostic.self) { try TableFile(parsing: [0x61, 0x0A, 0xFF, 0x0A]) }
  }

  @Test("cells are numbers, truth values, texts or nothing")
  func cells() {
    let values = ["1", "-2.5", "1e-3", "True", "false", "0x10", "nan", "", "x y", "1.0"].map {
      IndexValue(cell: $0)
    }
    #expect(
      values == [
        .integer(1), .real(-2.5), .real(0.001), .integer(1), .integer(0), .text("0x10"), .null,
        .null, .text("x y"), .real(1),
      ])
  }

  @Test("names of labels become names of columns")
  func columns() {
    let names = ["model::type", "config.lr", "2nd", "file", "a  b", "_", "Größe"]
    #expect(
      names.map { Label.column($0) } == [
        "model_type", "config_lr", "_2nd", "label_file", "a_b", "_", "Gr_e",
      ])
  }

  static let entries: [TensorEntry] = {
    let chunks = (0..<5).map {
      TensorEntry.Chunk(
        origin: [$0 * 2, 0], offset: 1 << (10 + 8 * $0 % 40), byteCount: 77, filterMask: UInt32($0))
    }
    let filters = [
      TensorEntry.Filter(id: 32015, name: "zstd", parameters: [3, .max]),
      TensorEntry.Filter(id: 2, name: "", parameters: []),
    ]
    let run = TensorEntry.DeflatedRun(
      offset: 5, storedByteCount: 6, byteCount: 700, checksum: .max)
    let layouts: [TensorEntry.Layout] = [
      .contiguous(offset: 1 << 45), .strided(offset: 3, strides: [0, 7]),
      .chunked(chunkShape: [2, 3], chunks: chunks), .inline([1, 2, 255]), .unallocated,
      .deflated(run, .contiguous(offset: 9)), .deflated(run, .strided(offset: 1, strides: [1, 2])),
      .quantised(.q5K, offset: 1 << 33),
      .negated(.strided(offset: 3, strides: [1, 9])),
      .negated(.deflated(run, .contiguous(offset: 9))),
    ]
    return layouts.map {
      TensorEntry(
        name: "a/b", shape: [9, 3], elementType: .float16, isBigEndian: true, layout: $0,
        filters: filters, fillValue: [1, 2], part: 3)
    }
  }()

  @Test("where bytes lie survives being stored, and damage is noticed", arguments: entries)
  func storage(_ entry: TensorEntry) throws {
    let bytes = StorageCode.encode(entry)
    func decode(_ bytes: [UInt8]) throws -> TensorEntry {
      try StorageCode.decode(
        bytes, name: entry.name, shape: entry.shape, elementType: entry.elementType)
    }
    #expect(try decode(bytes) == entry)
    for count in 0..<bytes.count where bytes.count > count {
      // What is cut off is refused; a list that ends early may only be refused, never crash.
      _ = try? decode(Array(bytes.prefix(count)))
    }
    #expect(throws: Diagnostic.self) { try decode(Array(bytes.dropLast())) }
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<2000 {
      var changed = bytes
      changed[Int.random(in: 0..<bytes.count, using: &generator)] =
        UInt8.random(in: 0...255, using: &generator)
      _ = try? decode(changed)
    }
  }

  @Test("every model is in exactly one part, parts are balanced, and N is another name of 0")
  func parts() throws {
    var generator = SeededGenerator(seed: 2)
    let sizes = (0..<1000).map { _ in Int.random(in: 1...1_000_000, using: &generator) }
      .sorted(by: >)
    let models = sizes.enumerated().map { (id: Int64($0), byteCount: $1) }
    for count in [1, 2, 7, 8, 1500] {
      let parts = try (0..<count).map { try ShardPlace(number: $0, of: count).take(from: models) }
      #expect(parts.flatMap { $0 }.sorted() == models.map(\.id))
      let loads = parts.map { $0.reduce(0) { $0 + sizes[Int($1)] } }
      if count <= 8 { #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1_010_000) }
      let last = try ShardPlace(number: count, of: count)
      #expect(try last == ShardPlace(number: 0, of: count))
    }
    for text in ["", "1", "1/0", "-1/4", "5/4", "a/b", "1/2/3"] {
      #expect(throws: Diagnostic.self) { try ShardPlace(text) }
    }
    #expect(try ShardPlace("3/4") == ShardPlace(number: 3, of: 4))
  }
}
