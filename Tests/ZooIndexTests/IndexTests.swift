import Catalogs
import Foundation
import Support
import Testing
import WeightFiles

@testable import ZooIndex

/// Indexes of small folders: what is found, what is labelled, what is read again.
@Suite("The index", .serialized)
struct IndexTests {
  @Test("models, tensors, labels and lineage; only what changed is read again")
  func update() async throws {
    let folder = try IndexFolder()
    try folder.write(
      "root.h5", seed: 1, attributes: ["name": .string("root"), "test_accuracy": .numbers([0.5])])
    try folder.write(
      "deep/child.h5", seed: 2,
      attributes: [
        "name": .string("child"), "parent": .string("root"), "widths": .numbers([8, 8]),
        "test_accuracy": .numbers([0.75]), "optimizer": .string("sgd"),
        "history_train_loss": .numbers([1, 2, 3]),
      ], compression: .gzip(level: 4))
    try folder.write("wide.h5", seed: 3, width: 16)
    try folder.write("not weights", to: "zoo/notes.txt")
    let first = try await folder.update()
    #expect(first.models == 3 && first.tensors == 12 && first.read == 3)
    #expect(first.failures.isEmpty)
    #expect(first.labels == ["optimizer", "test_accuracy", "width", "widths"])
    #expect(
      try folder.ask("name width test_accuracy parent_file parameters") == [
        "child|8|0.75|\(folder.zoo)/root.h5|83", "root||0.5||83", "wide||||163",
      ])
    #expect(try folder.ask("name", where: "test_accuracy > 0.6 and WIDTH = 8") == ["child"])
    #expect(
      try folder.ask("tensor shape elements", where: "name = 'wide'", of: .tensors) == [
        "0.bias|16|16", "0.weight|16,6|96", "2.bias|3|3", "2.weight|3,16|48",
      ])

    let second = try await folder.update()
    #expect(second.read == 0 && second.unchanged == 3 && second.models == 3)

    try folder.write("wide.h5", seed: 4, width: 32)
    try FileManager.default.removeItem(atPath: folder.zoo + "/root.h5")
    let third = try await folder.update()
    #expect(third.read == 1 && third.unchanged == 1 && third.removed == 1 && third.models == 2)
    #expect(try folder.ask("name parameters") == ["child|83", "wide|323"])
  }

  @Test("what cannot be read is listed with its reason, and read again only when it changed")
  func failures() async throws {
    let folder = try IndexFolder()
    try folder.write("good.h5", seed: 1)
    try folder.write("packed.h5", seed: 1, width: 5000, compression: .gzip(level: 9))
    let sound = try #require(FileManager.default.contents(atPath: folder.zoo + "/packed.h5"))
    let halves = sound.prefix(sound.count / 2)
    try halves.write(to: URL(fileURLWithPath: folder.zoo + "/half.h5"))
    try Data().write(to: URL(fileURLWithPath: folder.zoo + "/empty.safetensors"))
    // A chunk whose compressed bytes are not what they were: only reading shows it.
    let file = try await WeightFile.open(folder.zoo + "/packed.h5")
    let stored = file.catalog.tensors.compactMap { entry -> TensorEntry.Chunk? in
      if case .chunked(_, let chunks) = entry.layout { chunks.first } else { nil }
    }
    let chunk = try #require(stored.first)
    var damaged = sound
    for place in 0..<chunk.byteCount { damaged[chunk.offset + place] ^= 0x5A }
    try damaged.write(to: URL(fileURLWithPath: folder.zoo + "/chunk.h5"))
    #expect(mkfifo(folder.zoo + "/pipe.h5", 0o600) == 0)
    let first = try await folder.update()
    #expect(first.models == 2)
    let reasons = first.failures.map { ($0.file as NSString).lastPathComponent }
    #expect(reasons == ["chunk.h5", "empty.safetensors", "half.h5", "pipe.h5"])
    #expect(first.failures.allSatisfy { !$0.reason.isEmpty && !$0.reason.contains(folder.zoo) })
    #expect(first.failures[2].reason.contains("truncated"))

    let second = try await folder.update()
    #expect(second.read == 0 && second.failures == first.failures)
    try sound.write(to: URL(fileURLWithPath: folder.zoo + "/half.h5"))
    let third = try await folder.update()
    #expect(third.read == 1 && third.models == 3 && third.failures.count == 3)
  }

  @Test("trials: labels of parameters and of the epoch's results")
  func trials() async throws {
    let folder = try IndexFolder()
    for trial in ["a", "b"] {
      for epoch in [1, 3] {
        try folder.write("\(trial)/checkpoint_00000\(epoch)/checkpoints", seed: UInt64(epoch))
      }
      try folder.write(
        #"{"model::type": "CNN", "optim::lr": 0.001, "seed": 7, "nested": {"x": 1}}"#,
        to: "zoo/\(trial)/params.json")
      try folder.write(
        (1...3).map { #"{"training_iteration": \#($0), "train_acc": 0.9, "test_acc": 0.\#($0)}"# }
          .joined(separator: "\n"), to: "zoo/\(trial)/result.json")
    }
    try await folder.update()
    #expect(
      try folder.ask("name epoch model_type optim_lr test_acc layout") == [
        "a|3|CNN|0.001|0.3|trial", "b|3|CNN|0.001|0.3|trial",
      ])
    #expect(try folder.ask("name", where: "abs(ggap - 0.6) < 1e-12").count == 2)
    var options = Indexer.Options()
    options.epochs = "all"
    try await folder.update(options)
    #expect(
      try folder.ask("name test_acc", where: "name like 'a/%'") == [
        "a/checkpoint_000001|0.1", "a/checkpoint_000003|0.3",
      ])
    options.epochs = "1"
    try await folder.update(options)
    #expect(try folder.ask("name test_acc") == ["a|0.1", "b|0.1"])
  }

  @Test("a trial as Python leaves it: NaN in its documents, a line that was half written")
  func interruptedTrial() async throws {
    let folder = try IndexFolder()
    try folder.write("a/checkpoint_000002/checkpoints", seed: 1)
    try folder.write(
      #"{"lr": 0.1, "decay": NaN, "note": "not NaN, \"Infinity\"", "cap": -Infinity}"#,
      to: "zoo/a/params.json")
    try folder.write(
      #"{"training_iteration": 1, "test_acc": NaN}"# + "\n"
        + #"{"training_iteration": 2, "test_acc": 0.5, "loss": Infinity}"# + "\n"
        + #"{"training_iteration": 3, "test_a"#, to: "zoo/a/result.json")
    let summary = try await folder.update()
    #expect(summary.failures.isEmpty)
    #expect(
      try folder.ask("name lr note test_acc training_iteration")
        == [#"a|0.1|not NaN, "Infinity"|0.5|2"#])
  }

  @Test(
    "a packed array: a row a model, its tensors by the table of columns, its labels by the other")
  func packed() async throws {
    let folder = try IndexFolder()
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 8), }"
    let padded = header + String(repeating: " ", count: 118 - header.count - 1) + "\n"
    var bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8)
    for value in 0..<24 {
      withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { bytes += Array($0) }
    }
    try Data(bytes).write(to: URL(fileURLWithPath: folder.zoo + "/weights.npy"))
    try folder.write(
      "varname,start_idx,end_idx,shape\nd/bias:0,0,2,\"(2,)\"\nd/kernel:0,2,8,\"(3, 2)\"\n",
      to: "zoo/layout.csv")
    try folder.write("config.lr,test_accuracy\n0.1,0.5\n0.2,0.6\n0.3,0.7\n", to: "zoo/metrics.csv")
    let summary = try await folder.update()
    #expect(summary.models == 3 && summary.tensors == 6, "\(summary.failures)")
    #expect(try folder.ask("member lr", where: "test_accuracy > 0.55") == ["1|0.2", "2|0.3"])
    let index = try ZooIndex.open(writing: folder.index)
    _ = try await ZooScanner(options: .init(metrics: [StatisticsMetric()])).scan(index)
    try index.close()
    #expect(
      try folder.ask(
        "tensor q00 q100 mean", where: "member = '1'", of: .results("statistics"))
        == ["d/bias|8.0|9.0|8.5", "d/kernel|10.0|15.0|12.5"])
  }

  @Test("labels of a table, of a spec's names and of its layout")
  func labels() async throws {
    let folder = try IndexFolder()
    for seed in [0, 1] {
      for width in [8, 16] {
        try folder.write("w\(width)/seed\(seed).h5", seed: UInt64(seed), width: width)
      }
    }
    try folder.write("file,score,note\nw8/seed0.h5,0.5,\nw16/seed1.h5,1,x\nno.h5,3,\n", to: "t.csv")
    try folder.write("layout:\n  files: \"w{units}/seed{seed}.h5\"\n", to: "zoo.yaml")
    var options = Indexer.Options()
    options.spec = folder.root + "/zoo.yaml"
    options.labelFiles = [folder.root + "/t.csv"]
    let summary = try await folder.update(options)
    #expect(summary.warnings.count == 1 && summary.warnings[0].contains("1 rows"))
    #expect(
      try folder.ask("units seed score note") == [
        "8|0|0.5|", "8|1||", "16|0||", "16|1|1|x",
      ])
    // The table is remembered.
    try folder.write("file,score\nw8/seed0.h5,0.75\n", to: "t.csv")
    try await folder.update()
    #expect(try folder.ask("score", where: "units = 8 and seed = 0") == ["0.75"])
  }
}
