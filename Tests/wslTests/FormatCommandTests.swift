import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// Files of uncommon elements and places, as a user meets them on the command line.
@Suite("Formats on the command line")
struct FormatCommandTests {
  private static func fixture(_ name: String) -> String {
    Tool.packageRoot.appendingPathComponent("Tests/\(name)").path
  }

  @Test("weights that are constants of nodes are tensors: 4 of them, and a group of 8 units")
  func constants() throws {
    let scratch = try Scratch()
    let model = Self.fixture("ModelGraphTests/Fixtures/onnx_constants.onnx")
    let shown = try Tool.run("inspect", model, "--json", "--symmetries").json()
    #expect(shown["tensors"]?.array?.count == 4 && shown["parameters"]?.number == 83)
    #expect(shown["symmetries"]?.array?.compactMap { $0["size"]?.number } == [8])
    let output = scratch.path("o.npz")
    #expect(try Tool.run("convert", model, "-o", output).code == 0)
    let names = try Tool.run("inspect", output, "--json").json()["tensors"]?.array?
      .compactMap { $0["name"]?.string }
    #expect(Set(names ?? []) == ["w1", "b1", "w2", "b2"])
  }

  @Test("external data in a folder beside the model are read")
  func external() throws {
    let scratch = try Scratch()
    let model = Self.fixture("WeightFilesTests/Fixtures/elements/nested.onnx")
    let outcome = try Tool.run("convert", model, "-o", scratch.path("o.npz"), "--json")
    #expect(try outcome.code == 0 && outcome.json()["tensors"]?.number == 2)
  }

  @Test("one odd array spoils nothing: the others are read, and their network is understood")
  func oddArrays() throws {
    let shown = try Tool.run(
      "inspect", Self.fixture("WeightFilesTests/Fixtures/elements/odd.npz"), "--json")
    #expect(shown.code == 0)
    let result = try shown.json()
    let skipped = result["skipped"]?.array ?? []
    let long = skipped.first { $0["name"]?.string == "long" }
    #expect(long?["reason"]?.string?.contains("long doubles (<f16)") == true)
    #expect(!shown.output.contains("damage"))
    let alone = try Tool.run(
      "inspect", Self.fixture("WeightFilesTests/Fixtures/elements/odd-long.npy"))
    #expect(alone.code == 65 && alone.errors.contains("long doubles (<f16)"))
    #expect(alone.errors.split(separator: "\n").count == 1)
  }

  @Test("quantised tensors are Float32 in other formats, which is said, and are never written")
  func quantised() throws {
    let scratch = try Scratch()
    let model = Self.fixture("WeightFilesTests/Fixtures/formats/small.gguf")
    let tensor = try Tool.run("inspect", model, "--json").json()["tensors"]?.array?
      .first { $0["name"]?.string == "quantised" }
    #expect(tensor?["dtype"]?.string == "Q8_0" && tensor?["layout"]?.string == "quantised")
    #expect(tensor?["bytes"]?.number == 136)
    for command in [["convert", model], ["merge", model, model]] {
      let output = scratch.path("\(command[0]).safetensors")
      let outcome = try Tool.run(command + ["-o", output])
      #expect(
        outcome.code == 0 && outcome.errors.contains("as they are read: 1 of Q8_0"), "\(outcome)")
      let difference = try Tool.run("diff", model, output, "--json")
      #expect(difference.code == 0)
      let rows = try difference.json()["tensors"]?.array ?? []
      let row = rows.first { $0["name"]?.string == "quantised" }
      #expect(row?["l2"]?.number == 0 && row?["dtype"]?.string == "Q8_0")
    }
    let output = scratch.path("merged.gguf")
    let refused = try Tool.run("merge", model, model, "-o", output)
    #expect(refused.code == 65 && refused.errors.contains("quantised (Q8_0)"))
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test("8-bit floats are merged in their type, and become Float32 where a format has none")
  func smallFloats() throws {
    let scratch = try Scratch()
    let files = try [("a", UInt8(0x38)), ("b", 0x40)].map { name, code in
      let path = scratch.path("\(name).safetensors")
      try Self.safetensors(["w": ("F8_E4M3", [4], Array(repeating: code, count: 4))]).write(
        to: URL(fileURLWithPath: path))
      return path
    }
    let same = scratch.path("m.safetensors")
    #expect(try Tool.run(["merge"] + files + ["-o", same]).code == 0)
    // 1 and 2 are 1.5, whose bits are 0x3C.
    #expect(try Data(contentsOf: URL(fileURLWithPath: same)).suffix(4) == Data([60, 60, 60, 60]))
    let other = try Tool.run(["merge"] + files + ["-o", scratch.path("m.npz")])
    #expect(other.code == 0 && other.errors.contains("become Float32, which is exact"))
    let patched = try Tool.run("convert", files[0], "-o", scratch.path("a.h5"))
    #expect(patched.code == 0 && patched.errors.contains("1 of F8_E4M3"))
  }

  @Test("8-bit floats that another tensor scales are not averaged without it")
  func scaledFloats() throws {
    let scratch = try Scratch()
    let files = try ["a", "b"].map { name in
      let path = scratch.path("\(name).safetensors")
      try Self.safetensors([
        "fc.weight": ("F8_E4M3", [4], [0x38, 0x38, 0x38, 0x38]),
        "fc.weight_scale": ("F32", [1], name == "a" ? [0, 0, 128, 63] : [0, 0, 0, 64]),
      ]).write(to: URL(fileURLWithPath: path))
      return path
    }
    let outcome = try Tool.run(["merge"] + files + ["-o", scratch.path("m.safetensors")])
    #expect(outcome.code == 65 && outcome.errors.contains("fc.weight_scale"), "\(outcome)")
  }

  @Test("what holds no tensor that is read is not converted to an empty file")
  func nothing() throws {
    let scratch = try Scratch()
    let path = scratch.path("empty.safetensors")
    try Self.safetensors(["c": ("C64", [1], Array(repeating: 0, count: 8))]).write(
      to: URL(fileURLWithPath: path))
    let outcome = try Tool.run("convert", path, "-o", scratch.path("o.npz"))
    #expect(outcome.code == 65 && outcome.errors.contains("no tensor"), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("o.npz")))
  }

  /// A safetensors file.
  private static func safetensors(
    _ tensors: [String: (type: String, shape: [Int], bytes: [UInt8])]
  ) -> Data {
    var rows: [String] = []
    var data: [UInt8] = []
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let end = data.count + tensor.bytes.count
      rows.append(
        #""\#(name)":{"dtype":"\#(tensor.type)","shape":\#(tensor.shape),"data_offsets":[\#(data.count),\#(end)]}"#
      )
      data += tensor.bytes
    }
    let header = "{" + rows.joined(separator: ",") + "}"
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    return Data(length + Array(header.utf8) + data)
  }
}
