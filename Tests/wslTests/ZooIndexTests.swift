import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// `wsl zoo index`, `list`, `scan`, `merge`, `submit` as a user runs them.
@Suite("The index on the command line", .serialized)
struct ZooIndexTests {
  /// A folder of eight small trained networks.
  private func zoo(_ folder: Scratch, models: Int = 8) throws {
    let spec = """
      name: z
      data: {source: digits, fraction: 0.1}
      model: {kind: mlp, width: 8}
      training: {epochs: 1}
      seeds: [\((0..<models).map(String.init).joined(separator: ", "))]
      """
    try spec.write(toFile: folder.path("z.yaml"), atomically: true, encoding: .utf8)
    let built = try Tool.run("zoo", "build", folder.path("z.yaml"), "-o", folder.path("zoo"))
    #expect(built.code == 0, "\(built.errors)")
  }

  /// The statistics of an index, as text.
  private func statistics(_ index: String) throws -> String {
    let listed = try Tool.run("zoo", "list", index, "--of", "statistics", "--csv")
    #expect(listed.code == 0, "\(listed.errors)")
    return listed.output
  }

  @Test("index, ask, show; a second time nothing is read")
  func index() throws {
    let folder = try Scratch()
    try zoo(folder)
    let index = folder.path("z.sqlite")
    let first = try Tool.run("zoo", "index", folder.path("zoo"), "-o", index, "--json")
    #expect(first.code == 0, "\(first.errors)")
    #expect(try first.json()["models"]?.integer == 8)
    let second = try Tool.run("zoo", "index", folder.path("zoo"), "-o", index, "--json")
    #expect(try second.json()["read"]?.integer == 0 && second.code == 0)
    let listed = try Tool.run(
      "zoo", "list", index, "--where", "test_accuracy >= 0 and width = 8 and seed < 3", "--json")
    let models = try #require(try listed.json()["models"]?.array)
    #expect(models.count == 3)
    #expect(models[1]["name"]?.string == "z-seed1" && models[1]["seed"]?.integer == 1)
    let table = try Tool.run(
      "zoo", "list", index, "--columns", "name,seed", "--sort", "-seed", "--csv")
    #expect(table.output.hasPrefix("name,seed\nz-seed7,7\n"))
    // A table shows in what models differ and how good they are; a program gets every column.
    let plain = try Tool.run("zoo", "list", index, "--limit", "1").output
    let heading = plain.prefix { $0 != "\n" }
    #expect(heading.contains(" seed") && heading.contains("test_accuracy"), "\(heading)")
    #expect(!heading.contains("batch_size"))
    let all = try Tool.run("zoo", "list", index, "--limit", "1", "--csv").output
    #expect(all.prefix { $0 != "\n" }.contains(",batch_size,"))
    let shown = try Tool.run("zoo", "show", index, "z-seed2", "--json")
    #expect(try shown.json()["tensors"]?.array?.count == 4)
    let hollow = folder.path("hollow")
    try FileManager.default.createDirectory(atPath: hollow, withIntermediateDirectories: false)
    let nothing = try Tool.run("zoo", "index", hollow, "-o", folder.path("hollow.sqlite"))
    #expect(nothing.code == 0 && nothing.errors.contains("no weight file"))
    for (words, code) in [
      (["zoo", "list", index, "--where", "nothing > 1"], 64 as Int32),
      (["zoo", "list", folder.path("none.sqlite")], 66),
      (["zoo", "list", folder.path("z.yaml")], 65),
      (["zoo", "show", index, "nobody"], 64),
      (["zoo", "index", folder.path("none"), "-o", index], 66),
      (["zoo", "scan", index, "--metrics", "magic"], 64),
      (["zoo", "scan", index, "--shard", "9/8", "-o", folder.path("s")], 64),
      (["zoo", "index", folder.path("zoo"), "-o", folder.path("no/z.sqlite")], 74),
    ] {
      let outcome = try Tool.run(words)
      #expect(outcome.code == code, "\(words): \(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count <= 1 || code == 64, "\(outcome.errors)")
    }
  }

