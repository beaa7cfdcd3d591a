import Archives
import Catalogs
import Foundation
import Support
import Testing

@testable import WeightFiles

/// Files that lie about themselves: each is refused with its own message, before anything of the size
/// it claims is allocated.
@Suite struct MalformedFormatTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var words: String

    init(_ name: String, _ bytes: [UInt8], _ words: String) {
      testDescription = name
      self.bytes = bytes
      self.words = words
    }
  }

  static func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, to: &bytes)
    return bytes
  }

  // MARK: safetensors, in the order of the reference implementation's checks

  static func tensors(_ header: String, data: Int = 0) -> [UInt8] {
    little(UInt64(header.utf8.count)) + Array(header.utf8) + Array(repeating: 0, count: data)
  }

  static func row(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  static let safetensors: [Case] = [
    Case("seven bytes", [1, 2, 3, 4, 5, 6, 7], "shorter than the length of its header"),
    Case(
      "huge header", Array(repeating: 0xFF, count: 8) + [0x7B],
      "claims a header of 18446744073709551615 bytes"),
    Case("header past end", little(UInt64(60)) + Array("{}".utf8), "reaches beyond its end"),
    Case("not UTF-8", little(UInt64(3)) + [0x7B, 0xFF, 0x7D], "not valid UTF-8"),
    Case("one brace", tensors("{"), "member without a name"),
    Case("white space first", tensors(" {}"), "does not begin with"),
    Case("an array", tensors("[]"), "does not begin with"),
    Case(
      "twice",
      tensors("{\(row("a", "F32", "[1]", "[0,4]")),\(row("a", "F32", "[1]", "[0,4]"))}", data: 4),
      "\"a\" twice"),
    Case(
      "deep",
      tensors(
        "{\"a\":" + String(repeating: "[", count: 100) + "1" + String(repeating: "]", count: 100)
          + "}"), "nested deeper"),
    Case("metadata with numbers", tensors(#"{"__metadata__":{"a":1}}"#), "are not a text"),
    Case("no dtype", tensors(#"{"a":{"shape":[],"data_offsets":[0,4]}}"#, data: 4), "no dtype"),
    Case(
      "unknown dtype beyond the end", tensors("{\(row("a", "F31", "[1]", "[0,8]"))}", data: 4),
      "its data end at byte 8"),
    Case(
      "negative length", tensors("{\(row("a", "F32", "[-1]", "[0,4]"))}", data: 4),
      "something else than lengths"),
    Case(
      "length beyond 2^64", tensors("{\(row("a", "F32", "[18446744073709551616]", "[0,4]"))}"),
      "beyond 2^64"),
    Case(
      "fraction", tensors("{\(row("a", "F32", "[1.0]", "[0,4]"))}", data: 4),
      "something else than lengths"),
    Case(
      "three offsets", tensors("{\(row("a", "F32", "[1]", "[0,4,8]"))}", data: 4), "not two numbers"
    ),
    Case(
      "unknown field",
      tensors(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, data: 4),
      "unknown field"),
    Case(
      "backwards", tensors("{\(row("a", "F32", "[1]", "[4,0]"))}", data: 4), "end before they begin"
    ),
    Case(
      "hole at start", tensors("{\(row("a", "F32", "[1]", "[4,8]"))}", data: 8),
      "4 bytes before its data"),
    Case(
      "overlap",
      tensors("{\(row("a", "F32", "[2]", "[0,8]")),\(row("b", "F32", "[2]", "[4,12]"))}", data: 12),
      "overlap those of another"),
    Case(
      "ten in one place",
      tensors(
        "{" + (0..<10).map { row("t\($0)", "F32", "[1]", "[0,4]") }.joined(separator: ",") + "}",
        data: 4), "overlap those of another"),
    Case(
      "overflow", tensors("{\(row("a", "F32", "[2,9223372036854775807]", "[0,4]"))}", data: 4),
      "overflows"),
    Case(
      "overflow of bits",
      tensors("{\(row("a", "F32", "[2,2305843009213693952]", "[0,4]"))}", data: 4), "overflows"),
    Case("no whole bytes", tensors("{\(row("a", "F4", "[3]", "[0,1]"))}", data: 1), "whole bytes"),
    Case(
      "size mismatch", tensors("{\(row("a", "F32", "[2]", "[0,4]"))}", data: 4),
      "takes 8 bytes, and 4 are stored"),
    Case(
      "two bytes missing", tensors("{\(row("a", "F32", "[1]", "[0,4]"))}", data: 2),
      "only 2 are there"),
    Case(
      "something appended", tensors("{\(row("a", "F32", "[1]", "[0,4]"))}", data: 9),
      "5 bytes follow"),
  ]

  // MARK: NumPy

  static func array(_ header: String, version: UInt8 = 1, data: Int = 0) -> [UInt8] {
    let length =
      version == 1 ? little(UInt16(header.utf8.count)) : little(UInt32(header.utf8.count))
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8)
      + Array(repeating: 0, count: data)
  }

  static func header(_ type: String, _ shape: String) -> String {
    "{'descr': \(type), 'fortran_order': False, 'shape': \(shape), }"
  }

  static let arrays: [Case] = [
    Case("objects", array(header("'|O'", "(1,)"), data: 8), "array of Python objects"),
    Case(
      "records", array(header("[('a', '<f4')]", "(1,)"), data: 4),
      "records (structured elements) are not read"),
    Case("complex", array(header("'<c8'", "(1,)"), data: 8), "complex numbers"),
    Case("unknown type", array(header("'<q9'", "(1,)"), data: 8), "\"<q9\" is unknown"),
    Case("version 9", array(header("'<f4'", "(1,)"), version: 9, data: 4), "version 9.0"),
    Case("long header", [0x93] + Array("NUMPY".utf8) + [2, 0] + little(UInt32.max), "absurd"),
    Case("cut header", Array(array(header("'<f4'", "(1,)")).prefix(40)), "ends within its header"),
    Case(
      "a call", array("{'descr': '<f4', 'fortran_order': False, 'shape': exit()}"), "unknown word"),
    Case(
      "twice", array("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}"),
      "descr twice"),
    Case("no order", array("{'descr': '<f4', 'shape': ()}"), "has not descr"),
    Case("negative", array(header("'<f4'", "(-1,)")), "unknown word"),
    Case("overflow", array(header("'<f4'", "(4611686018427387904, 4)")), "overflows"),
    Case("nesting", array(header("'<f4'", String(repeating: "(", count: 99))), "nested too deeply"),
    Case("too short", array(header("'<f4'", "(3,)"), data: 8), "takes 12 bytes, and 8 are stored"),
    Case("too long", array(header("'<f4'", "(1,)"), data: 8), "takes 4 bytes, and 8 are stored"),
  ]

  // MARK: GGUF

  static func gguf(version: UInt32 = 3, tensors: UInt64 = 0, members: UInt64 = 0, _ rest: [UInt8])
    -> [UInt8]
  {
    Array("GGUF".utf8) + little(version) + little(tensors) + little(members) + rest
  }

  static func text(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + Array(text.utf8) }

  static func info(
    _ name: String, _ lengths: [UInt64], type: UInt32 = 0, offset: UInt64 = 0, axes: UInt32? = nil
  ) -> [UInt8] {
    text(name) + little(axes ?? UInt32(lengths.count)) + lengths.flatMap(little) + little(type)
      + little(offset)
  }

  static let data = [UInt8](repeating: 0, count: 96)

  static let ggufs: [Case] = [
    Case("version 1", gguf(version: 1, data), "version 1 of GGUF is not read"),
    Case(
      "big-endian", gguf(version: UInt32(3).byteSwapped, tensors: 1, data),
      "72057594037927936 tensors, and is too short"),
    Case("big-endian 4", gguf(version: UInt32(4).byteSwapped, data), "version 4 of GGUF"),
    Case("many tensors", gguf(tensors: .max, data), "is too short"),
    Case("many members", gguf(members: .max / 2, data), "is too short"),
    Case(
      "long key", gguf(members: 1, little(UInt64.max) + data), "claims 18446744073709551615 bytes"),
    Case(
      "long value", gguf(members: 1, text("k") + little(UInt32(8)) + little(UInt64.max) + data),
      "reaches beyond the end"),
    Case(
      "unknown type", gguf(members: 1, text("k") + little(UInt32(13)) + data), "type 13 is unknown"),
    Case(
      "list of lists", gguf(members: 1, text("k") + little(UInt32(9)) + little(UInt32(9)) + data),
      "list of lists"),
    Case(
      "list of unknown",
      gguf(members: 1, text("k") + little(UInt32(9)) + little(UInt32(77)) + data),
      "type 77 is unknown"),
    Case(
      "long list",
      gguf(
        members: 1,
        text("k") + little(UInt32(9)) + little(UInt32(12)) + little(UInt64.max / 8 + 1) + data),
      "reaches beyond the end"),
    Case(
      "truth 2", gguf(members: 1, text("k") + little(UInt32(7)) + [2] + data), "truth value of 2"),
    Case(
      "key twice",
      gguf(
        members: 2, text("k") + little(UInt32(0)) + [2] + text("k") + little(UInt32(0)) + [2] + data
      ), "member k twice"),
    Case(
      "alignment 0",
      gguf(members: 1, text("general.alignment") + little(UInt32(4)) + little(UInt32(0)) + data),
      "alignment of 0"),
    Case(
      "alignment 2^31",
      gguf(
        members: 1, text("general.alignment") + little(UInt32(4)) + little(UInt32(1) << 31) + data),
      "alignment of 2147483648"),
    Case(
      "alignment type",
      gguf(members: 1, text("general.alignment") + little(UInt32(5)) + little(UInt32(32)) + data),
      "not a number of 32 bits"),
    Case(
      "long name", gguf(tensors: 1, info(String(repeating: "n", count: 64), [1]) + data),
      "at most 63"),
    Case("five axes", gguf(tensors: 1, info("t", [1, 1, 1, 1, 1]) + data), "claims 5 axes"),
    Case("zero length", gguf(tensors: 1, info("t", [4, 0]) + data), "lengths is 0"),
    Case("negative length", gguf(tensors: 1, info("t", [.max]) + data), "overflows"),
    Case("product overflow", gguf(tensors: 1, info("t", [1 << 32, 1 << 32]) + data), "overflows"),
    Case("size overflow", gguf(tensors: 1, info("t", [1 << 62]) + data), "overflows"),
    Case("unaligned", gguf(tensors: 1, info("t", [1], offset: 4) + data), "not a multiple of 32"),
    Case(
      "offset past end", gguf(tensors: 1, info("t", [1], offset: .max - 31) + data),
      "beyond the end of the file"),
    Case(
      "half a block", gguf(tensors: 1, info("t", [33], type: 8) + data), "do not fill blocks of 32"),
    Case(
      "name twice", gguf(tensors: 2, info("t", [1]) + info("t", [1], offset: 32) + data),
      "tensor t twice"),
    Case(
      "overlap", gguf(tensors: 2, info("t", [9]) + info("u", [1], offset: 32) + data),
      "overlap those of t"),
    Case("cut", Array(gguf(tensors: 1, info("t", [1])).prefix(30)), "is too short"),
    Case("no data", gguf(tensors: 1, info("t", [4])), "beyond its end"),
  ]

  private static let all =
    safetensors.map { ("x.safetensors", $0) } + arrays.map { ("x.npy", $0) }
    + ggufs.map { ("x.gguf", $0) }

  @Test(arguments: all) func isRefused(name: String, input: Case) async throws {
    try await Fixtures.withFolder { folder in
      try Fixtures.write(input.bytes, to: folder + name)
      let error = await #expect(throws: Diagnostic.self) {
        try await WeightFile.open(folder + name)
      }
      let line = error?.description ?? ""
      #expect(error?.code == .badData && line.contains(input.words), "\(line)")
      #expect(line.hasPrefix(folder + name) && !line.contains("\n"), "\(line)")
    }
  }

  @Test func otherTypesAreListedAndTheRestIsRead() async throws {
    try await Fixtures.withFolder { folder in
      let header =
        "{\(Self.row("eight", "F8_E8M0", "[4]", "[0,4]")),\(Self.row("a", "F32", "[]", "[4,8]"))}"
      try Fixtures.write(Self.tensors(header, data: 8), to: folder + "x.safetensors")
      let catalog = try await WeightFile.open(folder + "x.safetensors").catalog
      #expect(catalog.tensors.map(\.name) == ["a"])
      #expect(catalog.skipped.map(\.name) == ["eight"])
      #expect(catalog.skipped.first?.reason.contains("F8_E8M0") == true)
    }
  }
}
