import Foundation
import TestSupport
import Testing
import Support

/// What `inspect --checksums` says of a tensor that is whole and cannot be read here.
@Suite("Checksums of what is not read") struct UnreadChecksumTests {
  @Test("an unsupported filter, and a limit on memory, are no damage; a cut file is")
  func reasons() throws {
    let filters = Tool.packageRoot.appendingPathComponent(
      "Tests/WeightFilesTests/Fixtures/filters.h5")
    let outcome = try Tool.run("inspect", filters.path, "--checksums", "--json")
    #expect(outcome.code == 3)
    let document = try outcome.json()
    let tensors = try #require((document["files"]?[0]?["tensors"] ?? document["tensors"])?.array)
    let zfp = try #require(tensors.first { $0["name"]?.string == "unknown/zfp" })
    let words = try #require(zfp["unread"]?.string)
    #expect(words.lowercased().contains("zfp") && !words.contains("damage"), "\(words)")
    #expect(zfp["damage"]?.string == nil && zfp["checksum"]?.string == nil)
    #expect(tensors.count { $0["checksum"]?.string != nil } == tensors.count - 1)
    let table = try Tool.run("inspect", filters.path, "--checksums")
    #expect(table.output.contains("not read: ") && !table.output.contains("damaged"))

    let small = try Tool.run("inspect", filters.path, "--checksums", "--max-memory", "16")
    #expect(small.code == 3 && !small.output.contains("damaged"), "\(small.output)")

    let scratch = try Scratch()
    var bytes = try Data(contentsOf: filters)
    // The data of a chunk: its checksum, or what it unpacks to, no longer fits.
    for place in bytes.count / 2..<bytes.count / 2 + 4096 where place < bytes.count {
      bytes[place] ^= 0x5A
    }
    try bytes.write(to: scratch.url.appendingPathComponent("cut.h5"))
    let cut = try Tool.run(["inspect", "cut.h5", "--checksums"], in: scratch.url)
    #expect([3, 65].contains(cut.code), "\(cut.code)")
  }
}