  @Test("a reader that hangs is a reason, not an end")
  func hanging() throws {
    let folder = try Scratch()
    try zoo(folder, models: 2)
    // A worker that never answers for files that say so.
    let script = """
      #!/bin/sh
      if tail -c 5 <&0 | grep -q HANG; then exec sleep 1000; fi
      exec "\(Tool.executable.deletingLastPathComponent().path)/wsl-catalog" "$@"
      """
    let worker = folder.path("worker")
    try script.write(toFile: worker, atomically: true, encoding: .utf8)
    #expect(chmod(worker, 0o755) == 0)
    var bytes = try #require(FileManager.default.contents(atPath: folder.path("zoo/z-seed0.h5")))
    bytes += Data("HANG\n".utf8)
    try bytes.write(to: URL(fileURLWithPath: folder.path("zoo/hangs.h5")))
    let process = Process()
    process.executableURL = Tool.executable
    process.arguments = [
      "zoo", "index", folder.path("zoo"), "-o", folder.path("z.sqlite"), "--timeout", "1",
      "--quiet",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(["WSL_CATALOG": worker]) {
      $1
    }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 3)
    let again = try Tool.run(
      "zoo", "index", folder.path("zoo"), "-o", folder.path("z.sqlite"), "--json")
    #expect(try again.json()["models"]?.integer == 2 && again.code == 3)
    let reason = try again.json()["failures"]?[0]?["reason"]?.string ?? ""
    #expect(reason.contains("took longer than 2.0 seconds"), "\(reason)")
  }

  @Test("a scan that is killed five times comes to what an undisturbed one comes to")
  func killed() throws {
    let folder = try Scratch()
    try zoo(folder, models: 24)
    let (whole, cut) = (folder.path("whole.sqlite"), folder.path("cut.sqlite"))
    #expect(try Tool.run("zoo", "index", folder.path("zoo"), "-o", whole).code == 0)
    try FileManager.default.copyItem(atPath: whole, toPath: cut)
    #expect(try Tool.run("zoo", "scan", whole).code == 0)
    for round in 0..<5 {
      let process = Process()
      process.executableURL = Tool.executable
      process.arguments = ["zoo", "scan", cut, "--jobs", "1", "--quiet"]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(10_000 + 7_000 * round))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let last = try Tool.run("zoo", "scan", cut, "--json")
    #expect(last.code == 0, "\(last.errors)")
    #expect(try statistics(cut) == statistics(whole))
    #expect(try Tool.run("zoo", "scan", cut, "--json").json()["scanned"]?.integer == 0)
  }

  @Test("shards through the command line and through this machine's engine")
  func shards() throws {
    let folder = try Scratch()
    try zoo(folder)
    let names = ["whole", "parts", "local"].map { folder.path($0 + ".sqlite") }
    #expect(try Tool.run("zoo", "index", folder.path("zoo"), "-o", names[0]).code == 0)
    for name in names.dropFirst() {
      try FileManager.default.copyItem(atPath: names[0], toPath: name)
    }
    #expect(try Tool.run("zoo", "scan", names[0]).code == 0)
    for number in 1...3 {
      let shard = try Tool.run(
        "zoo", "scan", names[1], "--shard", "\(number)/3", "-o", folder.path("shards") + "/")
      #expect(shard.code == 0, "\(shard.errors)")
    }
    let first = try Tool.run("zoo", "merge", names[1], folder.path("shards/shard-1-of-3.sqlite"))
    #expect(first.code == 3, "\(first.output)")
    let merged = try Tool.run("zoo", "merge", names[1], folder.path("shards"), "--json")
    #expect(merged.code == 0, "\(merged.errors)")
    #expect(try merged.json()["missingModels"]?.integer == 0)
    let local = try Tool.run("zoo", "submit", names[2], "--engine", "local", "--shards", "2")
    #expect(local.code == 0, "\(local.errors)")
    let expected = try statistics(names[0])
    #expect(expected.split(separator: "\n").count == 33)
    for name in names.dropFirst() { #expect(try statistics(name) == expected) }
    let dry = try Tool.run(
      "zoo", "submit", names[0], "--shards", "64", "--at-once", "16", "--dry-run", "--where",
      "seed > 1 and name <> 'it''s'", "--option=--partition=long")
    #expect(dry.code == 0)
    #expect(dry.output.contains("#SBATCH --array=0-63%16\n"))
    #expect(dry.output.contains("#SBATCH --partition=long\n"))
    #expect(dry.output.contains(#"--where 'seed > 1 and name <> '\''it'\'''\''s'\'''"#))
  }

  @Test("a polite kill finishes the model in work and says that there is more to do")
  func stopped() throws {
    let folder = try Scratch()
    try zoo(folder, models: 24)
    let index = folder.path("z.sqlite")
    #expect(try Tool.run("zoo", "index", folder.path("zoo"), "-o", index).code == 0)
    let process = Process()
    process.executableURL = Tool.executable
    process.arguments = ["zoo", "scan", index, "--jobs", "1", "--quiet"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    usleep(40_000)
    process.terminate()
    process.waitUntilExit()
    // It may have been done before the signal came; or not have begun to listen.
    #expect([0, 75].contains(process.terminationStatus))
    #expect(try Tool.run("zoo", "scan", index).code == 0)
    let count = try Tool.run("zoo", "list", index, "--where", "norms_l2 > 0", "--count")
    #expect(count.output == "24\n")
  }
}
