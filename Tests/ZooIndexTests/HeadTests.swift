import Catalogs
import Formats
import Foundation
import GRDB
import Testing
import WeightFiles

@testable import ZooIndex

/// What an index keeps of a file beside its tensors.
@Suite("Heads of files in an index", .serialized)
struct HeadTests {
  private static let attributes: [String: Catalog.Attribute] = [
    "activation": .string("tanh"), "note": .string(String(repeating: "a long text, ", count: 40)),
    "history": .numbers([0.5, -1, .infinity, 3e-300]), "classes": .strings(["a", "", "c\n"]),
  ]

  @Test("a catalogue comes back as it was")
  func roundTrip() async throws {
    let folder = try IndexFolder()
    try folder.write("m.h5", seed: 1, attributes: Self.attributes)
    try await folder.update()
    let file = try await WeightFile.open(folder.zoo + "/m.h5")
    let index = try ZooIndex.open(reading: folder.index)
    var catalog = Catalog(
      file: file.catalog.file, format: .hdf5, byteCount: 0, tensors: file.catalog.tensors)
    #expect(try index.readHead(of: 1, into: &catalog))
    #expect(catalog.attributes == file.catalog.attributes)
    #expect(catalog.attributes[""]?["history"] == Self.attributes["history"])
    #expect(catalog.groups == file.catalog.groups)
    #expect(catalog.skipped == file.catalog.skipped)
    #expect(try index.readHead(of: 99, into: &catalog) == false)
  }

  @Test(
    "damaged heads are refused", arguments: [[], [2], [1, 255], [1, 0, 0, 1, 1, 7]] as [[UInt8]])
  func damaged(_ bytes: [UInt8]) {
    var catalog = Catalog(file: "m.h5", format: .hdf5, byteCount: 0, tensors: [])
    #expect(throws: (any Error).self) { try HeadCode.read(bytes, texts: [], into: &catalog) }
  }

  /// A worker that may use no memory cannot open anything: a scan that needed one would fail.
  @Test("spectra of indexed HDF5 models start no worker, and are those of opened files")
  func noWorker() async throws {
    let folder = try IndexFolder()
    for seed in 0..<3 {
      try folder.write("m\(seed).h5", seed: UInt64(seed), width: 16, attributes: Self.attributes)
    }
    try await folder.update()
    let copy = folder.index + ".opened"
    try FileManager.default.copyItem(atPath: folder.index, toPath: copy)
    let kept = try await spectra(folder.index, WorkerLimits(addressSpace: 1))
    let queue = try DatabaseQueue(path: copy)
    try await queue.write { try $0.execute(sql: "UPDATE models SET head = NULL") }
    try queue.close()
    let opened = try await spectra(copy, WorkerLimits())
    #expect(kept.failures.isEmpty && kept.rows.count == 6)
    #expect(kept.rows == opened.rows)
    #expect(try await !spectra(copy, WorkerLimits(addressSpace: 1), again: true).failures.isEmpty)
  }

  private func spectra(
    _ path: String, _ limits: WorkerLimits, again: Bool = false
  ) async throws -> (rows: [String], failures: [String]) {
    let index = try ZooIndex.open(writing: path)
    defer { try? index.close() }
    if again { try await index.queue.write { try $0.execute(sql: "DELETE FROM measured") } }
    var options = ZooScanner.Options(metrics: try Metrics.named(["spectrum"]))
    options.jobs = 1
    options.limits = limits
    let summary = try await ZooScanner(options: options).scan(index)
    let rows = try await index.queue.read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM metric_spectrum ORDER BY 1, 2").map {
        $0.map { "\($0.1)" }.joined(separator: "|")
      }
    }
    return (rows, summary.failures.map(\.reason))
  }
}
