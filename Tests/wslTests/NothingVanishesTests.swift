import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// What is not read, damaged or cannot be written is said by every command.
///
/// The kinds were tried by hand with more members than these: see the suites of WeightFiles and Zoo of
/// the same subjects.
@Suite("Nothing vanishes") struct NothingVanishesTests {
  private static func fixture(_ name: String) -> String {
    Tool.packageRoot.appendingPathComponent("Tests/WeightFilesTests/Fixtures/\(name)").path
  }

  /// A safetensors file of four numbers and, in 16 bytes, of 32 floats of 4 bits, which are not read.
  private func write(
    _ fill: UInt8, to path: String, as type: String = "F4", shape: String = "4,8"
  ) throws {
    var header =
      #"{"norm.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"#
      + "\"proj.weight\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[16,32]}}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    try Data(
      length + Array(header.utf8) + [UInt8](repeating: 0, count: 16)
        + [UInt8](repeating: fill, count: 16)
    ).write(to: URL(fileURLWithPath: path))
  }

  @Test("inspect shows what it does not read, and counts it, with and without a known architecture")
  func inspect() throws {
    for (name, share) in [
      ("unread/a.h5", "6 parameters in 1 of 12 tensors"),
      ("unread/a.npz", "6 parameters in 1 of 5 tensors"),
      ("pytorch/skips.pt", "tensors, the others are not read"),
    ] {
      let outcome = try Tool.run("inspect", "-q", Self.fixture(name))
      #expect(outcome.code == 0 && outcome.output.contains(share), "\(name): \(outcome.output)")
      #expect(outcome.output.contains("left alone"), "\(name)")
    }
    let json = try Tool.run("inspect", "-q", "--json", Self.fixture("unread/a.h5")).json()
    #expect(json["tensorCount"]?.number == 12)
    let compound = json["skipped"]?.array?.first { $0["name"]?.string == "compound" }
    #expect(compound?["dtype"]?.string == "compound (scale F32, zero I16 of 16 bits; 6 bytes)")
    #expect(compound?["bytes"]?.number == 48 && compound?["shape"]?[0]?.number == 8)
    // With --tensors each has a line.
    let all = try Tool.run("inspect", "-q", "--tensors", Self.fixture("unread/a.h5")).output
    for name in ["compound ", "complex ", "virtual ", "ragged "] { #expect(all.contains(name)) }
  }

  @Test("the same is said only of what was compared")
  func diff() throws {
    let scratch = try Scratch()
    let (a, b, c) = (
      scratch.path("a.safetensors"), scratch.path("b.safetensors"), scratch.path("c.safetensors")
    )
    try write(1, to: a)
    try write(2, to: b)
    try write(1, to: c)
    let changed = try Tool.run("diff", a, b, "--fail-above", "0")
    #expect(changed.code == 2 && changed.errors.contains("proj.weight (F4)"))
    #expect(changed.output.contains("the same in the 1 tensors that can be read"))
    #expect(changed.output.contains("changed, not read as numbers:\n  proj.weight [4, 8] F4"))
    #expect(try Tool.run("diff", "-q", a, b, "--json").json()["identical"]?.bool == false)
    let same = try Tool.run("diff", "-q", a, c, "--fail-above", "0")
    #expect(same.code == 0)
    #expect(
      same.output.hasPrefix(
        "the same: 1 tensors, every element; 1 not read as numbers has the same bytes"))
    // Where bytes cannot be had, nothing is claimed.
    let open = Self.fixture("unread/a.h5")
    let unknown = try Tool.run("diff", "-q", open, open, "--fail-above", "0")
    #expect(unknown.code == 2 && unknown.output.contains("3 are not read: "))
    let json = try Tool.run("diff", "-q", open, open, "--json").json()
    #expect(json["identical"] == .null)
    #expect(
      Set(json["unread"]?.array?.compactMap { $0["outcome"]?.string } ?? [])
        == ["same", "notCompared"])
    // A tensor that one of them reads is neither added nor removed, and not the same.
    let read = scratch.path("read.safetensors")
    try write(1, to: read, as: "F32", shape: "4")
    let other = try Tool.run("diff", "-q", a, read, "--json").json()
    #expect(other["identical"] == .null && other["total"]?["tensors"]?.number == 1)
    #expect(other["added"]?.array?.isEmpty == true && other["removed"]?.array?.isEmpty == true)
    #expect(try Tool.run("diff", "-q", a, read, "--fail-above", "0").code == 2)
  }

  @Test("linked data sets are the tensors that both names have")
  func links() throws {
    let (hard, plain) = (
      Self.fixture("links/hard.weights.h5"), Self.fixture("links/plain.weights.h5")
    )
    let same = try Tool.run("diff", hard, plain, "--fail-above", "0")
    #expect(same.code == 0 && same.output.hasPrefix("the same: 7 tensors, every element"))
    let graphs = try [hard, plain].map {
      try Tool.run("inspect", "-q", "--assume", "row", "--json", $0).json()
    }
    #expect(graphs[0]["architecture"]?["fingerprint"] == graphs[1]["architecture"]?["fingerprint"])
    #expect(graphs[0]["parameters"] == graphs[1]["parameters"])
    // The two names move together or not at all.
    for group in graphs[0]["symmetries"]?.array ?? [] {
      let axes = (group["axes"]?.array ?? []).compactMap { $0["tensor"]?.string }
      #expect(axes.contains("layers/dense_1/vars/0") == axes.contains("layers/dense_2/vars/0"))
    }
    #expect(graphs[1]["symmetries"]?.array?.count == 3)
    // Permuted by its symmetries it computes the same.
    #expect(try Tool.run("inspect", "-q", "--assume", "row", "--check", hard).code == 0)
    let scratch = try Scratch()
    let out = scratch.path("out.safetensors")
    let converted = try Tool.run("convert", hard, "-o", out)
    #expect(converted.code == 0)
    #expect(converted.errors.contains("2 tensors share their storage with others"))
    #expect(try Tool.run("diff", "-q", out, plain, "--fail-above", "0").code == 0)
  }

  /// The network of the linked files, declared: from weights alone a shared kernel stays in place.
  private static let description = """
    channels: last
    layers:
      - {name: x, type: input, shape: [4]}
      - {name: a, type: dense, units: 6,
         tensors: {kernel: layers/dense/vars/0, bias: layers/dense/vars/1}}
      - {name: ra, type: relu}
      - {name: b, type: dense, units: 6,
         tensors: {kernel: layers/dense_1/vars/0, bias: layers/dense_1/vars/1}}
      - {name: rb, type: relu}
      - {name: c, type: dense, units: 6,
         tensors: {kernel: layers/dense_2/vars/0, bias: layers/dense_2/vars/1}}
      - {name: rc, type: relu}
      - {name: d, type: dense, units: 3, tensors: {kernel: layers/dense_3/vars/0}}
    """

  @Test(
    "matched and permuted, a linked file has one value under both names",
    arguments: ["hard", "soft", "chunked"])
  func permuted(kind: String) throws {
    let scratch = try Scratch()
    let linked = Self.fixture("links/\(kind).weights.h5")
    let graph = scratch.path("graph.yaml")
    try Self.description.write(toFile: graph, atomically: true, encoding: .utf8)
    let (out, permutation) = (scratch.path("out.weights.h5"), scratch.path("p.json"))
    let matched = try Tool.run(
      "match", "-q", linked, linked, "--graph", graph, "-o", out, "--save-permutation", permutation)
    #expect(matched.code == 0, "\(matched.errors)")
    #expect(try Tool.run("diff", "-q", out, linked, "--fail-above", "0").code == 0)
    // Units in another order, and back. All three layers of hidden units are one group.
    let (moved, back) = (scratch.path("moved.weights.h5"), scratch.path("back.weights.h5"))
    let document = try String(contentsOfFile: permutation, encoding: .utf8)
    let identity = /\[\s*0,\s*1,\s*2,\s*3,\s*4,\s*5\s*\]/
    #expect(document.matches(of: identity).count == 1)
    try document.replacing(identity, with: "[3,0,1,5,2,4]")
      .write(toFile: permutation, atomically: true, encoding: .utf8)
    func permute(_ file: String, _ options: String...) throws -> Int32 {
      let arguments = ["permute", "-q", file, "--graph", graph, "--with", permutation]
      return try Tool.run(arguments + options).code
    }
    #expect(try permute(linked, "-o", moved) == 0)
    #expect(try Tool.run("diff", "-q", moved, linked, "--fail-above", "0").code == 2)
    #expect(try permute(moved, "--invert", "-o", back) == 0)
    #expect(try Tool.run("diff", "-q", back, linked, "--fail-above", "0").code == 0)
  }

  @Test(
    "a damaged tensor is shown with its reason, and the exit code says so", arguments: ["-v", "-q"])
  func damaged(quiet: String) throws {
    for (name, broken, fine) in [
      ("unread/damaged.h5", ["deflated", "checked"], "bias"),
      ("unread/damaged.npz", ["broken"], "fine"),
    ] {
      let path = Self.fixture(name)
      let flags = quiet == "-q" ? ["-q"] : []
      let text = try Tool.run(["inspect", "--checksums"] + flags + [path])
      #expect(text.code == 3, "\(name)")
      #expect(text.output.contains("damaged: ") && text.output.contains("left alone"))
      let outcome = try Tool.run(["inspect", "--checksums", "--json"] + flags + [path])
      #expect(outcome.code == 3)
      let json = try outcome.json()
      let tensors = json["tensors"]?.array ?? []
      for tensor in broken {
        #expect(json["skipped"]?.array?.contains { $0["name"]?.string == tensor } == true)
        let row = tensors.first { $0["name"]?.string == tensor }
        #expect(row?["damage"]?.string != nil && row?["checksum"] == nil)
      }
      #expect(tensors.first { $0["name"]?.string == fine }?["checksum"]?.string != nil)
    }
  }

  @Test("no other command takes a damaged tensor for a good one", arguments: ["h5", "npz"])
  func damagedElsewhere(ending: String) throws {
    let scratch = try Scratch()
    let path = Self.fixture("unread/damaged.\(ending)")
    #expect(try Tool.run("diff", path, path).code == 65)
    let out = scratch.path("out.safetensors")
    #expect(try Tool.run("convert", path, "-o", out).code == 65)
    #expect(!FileManager.default.fileExists(atPath: out))
    let index = scratch.path("z.sqlite")
    #expect(try Tool.run("zoo", "index", path, "-o", index).code == 3)
    // Too large to be hashed when it is indexed, it is found when it is scanned.
    let late = scratch.path("late.sqlite")
    #expect(try Tool.run("zoo", "index", "--hash-limit", "0", path, "-o", late).code == 0)
    #expect(try Tool.run("zoo", "scan", late, "--metrics", "statistics").code == 3)
  }

  @Test("a merge says how many tensors it does not read")
  func merge() throws {
    let scratch = try Scratch()
    let (a, b) = (scratch.path("a.safetensors"), scratch.path("b.safetensors"))
    try write(1, to: a)
    try write(2, to: b)
    for (out, fate) in [
      ("m.safetensors", "1 of 2 tensors of the first file are not read, and stay as they are"),
      ("m.h5", "1 of 2 tensors of the first file are not read, and are left out"),
    ] {
      let merged = try Tool.run("merge", "-q", a, b, "-o", scratch.path(out))
      #expect(merged.code == 0 && merged.output.contains(fate), "\(merged.output)\(merged.errors)")
    }
    let converted = try Tool.run("convert", "-q", a, "-o", scratch.path("c.h5"))
    #expect(converted.code == 0 && converted.output.hasPrefix("1 of 2 tensors: "))
  }

  /// Runs the tool with its output going somewhere that does not take it.
  private func run(_ arguments: [String], to target: String) throws -> (code: Int32, errors: String)
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "exec \"$0\" \"$@\" \(target)", Tool.executable.path] + arguments
    let scratch = try Scratch()
    let path = scratch.path("err")
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    process.standardError = FileHandle(forWritingAtPath: path)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: path, encoding: .utf8))
  }

  @Test("what standard output does not take is a failure, of every command")
  func fullDisk() throws {
    let scratch = try Scratch()
    let model = Self.fixture("links/plain.weights.h5")
    let index = scratch.path("z.sqlite")
    #expect(try Tool.run("zoo", "index", model, "-o", index).code == 0)
    #expect(try Tool.run("zoo", "scan", index, "--metrics", "statistics").code == 0)
    let commands: [[String]] = [
      ["inspect", model], ["inspect", "--json", model], ["inspect", "-q", "--checksums", model],
      ["diff", model, model], ["diff", "--json", model, model], ["spectrum", model],
      ["spectrum", "--csv", model], ["match", "-q", model, model],
      ["convert", model, "-o", scratch.path("o.npz")], ["doctor"],
      ["zoo", "list", index], ["zoo", "list", index, "--csv"], ["zoo", "list", index, "--json"],
      ["zoo", "duplicates", index], ["zoo", "verify", index],
      ["zoo", "export", index, "-o", scratch.path("e.csv")],
      ["zoo", "index", model, "-o", index], ["--help"], ["zoo", "--help"], ["--version"],
      ["--generate-completion-script", "bash"],
    ]
    for command in commands {
      let outcome = try run(command, to: ">/dev/full")
      #expect(outcome.code == 74, "\(command): \(outcome.errors)")
      #expect(
        outcome.errors.hasSuffix(
          "error: standard output cannot be written: No space left on device\n"),
        "\(command): \(outcome.errors)")
    }
    // What was written beside it is whole.
    #expect(try Tool.run("diff", "-q", scratch.path("o.npz"), model, "--fail-above", "0").code == 0)
  }

  @Test("a closed output is a failure, a closed pipe ends quietly, and errors keep their own code")
  func closed() throws {
    let model = Self.fixture("links/plain.weights.h5")
    let closed = try run(["inspect", model], to: ">&-")
    #expect(closed.code == 74 && closed.errors.contains("standard output cannot be written: "))
    let pipe = try run(["inspect", "--tensors", model], to: "| true")
    #expect(pipe.errors.isEmpty)
    #expect(try run(["inspect", "/no/such/file"], to: ">/dev/full").code == 66)
    #expect(try run(["inspect", "--no-such-flag"], to: ">/dev/full").code == 64)
  }
}
