import Catalogs
import Foundation
import Support
import Tensors
import Testing

@testable import WeightFiles

/// The file beside a model that has no place for an attachment of its own: the model knows it, also when
/// a process was ended between the two, and misses it where it is not there.
@Suite struct SidecarTests {
  /// A change that negates the sign bit of the first element, and an attachment.
  private static func rewriting(
    _ file: WeightFile, attachment: [UInt8]?
  ) -> TensorRewriting {
    final class Flip: TensorRewriter {
      private var isFirst = true
      func rewrite(_ piece: UnsafeMutableRawBufferPointer) throws {
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
    let name =
      file.catalog.tensors.first { $0.elementType == .float32 && $0.elementCount > 0 }?.name ?? ""
    return TensorRewriting(
      names: [name], pieceCount: 1024, expectedAttachmentByteCount: 0, rewriter: { _ in Flip() },
      attachment: { attachment.map { [$0] } })
  }

  /// Files of all containers without a place for it.
  static let names = [
    "formats/small.onnx", "formats/small.gguf", "formats/plain.npy", "formats/stored.npz",
    "pytorch/checkpoint.pt", "pytorch/checkpoint.legacy.pth", "pytorch/nested.tar.pth",
  ]

  @Test(arguments: names)
  func theModelKnowsItsOwn(name: String) async throws {
    try await Fixtures.withFolder { folder in
      let ending = (name as NSString).pathExtension
      let (model, path) = (folder + "a." + ending, folder + "b." + ending)
      try FileManager.default.copyItem(atPath: Fixtures.path(name), toPath: model)
      let original = try Data(contentsOf: URL(filePath: model))
      let first = Array("first attachment".utf8)
      let file = try await WeightFile.open(model)
      try await file.writeCopy(
        to: path, rewriting: Self.rewriting(file, attachment: first), overwrites: false)
      let marked = try await WeightFile.open(path)
      #expect(try marked.attachment() == first)
      #expect(marked.catalog.tensors.map(\.name) == file.catalog.tensors.map(\.name))
      #expect(marked.catalog.attributes == file.catalog.attributes)
      // A copy of the model alone misses it, by name.
      let alone = folder + "alone." + ending
      try FileManager.default.copyItem(atPath: path, toPath: alone)
      let copy = try await WeightFile.open(alone)
      let error = #expect(throws: Diagnostic.self) { try copy.attachment() }
      #expect(error?.code == .noInput)
      #expect(
        error?.message.contains("alone.\(ending).rws") == true, "\(String(describing: error))")
      // That of another model is none of this one.
      try Fixtures.write(
        Array("wsl-rws\nsomething else".utf8), to: WeightFile.sidecarPath(of: alone))
      #expect(throws: Diagnostic.self) { try copy.attachment() }
      // In place, by way of a link; then off again: the original, byte for byte.
      let link = folder + "link." + ending
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      #expect(try await WeightFile.open(link).attachment() == first)
      try await marked.writeCopy(
        to: path, rewriting: Self.rewriting(marked, attachment: nil), overwrites: false,
        inPlace: true)
      #expect(try Data(contentsOf: URL(filePath: path)) == original)
      #expect(try await WeightFile.open(path).attachment() == nil)
      #expect(!FileManager.default.fileExists(atPath: WeightFile.sidecarPath(of: path)))
    }
  }

  @Test func everyMomentBetweenTwoFiles() async throws {
    try await Fixtures.withFolder { folder in
      let path = folder + "m.npz"
      var contents = ModelContents()
      contents.add("w", shape: [8], as: .float32) { StreamingTests.numbers(8) }
      try contents.write(to: path)
      let (one, two) = (Array("one".utf8), Array("second".utf8))
      let record = WeightFile.sidecarPath(of: path)
      let plain = try await WeightFile.open(path)
      try await plain.writeCopy(
        to: path, rewriting: Self.rewriting(plain, attachment: one), overwrites: true, inPlace: true
      )
      let old = (
        try Data(contentsOf: URL(filePath: path)), try Data(contentsOf: URL(filePath: record))
      )
      let marked = try await WeightFile.open(path)
      try await marked.writeCopy(
        to: path, rewriting: Self.rewriting(marked, attachment: two), overwrites: true,
        inPlace: true)
      let new = (
        try Data(contentsOf: URL(filePath: path)), try Data(contentsOf: URL(filePath: record))
      )
      // Ended before the model took its place, and before its record did.
      for (model, wanted) in [(old.0, one), (new.0, two)] {
        try model.write(to: URL(filePath: path))
        try old.1.write(to: URL(filePath: record))
        try new.1.write(to: URL(filePath: Sidecar.nextPath(of: record)))
        #expect(try await WeightFile.open(path).attachment() == wanted)
      }
      // Ended when the last patch was off and the record was still there: it is none of this model.
      try FileManager.default.removeItem(atPath: Sidecar.nextPath(of: record))
      let reopened = try await WeightFile.open(path)
      try new.1.write(to: URL(filePath: record))
      try await reopened.writeCopy(
        to: path, rewriting: Self.rewriting(reopened, attachment: nil), overwrites: true,
        inPlace: true)
      try new.1.write(to: URL(filePath: record))
      #expect(try await WeightFile.open(path).attachment() == nil)
      // Earlier versions left no mark: a record without a head belongs to whatever it lies beside.
      try Data(one).write(to: URL(filePath: record))
      #expect(try await WeightFile.open(path).attachment() == one)
    }
  }
}
