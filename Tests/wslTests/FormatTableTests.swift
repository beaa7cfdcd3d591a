import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// What is done with a file of each format, found out by doing it: the table of `docs/formats.md`.
///
/// The files hold one network, each written by the format's own library (`Fixtures/make_formats.py`).
@Suite("The table of formats") struct FormatTableTests {
  private struct Format {
    var name: String
    /// What follows `a` and `b` in the names of the files.
    var ending: String
    /// What `convert` would have to write; nil where no name asks for this format.
    var written: String?
    /// One array is no network.
    var parameters = 460
    /// How far the accuracy may be from that of the others: rounded weights make a rounded network.
    var tolerance = 1e-9
  }

  private static let formats: [Format] = [
    Format(name: "HDF5, a model of Keras (`.h5`)", ending: "-keras.h5", written: nil),
    Format(name: "HDF5, weights of Keras (`.weights.h5`)", ending: ".weights.h5", written: nil),
    Format(name: "HDF5, others (`.h5`, `.hdf5`)", ending: "-h5py.h5", written: "h5"),
    Format(name: "`.keras`", ending: ".keras", written: "keras"),
    Format(name: "safetensors", ending: ".safetensors", written: "safetensors"),
    Format(
      name: "safetensors with 8-bit floats", ending: "-f8.safetensors", written: nil,
      tolerance: 0.05),
    Format(name: "safetensors, a folder of several files", ending: "-shards", written: nil),
    Format(
      name: "safetensors, compressed (`.gz`)", ending: ".safetensors.gz", written: "safetensors.gz"),
    Format(
      name: "safetensors, compressed (`.zst`)", ending: ".safetensors.zst",
      written: "safetensors.zst"),
    Format(name: "PyTorch (`.pt`, `.pth`, `.bin`, `.ckpt`)", ending: ".pt", written: "pt"),
    Format(name: "PyTorch, before 1.6", ending: "-legacy.pt", written: nil),
    Format(name: "PyTorch, TorchScript", ending: "-script.pt", written: nil),
    Format(name: "PyTorch, exported (`.pt2`)", ending: ".pt2", written: "pt2"),
    Format(name: "NumPy (`.npz`)", ending: ".npz", written: "npz"),
    Format(name: "NumPy, one array (`.npy`)", ending: ".npy", written: "npy", parameters: 384),
    Format(name: "ONNX", ending: ".onnx", written: "onnx"),
    Format(name: "GGUF", ending: ".gguf", written: "gguf"),
    Format(name: "GGUF, quantised (Q8_0)", ending: "-q8.gguf", written: nil, tolerance: 0.05),
  ]

  private static let folder = Tool.packageRoot.appendingPathComponent(
    "Tests/wslTests/Fixtures/formats")

  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// A file of a format; one that is compressed is made here.
  private func file(_ model: String, _ format: Format) throws -> String {
    let name = model + format.ending
    let path = Self.folder.appendingPathComponent(name).path
    if FileManager.default.fileExists(atPath: path) { return path }
    let made = scratch.path(name)
    if !FileManager.default.fileExists(atPath: made) {
      let plain = Self.folder.appendingPathComponent(model + ".safetensors").path
      #expect(try Tool.run("convert", plain, "-o", made).code == 0)
    }
    return made
  }

  private func accuracy(_ path: String) throws -> Double? {
    let outcome = try Tool.run("evaluate", path, "--data", "digits", "--json", "--quiet")
    guard outcome.code == 0 else { return nil }
    return try outcome.json()["models"]?[0]?["cleanAccuracy"]?.number
  }

  /// Whether a network is there and is the one that it should be.
  private func computes(_ path: String, like expected: Double, _ format: Format) throws -> Bool {
    guard let accuracy = try accuracy(path) else { return false }
    #expect(abs(accuracy - expected) <= format.tolerance, "\(path)")
    return true
  }

  private func row(_ format: Format, _ expected: [Double]) throws -> String {
    let (a, b) = (try file("a", format), try file("b", format))
    let inspected = try Tool.run("inspect", a, "--json")
    let isRead =
      try inspected.code == 0 && inspected.json()["parameters"]?.integer == format.parameters
    let isRun = try computes(a, like: expected[0], format)
    let copy = scratch.path("copy" + format.ending)
    let matched = try Tool.run("match", a, b, "--json", "--quiet")
    let isMatched = try matched.code == 0 && matched.json()["groups"]?.array?.isEmpty == false
    let copied = try Tool.run("match", a, b, "-o", copy, "--quiet")
    // Lined up, the network computes what it did.
    let isCopied = try copied.code == 0 && computes(copy, like: expected[1], format)
    var isWritten = false
    if let ending = format.written {
      let source = Self.folder.appendingPathComponent(
        format.parameters == 460 ? "a.safetensors" : "a.npy"
      ).path
      let target = scratch.path("written." + ending)
      isWritten = try Tool.run("convert", source, "-o", target).code == 0
      if isWritten, format.parameters == 460 {
        #expect(try computes(target, like: expected[0], format), "\(ending)")
      }
    }
    let cells = [isRead, isRun, isMatched, isCopied].map { $0 ? "yes" : "no" }
    let written = format.written == nil ? "–" : isWritten ? "yes" : "no"
    return "| \(([format.name] + cells + [written]).joined(separator: " | ")) |"
  }

  @Test("every cell of the table in the documentation is what happens")
  func table() throws {
    let expected = try ["a", "b"].map { model in
      try #require(try accuracy(Self.folder.appendingPathComponent(model + ".safetensors").path))
    }
    // Networks that have learnt nothing are told apart by what they guess.
    #expect(expected[0] != expected[1])
    let table =
      [
        "| format | read | run | matched | copied with other weights | written from other formats |",
        "|---|---|---|---|---|---|",
      ] + (try Self.formats.map { try row($0, expected) })
    let text = try String(
      contentsOf: Tool.packageRoot.appendingPathComponent("docs/formats.md"), encoding: .utf8)
    // The first of the tables.
    let documented = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      .drop { $0 != table[0] }.prefix { $0.hasPrefix("|") }
    #expect(Array(documented) == table, "the table is:\n\(table.joined(separator: "\n"))")
  }
}
