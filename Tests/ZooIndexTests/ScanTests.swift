import Foundation
import GRDB
import LinearAlgebra
import Support
import Synchronization
import Tensors
import Testing
import WeightFiles

@testable import ZooIndex

/// Scans in one go, in shards, and interrupted: always the same results.
@Suite("Scanning", .serialized)
struct ScanTests {
  private func folder(models: Int = 12) async throws -> IndexFolder {
    let folder = try IndexFolder()
    for seed in 0..<models {
      try folder.write(
        "m\(seed).h5", seed: UInt64(seed), width: 4 + seed % 5,
        compression: seed % 2 == 0 ? .none : .gzip(level: 1))
    }
    try await folder.update()
    return folder
  }

  private func results(_ folder: IndexFolder) throws -> [String] {
    try folder.ask("file tensor mean std q01 q50 kurtosis", of: .results("statistics"))
      + folder.ask("file tensor l1 l2 linf rms", of: .results("norms"))
      + folder.ask("file norms_l2 statistics_sparsity")
  }

  private func options(
    _ stop: @escaping @Sendable () -> Bool = { false }, jobs: Int = 2
  ) throws -> ZooScanner.Options {
    var options = ZooScanner.Options(metrics: try Metrics.named(["statistics", "norms"]))
    options.shouldStop = stop
    options.jobs = jobs
    return options
  }

  private func scan(_ folder: IndexFolder, _ options: ZooScanner.Options) async throws
    -> ScanSummary
  {
    let index = try ZooIndex.open(writing: folder.index)
    do {
      let summary = try await ZooScanner(options: options).scan(index)
      try index.close()
      return summary
    } catch {
      try index.close()
      throw error
    }
  }

  @Test("results are those of the numbers; only what is missing is computed")
  func values() async throws {
    let folder = try await folder()
    let first = try await scan(folder, options())
    #expect(first.scanned == 12 && first.failures.isEmpty)
    #expect(try await scan(folder, options()).scanned == 0)
    let rows = try folder.ask("tensor mean q50", where: "name = 'm3'", of: .results("statistics"))
    let expected = IndexFolder.weights(seed: 3, width: 7).map { name, tensor in
      let summary = TensorSummary(tensor.values)
      return "\(name)|\(summary.mean)|\(summary.quantile(0.5))"
    }
    #expect(rows == expected.sorted())
    // A model that changed is indexed anew, and only it is scanned.
    try folder.write("m3.h5", seed: 77)
    try await folder.update()
    #expect(try await scan(folder, options()).scanned == 1)
    let index = try ZooIndex.open(reading: folder.index)
    let (table, leftOut) = try index.features(.minmax, where: "parameters > 0")
    #expect(table.rows.count + leftOut == 12 && table.columns.count == 29)
  }

  @Test("eight shards in any order, some twice, come to what one process comes to")
  func shards() async throws {
    let folder = try await folder()
    let copy = folder.index + ".one"
    try FileManager.default.copyItem(atPath: folder.index, toPath: copy)
    let paths = (0..<8).map { "\(folder.root)/shards/\($0).sqlite" }
    for (number, path) in paths.enumerated() {
      let place = try ShardPlace(number: number, of: 8)
      for round in 0..<2 {
        let summary = try await ShardFile.scan(
          folder.index, place: place, to: path, options: options(), overwrites: false,
          progress: nil)
        #expect(round == 0 || summary.scanned == 0)
      }
    }
    // A shard of another part is not written over.
    await #expect(throws: Diagnostic.self) {
      try await ShardFile.scan(
        folder.index, place: ShardPlace(number: 1, of: 8), to: paths[0], options: options(),
        overwrites: false, progress: nil)
    }
    let index = try ZooIndex.open(writing: folder.index)
    let part = try ShardMerge.merge(Array(paths[3...].reversed()), into: index)
    #expect(part.missingShards == ["0/8", "1/8", "2/8"] && part.missingModels > 0)
    let rest = try ShardMerge.merge(paths, into: index)
    #expect(part.merged + rest.merged == 24 && rest.present == part.merged)
    #expect(rest.missingShards.isEmpty && rest.missingModels == 0 && rest.conflicts.isEmpty)
    #expect(try ShardMerge.merge(paths, into: index).merged == 0)
    try index.close()
    let merged = try results(folder)
    try FileManager.default.removeItem(atPath: folder.index)
    try FileManager.default.moveItem(atPath: copy, toPath: folder.index)
    _ = try await scan(folder, options(jobs: 1))
    #expect(try results(folder) == merged)
  }

  @Test("conflicts, models that changed and shards of other indexes are told")
  func conflicts() async throws {
    let folder = try await folder(models: 4)
    let path = folder.root + "/all.sqlite"
    _ = try await ShardFile.scan(
      folder.index, place: ShardPlace(number: 0, of: 1), to: path, options: options(),
      overwrites: false, progress: nil)
    let index = try ZooIndex.open(writing: folder.index)
    _ = try ShardMerge.merge([path], into: index)
    try await index.queue.write {
      try $0.execute(sql: "UPDATE metric_norms SET l2 = 0 WHERE model = 1")
    }
    let again = try ShardMerge.merge([path], into: index)
    #expect(again.conflicts.count == 1 && again.present == 7)
    try index.close()
    try folder.write("m0.h5", seed: 50)
    try await folder.update()
    let changed = try ZooIndex.open(writing: folder.index)
    #expect(try ShardMerge.merge([path], into: changed).stale == ["\(folder.zoo)/m0.h5"])
    try changed.close()
    let other = try await self.folder(models: 1)
    let foreign = try ZooIndex.open(writing: other.index)
    #expect(throws: Diagnostic.self) { try ShardMerge.merge([path], into: foreign) }
    #expect(throws: Diagnostic.self) { try ShardMerge.merge([folder.index], into: foreign) }
  }

  @Test("a scan that is stopped again and again goes on to the same results")
  func stopped() async throws {
    let (whole, cut) = (try await folder(), try await folder())
    _ = try await scan(whole, options())
    var rounds = 0
    while rounds < 30 {
      rounds += 1
      let asked = Atomic<Int>(0)
      do {
        _ = try await scan(
          cut, options({ asked.wrappingAdd(1, ordering: .relaxed).newValue > 3 }, jobs: 1))
        break
      } catch let error as Diagnostic {
        #expect(error.code == .interrupted)
      }
    }
    #expect(rounds > 2 && rounds < 30)
    let strip = { (rows: [String]) in rows.map { $0.split(separator: "/").last ?? "" } }
    #expect(try strip(results(cut)) == strip(results(whole)))
  }

  @Test("what cannot be measured is listed, each time, and the rest is measured")
  func damaged() async throws {
    let folder = try await folder(models: 4)
    try FileManager.default.removeItem(atPath: folder.zoo + "/m1.h5")
    for _ in 0..<2 {
      let summary = try await scan(folder, options())
      #expect(summary.failures.map { ($0.file as NSString).lastPathComponent } == ["m1.h5"])
    }
    #expect(try folder.ask("name", where: "norms_l2 > 0").count == 3)
  }
}
