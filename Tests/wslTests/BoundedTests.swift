import Foundation
import TestSupport
import Testing
import WeightFiles
import WorkbenchCore

/// What a file claims, and what a process may have, bound what a command takes: memory, descriptors, the
/// size of files. The reasons are one line; nothing crashes, and nothing hangs.
@Suite("Limits on the command line", .serialized)
struct BoundedTests {
  /// An archive with one deflated tensor of so many MiB.
  private func archive(_ folder: Scratch, mebibytes: Int) throws -> String {
    let path = folder.path("large.npz")
    var contents = ModelContents()
    let rows = mebibytes * 64
    contents.add("w", shape: [rows, 4096], as: .float32) {
      var bytes = [UInt8](repeating: 0, count: rows * 4096 * 4)
      for index in stride(from: 0, to: bytes.count, by: 4) {
        let value = Float(index / 4 &* 7919 % 104_729).bitPattern
        for byte in 0..<4 { bytes[index + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
      }
      return bytes
    }
    try contents.write(to: path, WritingOptions(compression: .gzip(level: 1)))
    return path
  }

  static let expanded = Tool.packageRoot.appendingPathComponent(
    "Tests/wslTests/Fixtures/expanded.pt"
  ).path

  // Tried by hand beside it: expanded rows and columns ([2^28, 3] of strides [0, 1], [2, 2^27]), a scalar in
  // both formats of PyTorch, windows over one another ([8000, 8000] of strides [1, 1]): `inspect
  // --checksums` and `diff` within 50 MiB. `spectrum` holds such a matrix as a whole.
  @Test("some hundred bytes that claim 1.5 GiB cost what they store")
  func expandedView() throws {
    let folder = try Scratch()
    // The tool itself takes some 40 MiB; held as a whole, the tensor would be 1.5 GiB.
    let (sums, peak) = try Tool.measured(["inspect", "--checksums", Self.expanded, "--json"])
    #expect(sums.code == 0 && peak < 300, "\(peak) MiB \(sums.errors)")
    // XXH3 of 1.5 GiB of zeros, by the reference implementation.
    #expect(
      try sums.json()["tensors"]?[0]?["checksum"]?.string
        == "xxh3:2d68149347573db16368db45931c23fd")
    let (spectrum, held) = try Tool.measured(["spectrum", Self.expanded])
    #expect((spectrum.output + spectrum.errors).contains("claim 1.5 GiB"), "\(spectrum)")
    #expect(held < 300, "\(held) MiB")
    let index = folder.path("z.sqlite")
    #expect(try Tool.run("zoo", "index", Self.expanded, "-o", index).code == 0)
    let (scan, memory) = try Tool.measured(
      ["zoo", "scan", index, "--metrics", "statistics", "--max-memory", "512M"])
    #expect(scan.code == 3 && memory < 300, "\(memory) MiB \(scan.errors)")
    #expect(scan.output.contains("claim 1.5 GiB"), "\(scan.output)")
  }

  @Test(
    "a tensor of four times the memory is converted, summed, compared and scanned piece by piece")
  func largeTensor() throws {
    let folder = try Scratch()
    let path = try archive(folder, mebibytes: 256)
    let copy = folder.path("l.safetensors")
    let limit = ["--max-memory", "64M"]
    let (convert, peak) = try Tool.measured(["convert", path, "-o", copy] + limit)
    #expect(convert.code == 0 && peak < 200, "\(peak) MiB \(convert.errors)")
    let (same, comparing) = try Tool.measured(["diff", path, copy, "--fail-above", "0"] + limit)
    #expect(same.code == 0 && comparing < 200, "\(comparing) MiB \(same.errors)")
    let sums = try [path, copy].map { file in
      let (outcome, memory) = try Tool.measured(["inspect", file, "--checksums", "--json"] + limit)
      #expect(outcome.code == 0 && memory < 200, "\(memory) MiB \(outcome.errors)")
      return try outcome.json()["tensors"]?[0]?["checksum"]?.string
    }
    #expect(sums[0] == sums[1] && sums[0] != nil)
    // The same statistics with and without the limit.
    var tables: [String] = []
    for words in [limit, []] {
      let index = folder.path("z\(words.count).sqlite")
      #expect(try Tool.run("zoo", "index", path, "-o", index, "--hash-limit", "0").code == 0)
      let (scan, memory) = try Tool.measured(
        ["zoo", "scan", index, "--metrics", "statistics,norms"] + words)
      #expect(scan.code == 0, "\(scan.errors)")
      if !words.isEmpty { #expect(memory < 250, "\(memory) MiB") }
      for subject in ["statistics", "norms"] {
        tables.append(try Tool.run("zoo", "list", index, "--of", subject, "--csv").output)
      }
    }
    #expect(tables[0] == tables[2] && tables[1] == tables[3] && tables[0].contains("w"))
    // A spectrum needs the matrix: one line, what is needed and what is allowed, and nothing is kept.
    let index = folder.path("z0.sqlite")
    let refused = try Tool.run(["zoo", "scan", index, "--metrics", "spectrum"] + limit)
    #expect(refused.code == 3 || refused.code == 0, "\(refused.errors)")
  }

  @Test("a compressed file is unpacked within the same limit")
  func gzip() throws {
    let folder = try Scratch()
    let path = try archive(folder, mebibytes: 192)
    for ending in ["safetensors.gz", "safetensors.zst"] {
      let packed = folder.path("l.\(ending)")
      #expect(try Tool.run("convert", path, "-o", packed).code == 0)
      let (convert, peak) = try Tool.measured(
        ["convert", packed, "-o", folder.path("o.npy"), "--max-memory", "64M", "--force"])
      #expect(convert.code == 0 && peak < 220, "\(ending): \(peak) MiB \(convert.errors)")
    }
  }

  @Test("limits on descriptors and address space are a line")
  func processLimits() throws {
    let folder = try Scratch()
    let path = try archive(folder, mebibytes: 1)
    for (limit, words) in [("-n 16", "files may be open"), ("-v 400000", "of address space")] {
      let (outcome, _) = try Tool.measured(limits: [limit], ["inspect", path])
      #expect(outcome.code == 1, "\(limit): \(outcome.code) \(outcome.errors)")
      let lines = outcome.errors.split(separator: "\n")
      #expect(lines.count == 1 && outcome.errors.contains(words), "\(limit): \(outcome.errors)")
    }
  }

  @Test("folders in each other to any depth are indexed, or listed")
  func depth() throws {
    let folder = try Scratch()
    let model = try archive(folder, mebibytes: 1)
    // 70 levels are paths; of 5 000 the paths are longer than the system takes.
    let script = """
      import os, shutil, sys
      root, model = sys.argv[1:]
      os.makedirs(root + "/near/" + "/".join(["d"] * 70))
      shutil.copy(model, root + "/near/" + "/".join(["d"] * 70) + "/m.npz")
      os.mkdir(root + "/far"); os.chdir(root + "/far")
      for level in range(5000):
          os.mkdir("d"); os.chdir("d")
      shutil.copy(model, "m.npz")
      """
    let root = folder.path("zoo")
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let maker = Process()
    maker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    maker.arguments = ["python3", "-c", script, root, model]
    try maker.run()
    maker.waitUntilExit()
    guard maker.terminationStatus == 0 else { return }
    defer {  // No path leads to the last levels, either.
      let remover = try? Process.run(
        URL(fileURLWithPath: "/bin/rm"), arguments: ["-rf", root])
      remover?.waitUntilExit()
    }
    let index = try Tool.run("zoo", "index", root, "-o", folder.path("z.sqlite"), "--json")
    #expect(index.code == 3, "\(index.errors)")
    let result = try index.json()
    #expect(result["models"]?.integer == 1)
    let failures = result["failures"]?.array ?? []
    #expect(failures.count == 1)
    #expect(failures.first?["reason"]?.string?.contains("longer than the system takes") == true)
  }
}
