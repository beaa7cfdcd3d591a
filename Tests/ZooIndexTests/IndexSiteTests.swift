import Foundation
import GRDB
import Support
import Testing

@testable import ZooIndex

/// An index is replaced when the new one is complete, by one process at a time; whatever fails before,
/// the old one is as it was.
@Suite("Indexes that are replaced")
struct IndexSiteTests {
  private func folder(models: Int = 3) async throws -> IndexFolder {
    let folder = try IndexFolder()
    for number in 0..<models { try folder.write("m\(number).h5", seed: UInt64(number)) }
    try await folder.update()
    return folder
  }

  private func names(_ folder: IndexFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.root).sorted()
  }

  private func replace(
    _ folder: IndexFolder, _ paths: [String], _ fail: (() throws -> Void)? = nil
  ) async throws {
    let work = try Indexer.prepare(paths)
    let site = try IndexSite(folder.index, beginsAnew: true, purpose: work.purpose)
    do {
      _ = try await Indexer(site.index).update(work)
      try fail?()
      try site.finish()
    } catch {
      site.abandon(error)
      throw error
    }
  }

  @Test("a slip, a failure and an interruption leave the old one; a new one takes its place whole")
  func replaced() async throws {
    let folder = try await folder()
    let before = FileManager.default.contents(atPath: folder.index)
    // The slip is found before anything is touched.
    let slip = await #expect(throws: Diagnostic.self) {
      try await self.replace(folder, [folder.root + "/zou"])
    }
    #expect(slip?.code == .noInput)
    await #expect(throws: Diagnostic.self) {
      try await self.replace(folder, [folder.zoo]) {
        throw Diagnostic(.cannotWrite, "the disk is full")
      }
    }
    #expect(FileManager.default.contents(atPath: folder.index) == before)
    #expect(try names(folder) == ["index.sqlite", "zoo"])
    try folder.write("m3.h5", seed: 3)
    await #expect(throws: Diagnostic.self) {
      try await self.replace(folder, [folder.zoo]) { throw Diagnostic(.interrupted, "interrupted") }
    }
    #expect(FileManager.default.contents(atPath: folder.index) == before)
    #expect(try names(folder) == [".index.sqlite.partial", "index.sqlite", "zoo"])
    // What was begun for one purpose goes on for the same: nothing is read again.
    let work = try Indexer.prepare([folder.zoo])
    let site = try IndexSite(folder.index, beginsAnew: true, purpose: work.purpose)
    let summary = try await Indexer(site.index).update(work)
    #expect(summary.read == 0 && summary.unchanged == 4)
    try site.finish()
    #expect(try folder.ask("name").count == 4)
    #expect(try names(folder) == ["index.sqlite", "zoo"])
    #expect(try ZooIndex.open(reading: folder.index).setting("begun") == nil)
  }

  @Test("what was begun for another purpose, or is damaged, is given up")
  func otherPurpose() async throws {
    let folder = try await folder()
    for first in ["other", "damaged"] {
      let site = try IndexSite(folder.index, beginsAnew: true, purpose: first)
      site.abandon(CancellationError())
      let partial = IndexSite.partialPath(of: folder.index)
      if first == "damaged" { try Data("hello".utf8).write(to: URL(fileURLWithPath: partial)) }
      try await replace(folder, [folder.zoo + "/m0.h5"])
      #expect(try folder.ask("name").count == 1, "\(first)")
      try await folder.update()
    }
    // Going on with the old one takes away what was to replace it.
    let site = try IndexSite(folder.index, beginsAnew: true, purpose: "other")
    site.abandon(CancellationError())
    let again = try IndexSite(folder.index, beginsAnew: false, purpose: "")
    try again.finish()
    #expect(try names(folder) == ["index.sqlite", "zoo"])
  }

  @Test("the writer of an index is alone; readers go on")
  func alone() async throws {
    let folder = try await folder()
    let site = try IndexSite(folder.index, beginsAnew: true, purpose: "x")
    for open in [
      { _ = try ZooIndex.open(writing: folder.index) },
      { _ = try IndexSite(folder.index, beginsAnew: true, purpose: "x") },
      { _ = try IndexSite(folder.index, beginsAnew: false, purpose: "x") },
    ] {
      let error = #expect(throws: Diagnostic.self) { try open() }
      #expect(error?.code == .cannotWrite && error?.location == [folder.index])
    }
    #expect(try folder.ask("name").count == 3)
    site.abandon(Diagnostic(.failed, "x"))
    let writer = try ZooIndex.open(writing: folder.index)
    #expect(throws: Diagnostic.self) {
      try IndexSite(folder.index, beginsAnew: true, purpose: "x")
    }
    try writer.close()
  }

  @Test("another file is not replaced; a damaged index and an empty file are")
  func foreign() async throws {
    let folder = try await folder()
    for text in ["hello", String(repeating: "SQLite format 3\0", count: 40)] {
      let path = folder.root + "/other"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: Diagnostic.self) {
        try IndexSite(path, beginsAnew: true, purpose: "x")
      }
      #expect(error?.code == .badData)
      #expect(FileManager.default.contents(atPath: path) == Data(text.utf8))
      try FileManager.default.removeItem(atPath: path)
    }
    var damaged = try #require(FileManager.default.contents(atPath: folder.index))
    damaged.replaceSubrange(200..<9000, with: Data(repeating: 0xAA, count: 8800))
    try damaged.write(to: URL(fileURLWithPath: folder.index))
    try await replace(folder, [folder.zoo])
    #expect(try folder.ask("name").count == 3)
    try Data().write(to: URL(fileURLWithPath: folder.index))
    try await replace(folder, [folder.zoo])
    #expect(try folder.ask("name").count == 3)
  }

  @Test("what a writer left that was ended by force is taken in, and never into another index")
  func journals() async throws {
    let folder = try await folder()
    let queue = try DatabaseQueue(path: folder.index)
    try await queue.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
      try $0.execute(sql: "UPDATE models SET name = 'renamed'")
    }
    // A copy of the moment: as if the process had ended there.
    let copy = folder.root + "/copy.sqlite"
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: folder.index + suffix, toPath: copy + suffix)
    }
    try queue.close()
    let reader = try ZooIndex.open(reading: copy)
    var query = IndexQuery()
    query.columns = ["name"]
    #expect(Set(try reader.ask(query).rows.map { $0[0].text }) == ["renamed"])
    try reader.close()
    // Again, and now a new index takes the place of the old one: its names are those of the files.
    try FileManager.default.removeItem(atPath: folder.index)
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: copy + suffix) {
      try FileManager.default.moveItem(atPath: copy + suffix, toPath: folder.index + suffix)
    }
    try await replace(folder, [folder.zoo])
    #expect(try folder.ask("name").sorted() == ["m0", "m1", "m2"])
    #expect(try names(folder) == ["index.sqlite", "zoo"])
  }
}
