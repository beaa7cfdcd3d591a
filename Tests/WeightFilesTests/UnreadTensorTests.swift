import Archives
import Catalogs
import Foundation
import Support
import Testing

@testable import WeightFiles

/// What is not read as numbers is described, keeps its bytes, and is compared by them.
///
/// Tried by hand beside these with `diff --fail-above 0` and `zoo duplicates`, on three files of each kind:
/// compound, complex (also chunked and deflated), long double, opaque, fixed and varying text, arrays,
/// enumerations, 8-bit and bfloat16 types of h5py, empty, ragged, virtual, references, external, dangling
/// links of HDF5; records, complex numbers (also column by column), long doubles, objects, texts and
/// ml_dtypes in npz; F8_E8M0, F4, F6 and C64 in safetensors. Each was "changed" (exit 2) where a byte
/// differs, the same where none does, and "not compared" (exit 2) where the bytes are elsewhere: virtual,
/// external and dangling links, ragged, references.
@Suite("Tensors that are not read as numbers") struct UnreadTensorTests {
  private static func path(_ name: String) -> String { Fixtures.path("unread/" + name) }

  private static func bytes(_ hex: String) -> [UInt8] {
    Fixtures.Expected(shape: [], type: "", hex: hex).bytes
  }

  private struct Known: Decodable {
    var shape: [Int]
    var hex: String
  }

  @Test("type, shape and bytes are those that h5py and NumPy give", arguments: ["a.h5", "b.h5"])
  func content(name: String) async throws {
    let data = try Data(contentsOf: URL(filePath: Self.path("expected.json")))
    let known = try #require(
      try JSONDecoder().decode([String: [String: Known]].self, from: data)[name])
    let file = try await WeightFile.open(Self.path(name))
    #expect(file.catalog.tensors.map(\.name) == ["weight"])
    let unread = Dictionary(
      uniqueKeysWithValues: file.catalog.unreadTensors.map { ($0.name, $0.tensor) })
    for (name, want) in known {
      let tensor = try #require(unread[name] ?? nil, "\(name)")
      #expect(tensor.shape == want.shape, "\(name)")
      let content = try #require(tensor.content, "\(name)")
      #expect(try file.readBytes(content) == Self.bytes(want.hex), "\(name)")
    }
    #expect(unread["compound"]??.dtype == "compound (scale F32, zero I16 of 16 bits; 6 bytes)")
    #expect(unread["complex"]??.dtype == "compound (r F32, i F32; 8 bytes)")
    // Of these the bytes are not in the file, or only places of something else.
    for name in ["virtual", "outside", "ragged"] {
      #expect(unread[name]??.shape != nil && unread[name]??.content == nil, "\(name)")
    }
    #expect(unread["virtual"]??.dtype == "F32" && unread["nothing"]??.byteCount == 0)
    let texts = unread.filter { $0.value?.mayBeWeight == false }.keys.sorted()
    #expect(texts == ["nothing", "text", "varying_text"])
  }

  private func outcomes(
    _ first: String, _ second: String
  ) async throws -> [String: UnreadComparison.Outcome] {
    let comparison = try UnreadComparison(
      await WeightFile.open(first), await WeightFile.open(second))
    return Dictionary(uniqueKeysWithValues: comparison.pairs.map { ($0.name, $0.outcome) })
  }

  @Test("what changed is changed, what did not is the same, and what cannot be had is neither")
  func hdf5() async throws {
    let named = ["compound", "compound_chunked", "complex", "long_double", "opaque", "text"]
    let changed = try await outcomes(Self.path("a.h5"), Self.path("b.h5"))
    for name in named + ["varying_text"] { #expect(changed[name] == .changed, "\(name)") }
    #expect(changed["nothing"] == .same)
    let same = try await outcomes(Self.path("a.h5"), Self.path("a.h5"))
    for name in named + ["varying_text", "nothing"] { #expect(same[name] == .same, "\(name)") }
    for outcomes in [changed, same] {
      for name in ["ragged", "virtual", "outside"] { #expect(outcomes[name] == .notCompared) }
      #expect(outcomes.count == 11)
    }
  }

  @Test("other chunks and filters change nothing; other names of fields do")
  func relaid() async throws {
    let comparison = try UnreadComparison(
      await WeightFile.open(Self.path("a.h5")), await WeightFile.open(Self.path("relaid.h5")))
    let outcomes = Dictionary(uniqueKeysWithValues: comparison.pairs.map { ($0.name, $0.outcome) })
    #expect(outcomes == ["compound": .same, "compound_chunked": .same, "complex": .changed])
    #expect(comparison.removed.count == 8 && comparison.added.isEmpty)
  }

  @Test("arrays of an .npz, as they are and deflated", arguments: ["", "_deflated"])
  func npz(kind: String) async throws {
    let paths = ["a", "b"].map { Self.path("\($0)\(kind).npz") }
    let changed = try await outcomes(paths[0], paths[1])
    #expect(
      changed == ["record": .changed, "complex": .changed, "text": .changed, "objects": .changed])
    let same = try await outcomes(paths[0], Self.path(kind.isEmpty ? "a_deflated.npz" : "a.npz"))
    #expect(Set(same.values) == [.same] && same.count == 4)
  }

  /// A GGUF file of a F32 tensor and one of another type, 18 bytes long.
  private func gguf(_ fill: UInt8, type: UInt32) -> [UInt8] {
    var bytes = Array("GGUF".utf8)
    func put<Number: FixedWidthInteger>(_ number: Number) { append(number, to: &bytes) }
    put(UInt32(3)); put(UInt64(2)); put(UInt64(0))
    for (name, length, code, offset) in [("n", 4, UInt32(0), 0), ("q", 32, type, 32)] {
      put(UInt64(1)); bytes += Array(name.utf8)
      put(UInt32(1)); put(UInt64(length)); put(code); put(UInt64(offset))
    }
    bytes += Array(repeating: 0, count: (32 - bytes.count % 32) % 32)
    for number: Float in [1, 2, 3, 4] { put(number.bitPattern) }
    bytes += Array(repeating: 0, count: 16) + Array(repeating: fill, count: 18)
    return bytes + Array(repeating: 0, count: 14)
  }

  @Test("a type of GGUF whose size is not known has no bytes to compare")
  func unknownType() async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + "unknown.gguf"
      try Data(gguf(1, type: 77)).write(to: URL(filePath: path))
      #expect(try await outcomes(path, path) == ["q": .notCompared])
      let unread = try await WeightFile.open(path).catalog.unreadTensors
      #expect(unread.first?.tensor?.dtype == "type 77" && unread.first?.tensor?.shape == [32])
    }
  }

  @Test("a file without a tensor that can be read is not converted, and nothing is written")
  func nothing() async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + "only.gguf"
      var bytes = gguf(1, type: 77)
      // The first tensor, too, is of a type that is not known.
      bytes[24 + 8 + 1 + 4 + 8] = 78
      try Data(bytes).write(to: URL(filePath: path))
      let file = try await WeightFile.open(path)
      let error = #expect(throws: Diagnostic.self) { try ModelContents(file) }
      #expect(
        error?.code == .badData && error?.message.contains("n (its type 78 is unknown)") == true)
    }
  }

  @Test("what is left out is said with how many of how many")
  func notes() async throws {
    let contents = try ModelContents(await WeightFile.open(Self.path("a.h5")))
    #expect(
      contents.notes.contains { $0.hasPrefix("11 of 12 tensors are not read, and left out: ") })
  }
}
