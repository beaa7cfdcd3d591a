import Catalogs
import Foundation
import Tensors
import Testing
import Support

@testable import WeightFiles

/// Copies of models that are folders, whose tensors change piece by piece and which keep an attachment.
@Suite("Folders whose tensors change") struct FolderRewritingTests {
  /// Negates the first element of a tensor of Float32, or fails.
  private final class Negation: TensorRewriter {
    private let fails: Bool
    private var isFirst = true
    init(fails: Bool) { self.fails = fails }

    func rewrite(_ piece: UnsafeMutableRawBufferPointer) throws {
      if fails { throw Diagnostic(.badData, "this one cannot be changed") }
      if isFirst, piece.count >= 4 { piece[3] ^= 0x80 }
      isFirst = false
    }

    func rewrite(
      _ piece: UnsafeMutableRawBufferPointer, beside other: any TensorRewriter,
      _ otherPiece: UnsafeMutableRawBufferPointer
    ) throws {
      try rewrite(piece)
      try other.rewrite(otherPiece)
    }

    func finish() throws {}
  }

  private static func changing(_ file: WeightFile) -> [TensorEntry] {
    file.catalog.tensors.filter { $0.elementType == .float32 && $0.elementCount > 0 }
  }

  /// Every tensor negated in its first element.
  private static func rewriting(
    _ file: WeightFile, attachment: String? = "what undoes it", failing: String? = nil
  ) -> TensorRewriting {
    let names = changing(file).map(\.name)
    return TensorRewriting(
      names: names, pieceCount: 1024, expectedAttachmentByteCount: 16,
      rewriter: { Negation(fails: names[$0] == failing) },
      attachment: { attachment.map { [Array($0.utf8)] } })
  }

  struct Model: Sendable, CustomTestStringConvertible {
    /// The fixture: a folder, or a file that stands in one alone.
    var fixture: String
    /// The name of that file.
    var file: String?
    /// Where what undoes it lies, where that is a file of its own.
    var record: String?
    var testDescription: String { fixture }
  }

  static let models = [
    Model(fixture: "formats/sharded"),
    Model(fixture: "keras_shards/plain"), Model(fixture: "keras_shards/wide"),
    Model(
      fixture: "pytorch/checkpoint.pt", file: "pytorch_model.bin", record: "pytorch_model.bin.rws"),
    Model(fixture: "pytorch/checkpoint.legacy.pth", file: "model.pth", record: "model.pth.rws"),
    Model(fixture: "formats/stored.npz", file: "model.npz", record: "model.npz.rws"),
  ]

  /// A model's folder, with a configuration and a tokenizer.
  private static func make(_ model: Model, at path: String) throws {
    let files = FileManager.default
    if let file = model.file {
      try files.createDirectory(atPath: path, withIntermediateDirectories: true)
      try files.copyItem(atPath: Fixtures.path(model.fixture), toPath: path + "/" + file)
    } else {
      try files.copyItem(atPath: Fixtures.path(model.fixture), toPath: path)
    }
    for name in ["config.json", "tokenizer.json"] {
      try Fixtures.write(Array("{}".utf8), to: path + "/" + name)
    }
  }

  private static func contents(_ folder: String) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      result[name] = try Fixtures.read(folder + "/" + name)
    }
    return result
  }

  @Test(
    "each tensor changes in its file, all else is copied; taken off again, every byte is back",
    arguments: models)
  func roundTrip(_ model: Model) async throws {
    try await Fixtures.withFolder { folder in
      let (source, copy) = (folder + "a", folder + "b")
      try Self.make(model, at: source)
      let original = try Self.contents(source)
      let file = try await WeightFile.open(source)
      try await file.writeCopy(to: copy, rewriting: Self.rewriting(file), overwrites: false)
      #expect(try Self.contents(source) == original)
      let names = Set(original.keys).union([model.record].compactMap { $0 })
      #expect(try Set(Self.contents(copy).keys) == names)
      let changed = try await WeightFile.open(copy)
      #expect(try changed.attachment() == Array("what undoes it".utf8))
      if let record = model.record {
        #expect(file.sidecarPath(ofCopyAt: copy) == copy + "/" + record)
      }
      #expect(!Self.changing(file).isEmpty)
      for entry in file.catalog.tensors where entry.elementType == .float32 {
        var values = try file.read(entry).values
        if !values.isEmpty { values[0].negate() }
        #expect(
          try changed.read(changed.entry(named: entry.name)).values == values, "\(entry.name)")
      }
      try await changed.writeCopy(
        to: copy, rewriting: Self.rewriting(changed, attachment: nil), overwrites: false,
        inPlace: true)
      // HDF5 keeps the room of what was taken away, and the header of safetensors is padded to another
      // multiple than the library does that wrote these: tensors are compared, not bytes.
      if model.record == nil {
        let restored = try await WeightFile.open(copy)
        #expect(try restored.attachment() == nil)
        for entry in file.catalog.tensors {
          #expect(try restored.read(restored.entry(named: entry.name)) == file.read(entry))
        }
      } else {
        #expect(try Self.contents(copy) == original)
      }
      #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder)) == ["a", "b"])
    }
  }

  @Test("shards hold what one file of all tensors would")
  func oneFile() async throws {
    try await Fixtures.withFolder { folder in
      try Self.make(Self.models[0], at: folder + "a")
      let file = try await WeightFile.open(folder + "a")
      try await file.writeCopy(
        to: folder + "out", rewriting: Self.rewriting(file), overwrites: false)
      var joined = ModelContents()
      for entry in file.catalog.tensors {
        let bytes = try file.readBytes(entry)
        joined.add(entry.name, shape: entry.shape, as: entry.elementType) { bytes }
      }
      try joined.write(to: folder + "one.safetensors")
      let one = try await WeightFile.open(folder + "one.safetensors")
      try await one.writeCopy(
        to: folder + "out.safetensors", rewriting: Self.rewriting(one), overwrites: false)
      let (shards, single) = (
        try await WeightFile.open(folder + "out"),
        try await WeightFile.open(folder + "out.safetensors")
      )
      #expect(Set(shards.catalog.tensors.map(\.name)) == Set(single.catalog.tensors.map(\.name)))
      #expect(!shards.catalog.tensors.isEmpty)
      for entry in shards.catalog.tensors {
        let other = try single.entry(named: entry.name)
        #expect(try shards.readBytes(entry) == single.readBytes(other), "\(entry.name)")
        #expect(entry.elementType == other.elementType && entry.shape == other.shape)
      }
      #expect(try shards.attachment() == single.attachment())
    }
  }

  @Test(
    "a tensor that fails, in the first file or the last, leaves everything as it was",
    arguments: models)
  func failure(_ model: Model) async throws {
    try await Fixtures.withFolder { folder in
      let source = folder + "a"
      try Self.make(model, at: source)
      let original = try Self.contents(source)
      let file = try await WeightFile.open(source)
      let names = Self.changing(file).map(\.name)
      for name in [names.first, names.last] {
        for (path, isInPlace) in [(folder + "out", false), (source, true)] {
          let error = await #expect(throws: Diagnostic.self) {
            try await file.writeCopy(
              to: path, rewriting: Self.rewriting(file, failing: name), overwrites: true,
              inPlace: isInPlace)
          }
          #expect(error?.message == "this one cannot be changed")
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
          #expect(try Self.contents(source) == original)
        }
      }
    }
  }
}
