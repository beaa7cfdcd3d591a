import Catalogs
import Foundation
import Support
import Testing
import WeightFiles

@testable import ZooIndex

/// Models inside archives are found, read, scanned and verified like files.
@Suite("The index of archives", .serialized)
struct ArchiveIndexTests {
  /// Packs what is in a folder into a tar archive, and removes the folder.
  private func tar(_ folder: IndexFolder, _ name: String, from source: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let target = folder.zoo + "/" + name
    process.arguments = ["tar", "-C", folder.zoo + "/" + source, "-caf", target, "."]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    try FileManager.default.removeItem(atPath: folder.zoo + "/" + source)
  }

  private func scan(_ folder: IndexFolder) async throws -> ScanSummary {
    let index = try ZooIndex.open(writing: folder.index)
    defer { try? index.close() }
    return try await ZooScanner(options: .init(metrics: [StatisticsMetric(), SpectrumMetric()]))
      .scan(index)
  }

  private func verify(_ folder: IndexFolder, reads: Bool = true) async throws
    -> [IndexVerification.Finding]
  {
    let index = try ZooIndex.open(reading: folder.index)
    return try await IndexVerification(index, reads: reads).findings
  }

  @Test("the same results as of files, in every kind of archive", arguments: ["tar", "tgz", "h5"])
  func sameAsFiles(kind: String) async throws {
    let (plain, packed) = (try IndexFolder(), try IndexFolder())
    for folder in [plain, packed] {
      for seed in 0..<5 {
        try folder.write(
          "m/w\(seed % 2)/seed\(seed).h5", seed: UInt64(seed), width: 8 + 8 * (seed % 2),
          attributes: [
            "name": .string("seed\(seed)"), "score": .numbers([Double(seed)]),
            "parent": seed > 0 ? .string("seed0") : .string(""),
          ], compression: .gzip(level: 4))
      }
    }
    if kind == "h5" {
      let inputs = (0..<5).map { seed in
        ZooPacker.Input(
          path: "\(packed.zoo)/m/w\(seed % 2)/seed\(seed).h5", name: "w\(seed % 2)/seed\(seed).h5")
      }
      _ = try await ZooPacker().pack(inputs, to: packed.zoo + "/all.h5", overwrites: false)
      try FileManager.default.removeItem(atPath: packed.zoo + "/m")
    } else {
      try tar(packed, "all.\(kind)", from: "m")
    }
    var options = Indexer.Options()
    try plain.write("layout:\n  files: \"m/w{piece}/seed{number}.h5\"\n", to: "zoo.yaml")
    try packed.write("layout:\n  files: \"w{piece}/seed{number}.h5\"\n", to: "zoo.yaml")
    if kind != "h5" {
      for folder in [plain, packed] {
        options.spec = folder.root + "/zoo.yaml"
        try await folder.update(options)
      }
    } else {
      for folder in [plain, packed] { try await folder.update() }
    }
    #expect(try await scan(plain).scanned == 5)
    #expect(try await scan(packed).scanned == 5)
    let columns =
      "name score parameters structure fingerprint content size"
      + (kind == "h5" ? "" : " piece number")
    #expect(try packed.ask(columns) == plain.ask(columns))
    #expect(try packed.ask("name", where: "parent_file like '%seed0.h5'").count == 4)
    let figures = "name tensor mean q50 kurtosis"
    #expect(
      try packed.ask(figures, of: .results("statistics"))
        == plain.ask(figures, of: .results("statistics")))
    #expect(
      try packed.ask("name tensor lambdaMax stableRank", of: .results("spectrum"))
        == plain.ask("name tensor lambdaMax stableRank", of: .results("spectrum")))
    #expect(
      try packed.ask("file").first == "\(packed.zoo)/all.\(kind)#w0/seed0.h5")
    // A second time nothing is read, and nothing is computed.
    options.spec = nil
    let again = try await packed.update(options)
    #expect(again.read == 0 && again.unchanged == 5 && again.removed == 0 && again.models == 5)
    #expect(try await scan(packed).scanned == 0)
    #expect(try await verify(packed).isEmpty)
    // The archive goes away, and its models do.
    try FileManager.default.removeItem(atPath: "\(packed.zoo)/all.\(kind)")
    #expect(try await verify(packed).map(\.kind) == Array(repeating: .gone, count: 5))
    let last = try await packed.update()
    #expect(last.models == 0 && last.removed == 5)
  }

  @Test("of a packed zoo that changed only new members are read; results of the others stay")
  func changes() async throws {
    let folder = try IndexFolder()
    var inputs: [ZooPacker.Input] = []
    func pack(_ count: Int) async throws {
      for seed in inputs.count..<count {
        try folder.write("../m/\(seed).h5", seed: UInt64(seed))
        inputs.append(.init(path: "\(folder.root)/m/\(seed).h5", name: "\(seed).h5"))
      }
      _ = try await ZooPacker().pack(inputs, to: folder.zoo + "/all.h5", overwrites: true)
    }
    try await pack(3)
    #expect(try await folder.update().read == 3)
    #expect(try await scan(folder).scanned == 3)
    try await pack(4)
    let second = try await folder.update()
    #expect(second.read == 1 && second.unchanged == 3 && second.models == 4)
    // Those that were scanned are as they were, and say so.
    #expect(try await scan(folder).scanned == 1)
    // Another metric reads all of them.
    let index = try ZooIndex.open(writing: folder.index)
    let norms = try await ZooScanner(options: .init(metrics: [NormsMetric()])).scan(index)
    try index.close()
    #expect(norms.scanned == 4 && norms.failures.isEmpty)
    #expect(try await verify(folder).isEmpty)
    inputs.removeFirst()
    try await pack(3)
    let third = try await folder.update()
    #expect(third.read == 0 && third.removed == 1 && third.models == 3)
  }

  @Test(
    "trials and packed arrays in an archive have their labels; damage is a reason, a member each")
  func layouts() async throws {
    let folder = try IndexFolder()
    try folder.write("t/a/checkpoint_000002/checkpoints", seed: 1)
    try folder.write(#"{"optim::lr": 0.5}"#, to: "zoo/t/a/params.json")
    try folder.write(
      #"{"training_iteration": 1, "test_acc": 0.1}"# + "\n"
        + #"{"training_iteration": 2, "test_acc": 0.2}"#, to: "zoo/t/a/result.json")
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 8), }"
    let padded = header + String(repeating: " ", count: 118 - header.count - 1) + "\n"
    var bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8)
    for value in 0..<24 {
      withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { bytes += Array($0) }
    }
    try folder.write("varname,start_idx,end_idx,shape\nk,0,8,\"(8,)\"\n", to: "zoo/t/p/layout.csv")
    try folder.write("test_acc\n0.5\n0.6\n0.7\n", to: "zoo/t/p/metrics.csv")
    try Data(bytes).write(to: URL(fileURLWithPath: folder.zoo + "/t/p/weights.npy"))
    try folder.write("good.h5", seed: 3)
    let sound = try #require(FileManager.default.contents(atPath: folder.zoo + "/good.h5"))
    try sound.prefix(sound.count / 2).write(to: URL(fileURLWithPath: folder.zoo + "/t/half.h5"))
    try Data().write(to: URL(fileURLWithPath: folder.zoo + "/t/empty.npz"))
    try tar(folder, "all.tar", from: "t")
    try folder.write("PK but no more", to: "zoo/broken.zip")
    let first = try await folder.update()
    #expect(
      first.failures.map { $0.file.dropFirst(folder.zoo.count + 1) } == [
        "all.tar#empty.npz", "all.tar#half.h5", "broken.zip",
      ], "\(first.failures)")
    #expect(first.failures.allSatisfy { !$0.reason.contains(folder.zoo) })
    #expect(
      try folder.ask("name layout optim_lr test_acc epoch") == [
        "a|trial|0.5|0.2|2", "p#0|packed||0.5|", "p#1|packed||0.6|", "p#2|packed||0.7|",
        "good|file|||",
      ])
    #expect(try await scan(folder).failures.isEmpty)
    #expect(
      try folder.ask("name mean", where: "layout = 'packed'", of: .results("statistics"))
        == ["p#0|3.5", "p#1|11.5", "p#2|19.5"])
    let again = try await folder.update()
    #expect(again.read == 0 && again.failures == first.failures)
    var options = Indexer.Options()
    options.retriesFailures = true
    #expect(try await folder.update(options).read == 3)
  }

  @Test("hashes that were left out are filled in where a higher limit takes the model")
  func hashLimit() async throws {
    let folder = try IndexFolder()
    try folder.write("small.h5", seed: 1, width: 4)
    try folder.write("large.h5", seed: 2, width: 400)
    var options = Indexer.Options()
    options.hashLimit = 0
    try await folder.update(options)
    #expect(try folder.ask("name", where: "content is not null").isEmpty)
    #expect(try await scan(folder).scanned == 2)
    options.hashLimit = 2000
    let second = try await folder.update(options)
    #expect(second.read == 1 && second.unchanged == 1)
    #expect(try folder.ask("name", where: "content is not null") == ["small"])
    options.hashLimit = 1 << 20
    #expect(try await folder.update(options).read == 1)
    #expect(try await folder.update(options).read == 0)
    options.hashLimit = 0
    #expect(try await folder.update(options).read == 0)
    #expect(try await scan(folder).scanned == 0, "what was scanned stays")
    // The same as at once.
    let other = try IndexFolder()
    try other.write("small.h5", seed: 1, width: 4)
    try other.write("large.h5", seed: 2, width: 400)
    try await other.update()
    #expect(try other.ask("name content") == folder.ask("name content"))
    #expect(
      try other.ask("name tensor hash", of: .tensors)
        == folder.ask("name tensor hash", of: .tensors))
  }
}
