import Archives
import Catalogs
import Foundation
import Support
import Testing
import WeightFiles

@testable import ZooIndex

/// Questions to an index: what they may be, and what they may not do.
@Suite("Asking an index", .serialized)
struct AskingTests {
  private func folder() async throws -> IndexFolder {
    let folder = try IndexFolder()
    for seed in 0..<6 {
      try folder.write(
        "m\(seed).h5", seed: UInt64(seed),
        attributes: [
          "seed": .numbers([Double(seed)]), "group": .string(seed % 2 == 0 ? "even" : "odd"),
        ])
    }
    try await folder.update()
    return folder
  }

  @Test("sorting, limits, counts and groups")
  func shapes() async throws {
    let folder = try await folder()
    let index = try ZooIndex.open(reading: folder.index)
    var query = IndexQuery()
    query.columns = ["seed"]
    query.order = [("group", false), ("seed", true)]
    query.limit = 4
    #expect(
      try index.ask(query).rows == [[.integer(4)], [.integer(2)], [.integer(0)], [.integer(5)]])
    query = IndexQuery()
    query.groups = ["group"]
    query.aggregates = ["sum(seed)"]
    query.filter = "seed > 0 -- not the first"
    #expect(
      try index.ask(query).rows == [
        [.text("even"), .integer(2), .integer(6)], [.text("odd"), .integer(3), .integer(9)],
      ])
    query = IndexQuery()
    query.countsOnly = true
    #expect(try index.ask(query).rows == [[.integer(6)]])
  }

  @Test(
    "what is no question is refused, and nothing changes",
    arguments: [
      "seed > ", "1); DROP TABLE models; --", "1) UNION SELECT * FROM models", "nothing = 1",
      "seed = 1; DELETE FROM models", "load_extension('x')", "(", "'", "writefile('x', 'y')",
      "(DELETE FROM models)", " ",
    ])
  func refused(_ filter: String) async throws {
    let folder = try await folder()
    let before = FileManager.default.contents(atPath: folder.index)
    let error = #expect(throws: Diagnostic.self) { try folder.ask("name", where: filter) }
    #expect(error?.code == .usage)
    #expect(FileManager.default.contents(atPath: folder.index) == before)
  }

  @Test(
    "an error names what may have been meant",
    arguments: [
      ("sede > 1", "there is seed"), ("grup = 'even'", "there is group"),
      ("name = \"m1\"", "texts stand in single quotes: 'm1'"), ("seed >", "an expression of SQL"),
      ("xylophone = 1", "'show columns'"),
    ])
  func remedies(filter: String, words: String) async throws {
    let folder = try await folder()
    let error = #expect(throws: Diagnostic.self) { try folder.ask("name", where: filter) }
    #expect(error?.code == .usage && error?.description.contains(words) == true, "\(error as Any)")
  }

  @Test("every column has a type, and an unknown one names its neighbours")
  func columns() async throws {
    let folder = try await folder()
    let index = try ZooIndex.open(reading: folder.index)
    let columns = try index.columns()
    #expect(columns.allSatisfy { $0.type != nil })
    #expect(columns.first { $0.name == "parameters" }?.type == "integer")
    #expect(columns.first { $0.name == "group" }?.type == "text")
    let error = #expect(throws: Diagnostic.self) { try folder.ask("paramters") }
    #expect(error?.description.contains("parameters") == true)
    #expect(
      SimilarNames.of("acuracy", among: ["test_accuracy", "accuracy", "loss"]).first == "accuracy")
    #expect(SimilarNames.of("acc", among: ["test_accuracy", "loss"]) == ["test_accuracy"])
    #expect(SimilarNames.of("", among: ["a"]).isEmpty)
  }

  @Test("two cannot bring an index up to date at once")
  func locked() async throws {
    let folder = try await folder()
    let lock = try FolderLock(folder.index)
    let error = await #expect(throws: Diagnostic.self) { try await folder.update() }
    #expect(error?.code == .cannotWrite && error?.description.contains("another process") == true)
    #expect(try folder.ask("name").count == 6, "reading goes on")
    withExtendedLifetime(lock) {}
  }

  @Test("a question that takes too long, or too much, is ended")
  func bounded() async throws {
    let folder = try await folder()
    let index = try ZooIndex.open(reading: folder.index)
    var query = IndexQuery()
    query.seconds = 0.3
    query.filter = """
      (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c) > 0
      """
    let error = #expect(throws: Diagnostic.self) { try index.ask(query) }
    #expect(error?.code == .failed)
    query.filter = "length(zeroblob(4000000000)) > 0"
    #expect(throws: Diagnostic.self) { try index.ask(query) }
  }

  @Test("no other file is taken for an index")
  func foreign() async throws {
    let folder = try IndexFolder()
    try folder.write("hello", to: "index.sqlite")
    for open in [
      { try ZooIndex.open(reading: folder.index) },
      { try ZooIndex.open(writing: folder.index, creates: true) },
      { try ZooIndex.open(reading: folder.root + "/none") }, { try ZooIndex.open(reading: "/") },
    ] {
      #expect(throws: Diagnostic.self) { _ = try open() }
    }
    #expect(FileManager.default.contents(atPath: folder.index) == Data("hello".utf8))
  }

  @Test("duplicates, tied weights and shared tensors, by their contents")
  func duplicates() async throws {
    let folder = try IndexFolder()
    try folder.write("a.h5", seed: 1)
    try folder.write("b.h5", seed: 1, compression: .gzip(level: 1))
    try folder.write("c.h5", seed: 2)
    var tied = HDF5Document()
    let weights = IndexFolder.weights(seed: 3)
    tied.add("embedding", weights[0].1)
    tied.add("head", weights[0].1)
    tied.add("own", IndexFolder.weights(seed: 2)[0].1)
    try tied.write(to: folder.zoo + "/d.h5", compression: .none, overwrites: false)
    try await folder.update()
    let found = try Duplicates(ZooIndex.open(reading: folder.index), smallest: 64)
    #expect(found.models.map(\.files) == [["a", "b"].map { "\(folder.zoo)/\($0).h5" }])
    #expect(found.tied.map(\.tensors) == [["embedding", "head"]])
    #expect(
      found.shared.map(\.count) == [2] && found.shared[0].tensors.sorted() == ["0.weight", "own"])
    #expect(found.unhashed == 0)
  }

  @Test("verifying finds what is gone, changed and damaged")
  func verify() async throws {
    let folder = try await folder()
    func findings(reads: Bool = true) async throws -> [String] {
      try await IndexVerification(ZooIndex.open(reading: folder.index), reads: reads)
        .findings.map { "\(($0.file as NSString).lastPathComponent) \($0.kind.rawValue)" }
    }
    #expect(try await findings() == [])
    try FileManager.default.removeItem(atPath: folder.zoo + "/m0.h5")
    try folder.write("m1.h5", seed: 99)
    // A bit that turned over, the time of change as before.
    let path = folder.zoo + "/m2.h5"
    let file = try await WeightFile.open(path)
    guard case .contiguous(let offset) = file.catalog.tensors[0].layout else { return }
    var status = stat()
    #expect(stat(path, &status) == 0)
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.seek(toOffset: UInt64(offset))
    try handle.write(contentsOf: [0xFF])
    try handle.close()
    var times = [status.st_atim, status.st_mtim]
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    #expect(try await findings() == ["m0.h5 gone", "m1.h5 changed", "m2.h5 damaged"])
    #expect(try await findings(reads: false) == ["m0.h5 gone", "m1.h5 changed"])
  }
}
