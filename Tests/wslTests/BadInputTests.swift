import Foundation
import TestSupport
import Testing

/// What users get wrong, and what damaged files do: one line, the right exit code, nothing left.
@Suite("Bad input", .serialized)
struct BadInputTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var arguments: [String]
    var code: Int32
    var says: String
    var testDescription: String { name }
  }

  static let folder = Result { () throws -> Scratch in
    let folder = try Scratch()
    let spec = { (widths: String, seed: Int) in
      """
      name: w
      data: digits
      model: {kind: mlp, widths: \(widths)}
      training: {epochs: 1, seed: \(seed)}
      """
    }
    for (name, text) in [("a", spec("[16, 16]", 0)), ("b", spec("[16, 24]", 1))] {
      try text.write(toFile: folder.path("\(name).yaml"), atomically: true, encoding: .utf8)
      let built = try Tool.run(
        "zoo", "build", folder.path("\(name).yaml"), "-o", folder.path(name))
      #expect(built.code == 0, "\(built.errors)")
    }
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path("a/w.h5")))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: folder.path("short.h5")))
    try Data().write(to: URL(fileURLWithPath: folder.path("empty.h5")))
    try FileManager.default.createDirectory(
      atPath: folder.path("hollow"), withIntermediateDirectories: false)
    try Data("weights, honestly\n".utf8).write(to: URL(fileURLWithPath: folder.path("text.h5")))
    try "name: x\ndata: nowhere.h5\nmodel: {kind: mlp, widths: [4]}".write(
      toFile: folder.path("nodata.yaml"), atomically: true, encoding: .utf8)
    try "name: x\nepochs: 3".write(
      toFile: folder.path("wrong.yaml"), atomically: true, encoding: .utf8)
    // Two images of 3 by 3 pixels, as IDX files.
    let images = folder.path("images")
    try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: false)
    let pixels: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3] + [UInt8](1...18)
    try Data(pixels).write(to: URL(fileURLWithPath: images + "/t10k-images-idx3-ubyte"))
    try Data([0, 0, 8, 1, 0, 0, 0, 2, 0, 1]).write(
      to: URL(fileURLWithPath: images + "/t10k-labels-idx1-ubyte"))
    return folder
  }

  static let cases: [Case] = [
    Case(name: "missing file", arguments: ["inspect", "none.h5"], code: 66, says: "none.h5"),
    Case(name: "folder", arguments: ["inspect", "hollow"], code: 66, says: "folder"),
    Case(name: "truncated", arguments: ["inspect", "short.h5"], code: 65, says: "truncated"),
    Case(name: "empty", arguments: ["inspect", "empty.h5"], code: 65, says: "empty"),
    Case(name: "text", arguments: ["match", "a/w.h5", "text.h5"], code: 65, says: "text.h5"),
    Case(
      name: "different shape", arguments: ["match", "a/w.h5", "b/w.h5"], code: 65, says: "16"),
    Case(
      name: "output onto A", arguments: ["match", "a/w.h5", "a/w.h5", "-o", "a/w.h5", "--force"],
      code: 64, says: "input"),
    Case(
      name: "output named like another format",
      arguments: ["match", "a/w.h5", "a/w.h5", "-o", "m.safetensors"], code: 64,
      says: "wsl convert"),
    Case(
      name: "no such output folder", arguments: ["match", "a/w.h5", "a/w.h5", "-o", "no/where.h5"],
      code: 74, says: "no"),
    Case(
      name: "output exists", arguments: ["match", "a/w.h5", "a/w.h5", "-o", "text.h5"], code: 74,
      says: "--force"),
    Case(name: "no arguments", arguments: ["match", "a/w.h5"], code: 64, says: "missing"),
    Case(
      name: "unknown flag", arguments: ["match", "a/w.h5", "a/w.h5", "--frob"], code: 64,
      says: "--frob"),
    Case(
      name: "no data", arguments: ["connect", "a/w.h5", "a/w.h5", "--data", "nope.h5"], code: 66,
      says: "nope.h5"),
    Case(
      name: "one point",
      arguments: ["connect", "a/w.h5", "a/w.h5", "--data", "digits", "--points", "1"], code: 64,
      says: "--points"),
    Case(
      name: "picture of another kind",
      arguments: ["connect", "a/w.h5", "a/w.h5", "--data", "digits", "--plot", "p.png"], code: 64,
      says: ".svg"),
    Case(
      name: "description of nothing", arguments: ["inspect", "a/w.h5", "--graph", "wrong.yaml"],
      code: 65, says: "wrong.yaml"),
    Case(
      name: "missing description", arguments: ["inspect", "a/w.h5", "--graph", "none.yaml"],
      code: 66, says: "none.yaml"),
    Case(name: "mistyped command", arguments: ["inspct", "a/w.h5"], code: 64, says: "inspect"),
    Case(name: "mistyped subcommand", arguments: ["zoo", "lits", "z"], code: 64, says: "list"),
    Case(
      name: "data of another shape",
      arguments: ["connect", "a/w.h5", "a/w.h5", "--data", "images"], code: 65,
      says: "network takes"),
    Case(
      name: "strength that is no number",
      arguments: ["patch", "a/w.h5", "--rws", "b/w.h5@strong", "-o", "p.h5"], code: 64,
      says: "strong"),
    Case(
      name: "missing spec", arguments: ["zoo", "build", "no.yaml", "-o", "z"], code: 66,
      says: "no.yaml"),
    Case(
      name: "wrong spec", arguments: ["zoo", "build", "wrong.yaml", "-o", "z"], code: 65,
      says: "line 2"),
    Case(
      name: "spec without data", arguments: ["zoo", "build", "nodata.yaml", "-o", "z"], code: 66,
      says: "nowhere.h5"),
  ]

  @Test("one clear line, the right exit code, no partial output", arguments: cases)
  func refused(_ item: Case) throws {
    let folder = try Self.folder.get()
    let before = folder.contents
    let outcome = try Tool.run(item.arguments, in: folder.url)
    #expect(outcome.code == item.code, "\(outcome.errors)")
    #expect(outcome.errors.contains(item.says), "\(outcome.errors)")
    #expect(outcome.output == "")
    // Mistakes in arguments are one line, too: `OneLineErrorTests`.
    if item.code != 64 {
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
    #expect(folder.contents == before)
  }

  @Test("Ctrl-C ends with the code that means: run me again; no half model is left")
  func interrupted() throws {
    let folder = try Scratch()
    let spec = """
      name: long
      data: digits
      model: {kind: mlp, widths: [64]}
      training: {epochs: 1000000}
      """
    try spec.write(toFile: folder.path("long.yaml"), atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = Tool.executable
    process.arguments = ["zoo", "build", folder.path("long.yaml"), "-o", folder.path("zoo")]
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The folder is made when training begins.
    while !FileManager.default.fileExists(atPath: folder.path("zoo")), process.isRunning {
      Thread.sleep(forTimeInterval: 0.05)
    }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 75)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("zoo")) == [])
  }
}
