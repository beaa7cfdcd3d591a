import Archives
import Catalogs
import Foundation
import Support
import Testing

@testable import WeightFiles

/// What a safetensors file carries for this tool, read past the parser of its header.
@Suite struct AttachmentTextTests {
  private static let tensor = #""a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}"#

  /// Opens a file of that header and two bytes.
  private func opened(_ header: String) async throws -> WeightFile {
    let scratch = try ScratchFolder(fileName: "model.safetensors")
    let text = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    try Data(length + text + [7, 8]).write(to: URL(fileURLWithPath: scratch.file))
    return try await WeightFile.open(scratch.file)
  }

  @Test("the attachment is found in whatever way its text is written")
  func found() async throws {
    let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ $0 >> 5) }
    for count in [1, 2, 3, 64, 4999, 5000] {
      let letters = Data(bytes[..<count]).base64EncodedString()
      let escaped = letters.replacingOccurrences(of: "/", with: "\\/")
      let headers = [
        #"{"__metadata__":{"wsl_patch":"\#(letters)"},\#(Self.tensor)}"#,
        #"{\#(Self.tensor),"__metadata__":{"format":"pt","wsl_patch":"\#(letters)"}}"#,
        #"{"__metadata__":{"wsl_patch":"\#(escaped)"},\#(Self.tensor)}"#,
        #"{"__metadata__": {"wsl_patch": "\#(letters)"}, \#(Self.tensor)}"#,
        // The same words before it, where they mean nothing.
        #"{"__metadata__":{"x\"wsl_patch":"AAAA","wsl_patch":"\#(letters)"},\#(Self.tensor)}"#,
      ]
      for header in headers {
        let file = try await opened(header)
        #expect(try file.attachment() == Array(bytes[..<count]), "\(header.prefix(60))")
        #expect(try file.readBytes(file.entry(named: "a")) == [7, 8])
        if case .string = file.catalog.attributes[""]?["wsl_patch"] {
          Issue.record("it is offered as metadata of the model's own")
        }
      }
    }
  }

  @Test("what is no attachment is none, and what is damaged is refused")
  func refused() async throws {
    let plain = try await opened(
      #"{"__metadata__":{"x\"wsl_patch":"AAAA","note":"\"wsl_patch\":\"AAAA\""},\#(Self.tensor)}"#)
    #expect(try plain.attachment() == nil)
    #expect(plain.catalog.attributes[""]?.count == 2)
    for letters in ["AAA", "AA-A", "A===", "AAAAé", "AA\\u0041"] {
      let file = try await opened(
        #"{"__metadata__":{"wsl_patch":"\#(letters)"},\#(Self.tensor)}"#)
      #expect(throws: Diagnostic.self) { try file.attachment() }
    }
    for header in [
      #"{"__metadata__":{"wsl_patch":"AAAA","wsl_patch":"AAAA"},\#(Self.tensor)}"#,
      #"{"__metadata__":{"wsl_patch":"AAAA"#, #"{"__metadata__":{"wsl_patch":"AAAA""#,
    ] {
      await #expect(throws: Diagnostic.self) { try await opened(header) }
    }
  }

  @Test("a checksum of parts is that of the whole")
  func checksum() throws {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for size in [1, 7, 256, 4096, 20_000] {
      var checksum = try RunningChecksum()
      bytes.withUnsafeBytes { all in
        for start in stride(from: 0, to: all.count, by: size) {
          checksum.update(
            UnsafeRawBufferPointer(rebasing: all[start..<min(all.count, start + size)]))
        }
        let found = checksum.text
        #expect(found == Checksum.xxh3.text(of: all))
      }
    }
    let empty = try RunningChecksum().text
    #expect(empty == "xxh3:99aa06d3014798d86001c324468d497f")
  }
}
