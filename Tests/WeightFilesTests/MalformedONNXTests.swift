import Catalogs
import Foundation
import Support
import Testing

@testable import WeightFiles

/// ONNX models that lie about their tensors, or whose tensors are said to be in files elsewhere.
@Suite struct MalformedONNXTests {
  static func varint(_ value: UInt64) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
  }

  static func field(_ number: UInt64, _ value: UInt64) -> [UInt8] {
    varint(number << 3) + varint(value)
  }

  static func field(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  static func field(_ number: UInt64, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  /// A model with initializers.
  static func model(_ tensors: [UInt8]...) -> [UInt8] {
    field(1, 8) + field(7, tensors.flatMap { field(5, $0) })
  }

  static func tensor(
    _ lengths: [UInt64], name: String = "w", type: UInt64 = 1, _ rest: [UInt8]
  ) -> [UInt8] {
    lengths.flatMap { field(1, $0) } + field(2, type) + field(8, name) + rest
  }

  static func external(_ members: [(String, String)], lengths: [UInt64] = [1]) -> [UInt8] {
    tensor(
      lengths, members.flatMap { field(13, field(1, $0.0) + field(2, $0.1)) } + field(14, 1))
  }

  static let four: [UInt8] = [0, 0, 128, 63]

  static let cases: [(name: String, bytes: [UInt8], words: String)] = [
    ("no graph", field(1, 8) + field(8, field(2, 13)), "no ONNX model"),
    ("two graphs", model() + field(7, []), "no ONNX model"),
    ("cut", Array(model(tensor([1], field(9, four))).dropLast(3)), "beyond the end of its message"),
    ("long varint", field(1, 8) + [0x38] + Array(repeating: 0xFF, count: 12), "beyond 2^64"),
    ("group", field(1, 8) + [0x3B, 0], "impossible type"),
    ("field zero", field(1, 8) + [0x00, 0], "impossible number"),
    ("wrong size", model(tensor([2], field(9, four))), "takes 8 bytes, and 4 are stored"),
    ("no data", model(tensor([2], [])), "takes 2 elements, and 0 are stored"),
    ("negative", model(tensor([.max], field(9, four))), "negative length"),
    ("overflow", model(tensor([1 << 40, 1 << 40], field(9, four))), "overflows"),
    ("too few numbers", model(tensor([3], type: 7, field(7, 1))), "takes 3 elements, and 1 are"),
    ("other field", model(tensor([1], type: 7, field(5, 1))), "stored twice, or as another type"),
    ("twice", model(tensor([1], field(9, four) + field(4, four))), "stored twice"),
    ("one name", model(tensor([1], field(9, four)), tensor([1], field(9, four))), "has it twice"),
    ("no name", model(tensor([1], name: "", field(9, four))), "has no name"),
    ("segments", model(tensor([1], field(3, []) + field(9, four))), "in segments"),
    ("not named", model(external([])), "which is not named"),
    ("parent", model(external([("location", "../secret.bin")])), "leads out of the model's folder"),
    ("inner parent", model(external([("location", "a/../../x")])), "leads out of the"),
    ("absolute", model(external([("location", "/etc/passwd")])), "leads out of the model's folder"),
    ("backslash", model(external([("location", "..\\x")])), "leads out of the model's folder"),
    ("slashes", model(external([("location", "//x")])), "leads out of the model's folder"),
    (
      "a path of another system", model(external([("location", "inner\\x.bin")])),
      "a path with backslashes"
    ),
    ("ends in a folder", model(external([("location", "inner/")])), "which is a folder"),
    ("the folder itself", model(external([("location", "./")])), "which is a folder"),
    ("through a file", model(external([("location", "good.bin/x")])), "leads through a file"),
    ("deep link", model(external([("location", "inner/again/good.bin")])), "a symbolic link"),
    ("missing", model(external([("location", "none.bin")])), "which is missing"),
    ("link", model(external([("location", "link.bin")])), "which is a symbolic link"),
    ("linked folder", model(external([("location", "up/good.bin")])), "which is a symbolic link"),
    ("second name", model(external([("location", "hard.bin")])), "which has a second name"),
    ("folder", model(external([("location", "inner")])), "which is a folder"),
    ("offset", model(external([("location", "good.bin"), ("offset", "8")])), "beyond the end"),
    (
      "negative offset", model(external([("location", "good.bin"), ("offset", "-4")])), "no number"
    ),
    ("length", model(external([("location", "good.bin"), ("length", "8")])), "and 8 are stored"),
    (
      "huge offset",
      model(external([("location", "good.bin"), ("offset", "9223372036854775807")])),
      "beyond the end"
    ),
  ]

  /// A folder with a good file, links to it, and a folder.
  static func fill(_ folder: String) throws {
    let manager = FileManager.default
    try Fixtures.write([1, 2, 3, 4, 5, 6, 7, 8], to: folder + "good.bin")
    try Fixtures.write(four, to: folder + "first.bin")
    try manager.linkItem(atPath: folder + "first.bin", toPath: folder + "hard.bin")
    try manager.createSymbolicLink(
      atPath: folder + "link.bin", withDestinationPath: folder + "good.bin")
    try manager.createSymbolicLink(atPath: folder + "up", withDestinationPath: folder)
    try manager.createDirectory(atPath: folder + "inner/deep", withIntermediateDirectories: true)
    try Fixtures.write(Array(1...32), to: folder + "inner/deep/good.bin")
    try manager.createSymbolicLink(
      atPath: folder + "inner/again", withDestinationPath: folder + "inner/deep")
  }

  @Test(arguments: cases.indices) func isRefused(index: Int) async throws {
    let (name, bytes, words) = Self.cases[index]
    try await Fixtures.withFolder { folder in
      try Self.fill(folder)
      try Fixtures.write(bytes, to: folder + "x.onnx")
      let error = await #expect(throws: Diagnostic.self) {
        try await WeightFile.open(folder + "x.onnx")
      }
      let line = error?.description ?? ""
      #expect(
        [.badData, .noInput].contains(error?.code) && line.contains(words), "\(name): \(line)")
    }
  }

  @Test func dataBesideTheModelAreRead() async throws {
    try await Fixtures.withFolder { folder in
      try Self.fill(folder)
      let model = Self.model(Self.external([("location", "good.bin"), ("offset", "4")]))
      try Fixtures.write(model, to: folder + "x.onnx")
      let file = try await WeightFile.open(folder + "x.onnx")
      #expect(try file.readBytes(file.entry(named: "w")) == [5, 6, 7, 8])
      #expect(file.catalog.parts.map { $0.split(separator: "/").last } == ["x.onnx", "good.bin"])
    }
  }

  /// The kind: data in some place of the model's folder. Tried by hand, beside what onnx 1.23 reads: one
  /// folder, folders of folders, `./`, `a/./b//c`, a space and letters beyond ASCII, a hidden file, `..w`,
  /// `%20`, with and without offset and length, a checksum: all are read. Absolute paths, `..`, links of
  /// files and folders, a folder, a length or an offset that does not fit: refused.
  @Test(arguments: [
    "inner/deep/good.bin", "./inner/deep/good.bin", "inner/./deep//good.bin",
    "./././inner/deep/good.bin",
  ])
  func dataInAFolderAreRead(location: String) async throws {
    try await Fixtures.withFolder { folder in
      try Self.fill(folder)
      let members = [("location", location), ("offset", "4"), ("length", "8")]
      let again = Self.tensor(
        [1], name: "v",
        Self.field(13, Self.field(1, "location") + Self.field(2, "inner/deep/good.bin"))
          + Self.field(14, 1))
      try Fixtures.write(
        Self.model(Self.external(members, lengths: [2]), again), to: folder + "x.onnx")
      let file = try await WeightFile.open(folder + "x.onnx")
      #expect(try file.readBytes(file.entry(named: "w")) == Array(5...12))
      #expect(try file.readBytes(file.entry(named: "v")) == Array(1...4))
      #expect(file.catalog.parts.count == 2)
    }
  }

  @Test func aModelOfTheLibraryWithItsDataInAFolder() async throws {
    let file = try await ElementFixtures.open("nested.onnx")
    let expected = try await ElementFixtures.expected("nested")
    #expect(file.catalog.tensors.map(\.name) == ["w", "b"])
    for entry in file.catalog.tensors { #expect(try file.read(entry) == expected[entry.name]) }
  }
}
