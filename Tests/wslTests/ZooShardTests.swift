import Foundation
import TestSupport
import Testing
import WorkbenchCore

/// A shard that a scheduler ends politely, and starts again.
@Suite("A shard that is stopped", .serialized)
struct ZooShardTests {
  /// Models that take a while: one square matrix each.
  private func models(_ folder: Scratch, count: Int, side: Int) throws {
    try FileManager.default.createDirectory(
      atPath: folder.path("zoo"), withIntermediateDirectories: true)
    for number in 0..<count {
      let byteCount = 4 * side * side
      let header =
        #"{"fc.weight":{"dtype":"F32","shape":[\#(side),\#(side)],"data_offsets":[0,\#(byteCount)]}}"#
      var state = UInt32(number) &* 2_654_435_761 &+ 1
      var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      bytes += Data(header.utf8)
      for _ in 0..<(side * side) {
        state = state &* 1_664_525 &+ 1_013_904_223
        let value = Float(Int32(bitPattern: state)) * 0x1p-31
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Data($0) }
      }
      try bytes.write(to: folder.url.appending(path: "zoo/m\(number).safetensors"))
    }
  }

  private func modified(_ path: String) -> Date? {
    let facts = try? FileManager.default.attributesOfItem(atPath: path)
    return facts?[.modificationDate] as? Date
  }

  @Test(
    "SIGTERM lets the model in work be finished; the same command goes on; results are the same")
  func requeued() throws {
    let folder = try Scratch()
    try models(folder, count: 12, side: 700)
    let index = folder.path("z.sqlite")
    #expect(try Tool.run("zoo", "index", folder.path("zoo"), "-o", index).code == 0)
    let words = [
      "zoo", "scan", index, "--metrics", "spectrum", "--shard", "1/1", "-o",
      folder.path("part.sqlite"), "--jobs", "1", "--json",
    ]
    let process = Process()
    process.executableURL = Tool.executable
    process.arguments = words
    let errors = folder.path("errors")
    _ = FileManager.default.createFile(atPath: errors, contents: nil)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    // Each model that is done is written: the second change is after the first model.
    let partial = folder.path(".part.sqlite.partial")
    var changes = Set<Date>()
    let deadline = Date(timeIntervalSinceNow: 60)
    while changes.count < 4, process.isRunning, Date() < deadline {
      if let date = modified(partial) { changes.insert(date) }
      usleep(2000)
    }
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 75)
    let said = try String(contentsOfFile: errors, encoding: .utf8)
    let counts = try #require(said.firstMatch(of: /stopped after (\d+) of 12 models/), "\(said)")
    let done = try #require(Int(counts.1))
    #expect((1..<12).contains(done))
    #expect(!folder.contents.contains("part.sqlite"), "it is there when it is complete")
    let second = try Tool.run(words)
    #expect(second.code == 0, "\(second.errors)")
    #expect(try second.json()["scanned"]?.integer == 12 - done)
    #expect(folder.contents.contains("part.sqlite"))
    #expect(!folder.contents.contains(".part.sqlite.partial"))
    // The same as without a stop.
    let alone = folder.path("alone.sqlite")
    try FileManager.default.copyItem(atPath: index, toPath: alone)
    #expect(try Tool.run("zoo", "scan", alone, "--metrics", "spectrum").code == 0)
    #expect(try Tool.run("zoo", "merge", index, folder.path("part.sqlite")).code == 0)
    let lists = try [index, alone].map { path in
      try Tool.run("zoo", "list", path, "--of", "spectrum", "--csv").output
    }
    #expect(lists[0] == lists[1] && lists[0].split(separator: "\n").count == 13)
  }
}
