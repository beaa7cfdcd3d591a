import Foundation
import GRDB
import Support
import Testing
import WeightFiles

@testable import ZooIndex

/// Contents in the index are those of all tensors, and whatever name it takes can be scanned.
///
/// Tried: 4-bit floats that differ and that are the same, under other names; objects whose bytes are
/// elsewhere; a flipped byte of what is not read; names with a line feed, a tab, a leading space, an
/// emoji, a double quote; files and folders whose names are not UTF-8.
@Suite("What is not read, in the index", .serialized)
struct UnreadIndexTests {
  /// A safetensors file of four numbers and of 32 floats of 4 bits, which are not read.
  private func write(_ fill: UInt8, to path: String, name: String = "proj.weight") throws {
    var header =
      #"{"norm.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"#
      + "\"\(name)\":{\"dtype\":\"F4\",\"shape\":[4,8],\"data_offsets\":[16,32]}}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    let numbers = [Float](arrayLiteral: 1, 2, 3, 4).flatMap { number in
      withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    }
    let bytes = length + Array(header.utf8) + numbers + [UInt8](repeating: fill, count: 16)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  private func duplicates(_ folder: IndexFolder) throws -> Duplicates {
    try Duplicates(try ZooIndex.open(reading: folder.index), smallest: 1)
  }

  @Test("models are the same where their bytes are, also of what is not read")
  func contents() async throws {
    let folder = try IndexFolder()
    try write(1, to: folder.zoo + "/a.safetensors")
    try write(2, to: folder.zoo + "/b.safetensors")
    try write(1, to: folder.zoo + "/c.safetensors", name: "other.weight")
    let summary = try await folder.update()
    #expect(summary.models == 3 && summary.failures.isEmpty)
    let found = try duplicates(folder).models
    #expect(
      found.map { $0.files.map { ($0 as NSString).lastPathComponent } } == [
        ["a.safetensors", "c.safetensors"]
      ])
    // The size counts what is not read.
    let index = try ZooIndex.open(reading: folder.index)
    var query = IndexQuery()
    query.columns = ["bytes", "skipped"]
    #expect(try Set(index.ask(query).rows) == [[.integer(32), .integer(1)]])
  }

  @Test("what cannot be had is like nothing else")
  func elsewhere() async throws {
    let folder = try IndexFolder()
    let source = Self.fixtures + "links/soft.weights.h5"
    for name in ["a", "b"] {
      let path = folder.zoo + "/\(name).h5"
      try FileManager.default.copyItem(atPath: Self.fixtures + "unread/a.h5", toPath: path)
      try FileManager.default.copyItem(atPath: source, toPath: folder.zoo + "/\(name)-plain.h5")
    }
    try await folder.update()
    let found = try duplicates(folder)
    #expect(
      found.models.map { $0.files.map { ($0 as NSString).lastPathComponent } } == [
        ["a-plain.h5", "b-plain.h5"]
      ])
    #expect(found.notCompared == 2 && found.unhashed == 0)
    // What two names have is tied.
    #expect(found.tied.contains { $0.tensors.contains("layers/dense_2/vars/0") })
    // Nothing is read again that did not change.
    #expect(try await folder.update().unchanged == 4)
  }

  private static let fixtures =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().path + "/WeightFilesTests/Fixtures/"

  @Test("verifying notices a changed byte of what is not read")
  func verification() async throws {
    let folder = try IndexFolder()
    let path = folder.zoo + "/a.safetensors"
    try write(1, to: path)
    try await folder.update()
    let stamp = try #require(
      try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
    let index = try ZooIndex.open(reading: folder.index)
    #expect(try await IndexVerification(index, reads: true).findings.isEmpty)
    try write(9, to: path)
    try FileManager.default.setAttributes([.modificationDate: stamp], ofItemAtPath: path)
    let findings = try await IndexVerification(index, reads: true).findings
    #expect(findings.count == 1)
    #expect(findings.first?.reason == "proj.weight holds other bytes than when it was indexed")
  }

  @Test("whatever name the index takes, the scan takes")
  func names() async throws {
    let folder = try IndexFolder()
    let names = ["two\nlines", "tab\t", " space", "🦊", "\"quoted\"", "[list]"]
    for name in names { try folder.write("\(name).h5", seed: 1) }
    try FileManager.default.createDirectory(
      atPath: folder.zoo + "/fol\nder", withIntermediateDirectories: true)
    try folder.write("fol\nder/plain.h5", seed: 2)
    #expect(try await folder.update().failures.isEmpty)
    let index = try ZooIndex.open(writing: folder.index)
    let summary = try await ZooScanner(options: .init(metrics: [StatisticsMetric()])).scan(index)
    #expect(summary.scanned == names.count + 1 && summary.failures.isEmpty)
    try index.close()
  }

  @Test("a name that is not UTF-8 is said when it is indexed, and the others are indexed")
  func unnameable() async throws {
    let folder = try IndexFolder()
    try folder.write("fine.h5", seed: 1)
    /// A path with a byte in place of the star that begins no character of UTF-8.
    func path(_ name: String) -> [CChar] {
      let bytes: [UInt8] = Array((folder.zoo + "/" + name).utf8) + [0]
      return bytes.map { CChar(bitPattern: $0 == UInt8(ascii: "*") ? 0xFF : $0) }
    }
    for name in ["od*d.h5", "notes*.txt"] {
      let descriptor = open(path(name), O_CREAT | O_WRONLY, 0o644)
      #expect(descriptor >= 0)
      close(descriptor)
    }
    #expect(mkdir(path("fold*"), 0o755) == 0)
    let summary = try await folder.update()
    #expect(summary.models == 1 && summary.failures.count == 2)
    #expect(summary.failures.allSatisfy { $0.reason.hasPrefix("its name is not UTF-8") })
  }

  @Test("an index of before is brought up to date, and hashes again what was left out")
  func migration() async throws {
    let folder = try IndexFolder()
    try write(1, to: folder.zoo + "/a.safetensors")
    try write(2, to: folder.zoo + "/b.safetensors")
    try await folder.update()
    let index = try ZooIndex.open(writing: folder.index)
    try index.translated {
      try index.queue.write { database in
        try database.execute(
          sql: """
            DROP TABLE unread; UPDATE models SET content = x'01';
            DELETE FROM grdb_migrations WHERE identifier = 'unread'
            """)
      }
    }
    try index.close()
    #expect(try await folder.update().read == 2)
    #expect(try duplicates(folder).models.isEmpty)
  }

  @Test("paths of several parts survive, with and without line feeds")
  func pathLists() {
    for paths in [["/a"], ["/a", "/b\nc"], ["/[x]", "/y"], ["/a\n"], ["/q\"\\\n"]] {
      #expect(PathList.paths(in: PathList.text(of: paths)) == paths)
    }
  }
}
