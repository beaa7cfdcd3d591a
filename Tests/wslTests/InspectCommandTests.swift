import Foundation
import Support
import TestSupport
import Testing

/// `wsl inspect`, as a user calls it.
@Suite("Inspecting on the command line")
struct InspectCommandTests {
  private static func fixture(_ name: String) -> String {
    Tool.packageRoot.appendingPathComponent("Tests/ModelGraphTests/Fixtures/\(name)").path
  }

  /// A safetensors file of one tensor whose name says nothing.
  private func opaque(in scratch: Scratch) throws -> String {
    var header = #"{"nameless":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    let path = scratch.path("opaque.safetensors")
    try Data(length + Array(header.utf8) + [UInt8](repeating: 0, count: 8)).write(
      to: URL(fileURLWithPath: path))
    return path
  }

  @Test("of several files those that can be read are shown; the exit code says that some cannot")
  func several() throws {
    let scratch = try Scratch()
    let files = [Self.fixture("mlp.h5"), scratch.path("none.h5"), Self.fixture("gru.h5")]
    let outcome = try Tool.run(["inspect"] + files + ["--json"])
    #expect(outcome.code == 3 && outcome.errors.contains("none.h5"))
    let shown = try outcome.json().array ?? []
    #expect(shown.map { $0["file"]?.string } == [files[0], files[2]])
    // One file alone keeps the code of what is wrong with it.
    let alone = try Tool.run("inspect", files[1], "--json")
    #expect(try alone.code == 66 && alone.json()["error"]?["code"]?.string == "noInput")
  }

  @Test("every promised key is there: what is not known is null, and what is skipped has a reason")
  func keys() throws {
    let scratch = try Scratch()
    let promised = [
      "file", "format", "producer", "parameters", "bytes", "tensors", "architecture", "symmetries",
      "skipped",
    ]
    for path in [Self.fixture("mlp.h5"), try opaque(in: scratch)] {
      let outcome = try Tool.run("inspect", path, "--json")
      #expect(outcome.code == 0)
      let object = try #require(try outcome.json().object)
      for key in promised { #expect(object[key] != nil, "\(path) lacks \(key)") }
    }
    let unknown = try Tool.run("inspect", try opaque(in: scratch), "--json").json()
    #expect(unknown["architecture"] == .null && unknown["producer"] == .null)
    #expect(unknown["skipped"]?.array?.compactMap { $0["name"]?.string } == ["nameless"])
    #expect(unknown["skipped"]?[0]?["reason"]?.string?.contains("not understood") == true)
  }
}
