import Catalogs
import Datasets
import Foundation
import Networks
import Support
import Testing
import WeightFiles

@testable import ZooBuilding
@testable import ZooSpecs

/// Zoos that are really trained, tiny ones.
@Suite("Building zoos", .serialized)
struct ZooBuilderTests {
  static let spec = """
    name: t
    data: {source: digits, fraction: 0.1}
    model: {kind: mlp, width: 12}
    training: {epochs: 2, learning-rate: 0.01}
    storage: {compression: none}
    models:
      - {name: child, parent: root, training: {epochs: 3, checkpoints: [0, 1, 3]}}
      - {name: halves, parent: child, data: {classes: [0, 1, 2, 3, 4]}}
      - {name: root}
    seeds: [0, 1]
    """

  /// A folder of its own, removed at the end.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("wsl-zoo-\(UUID().uuidString)").path
    deinit { try? FileManager.default.removeItem(atPath: path) }

    var files: [String: Data] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      return Dictionary(
        uniqueKeysWithValues: names.map {
          ($0, FileManager.default.contents(atPath: path + "/" + $0) ?? Data())
        })
    }
  }

  private func build(
    _ text: String = spec, in folder: Folder, jobs: Int = 2,
    existing: ZooBuilder.Existing = .refuse, progress: ProgressHandler? = nil
  ) async throws -> [BuiltModel] {
    let spec = try ZooSpec(parsing: text, file: "t.yaml")
    return try await ZooBuilder(spec: spec, folder: folder.path, existing: existing)
      .build(jobs: jobs, progress: progress)
  }

  @Test("one job and two write the same bytes; what is missing is built anew, the same")
  func reproducible() async throws {
    let (one, two) = (Folder(), Folder())
    _ = try await build(in: one, jobs: 1)
    let built = try await build(in: two, jobs: 2)
    #expect(built.map(\.name).prefix(3) == ["t-child-seed0", "t-child-seed1", "t-halves-seed0"])
    let files = one.files
    #expect(files.count == 12 && files == two.files)
    // A child without its parent, and a parent without its child.
    for name in ["t-root-seed0.h5", "t-child-seed1.h5", "t-halves-seed1.h5"] {
      try FileManager.default.removeItem(atPath: two.path + "/" + name)
    }
    let resumed = try await build(in: two, existing: .keep)
    #expect(resumed.map { $0.training == nil } == [true, false, true, false, false, true])
    #expect(two.files == files)
    await #expect(throws: Diagnostic.self) { try await build(in: two) }
  }

  @Test("files carry lineage: the parent, its hash, and a new classifier for other classes")
  func lineage() async throws {
    let folder = Folder()
    _ = try await build(in: folder)
    func open(_ name: String) async throws -> WeightFile {
      try await WeightFile.open("\(folder.path)/\(name).h5")
    }
    let root = try await open("t-root-seed1")
    let start = try await open("t-child-seed1-epoch0")
    let (a, b) = (root.catalog.tensors.map(\.name), start.catalog.tensors.map(\.name))
    #expect(a == b)
    #expect(try start.read(b) == root.read(a))
    let attributes = try #require(start.catalog.attributes[""])
    #expect(attributes["parent"] == .string("t-root-seed1"))
    #expect(attributes["checkpoint_epoch"] == .numbers([0]))
    let bytes = try #require(folder.files["t-root-seed1.h5"])
    let hash = SHA256.digest(of: [UInt8](bytes)).hexadecimal
    #expect(attributes["parent_sha256"] == .string(hash))
    #expect(attributes["classifier_reinitialized"] == .numbers([0]))
    let halves = try await open("t-halves-seed1").catalog
    #expect(halves.attributes[""]?["classifier_reinitialized"] == .numbers([1]))
    #expect(halves.attributes[""]?["generation"] == .numbers([2]))
    #expect(halves.tensor(named: "fc2/bias")?.shape == [5])
    let last = try await open("t-child-seed1-epoch3")
    #expect(try last.read(b) == (try await open("t-child-seed1")).read(b))
  }

  /// Stops a build as an interruption would, in the middle of an epoch.
  private struct Stop: Error {}

  @Test("a model interrupted after a checkpoint goes on from it to the same bytes")
  func resume() async throws {
    let text = """
      name: r
      data: {source: digits, fraction: 0.2}
      model: {kind: vgg, width: 2, blocks: [1], batch-norm: true}
      training: {epochs: 4, checkpoints: [2], schedule: cosine, augmentation: {shift: 1}}
      """
    let (whole, cut) = (Folder(), Folder())
    _ = try await build(text, in: whole)
    let recipe = try #require(try ZooSpec(parsing: text, file: "r.yaml").recipes.first)
    let train = try await DataSource.load("digits", split: .train)
    let test = try await DataSource.load("digits", split: .test)
    let data = ZooData(sets: ["digits": (train, test)])
    try FileManager.default.createDirectory(
      atPath: cut.path, withIntermediateDirectories: true)
    let (chosen, judged) = try data.examples(for: recipe.data)
    let plan = try TrainingPlan(
      recipe, exampleShape: chosen.exampleShape, classCount: chosen.classCount, parent: nil)
    let state = TrainingState.path(of: "r", in: cut.path)
    #expect(throws: Stop.self) {
      _ = try TrainedModel(
        plan, train: chosen, test: judged, resuming: nil,
        checkpointHandler: { checkpoint, document in
          try document.write(to: cut.path + "/r-epoch2.h5")
          try TrainingState.write(checkpoint, of: plan, to: state)
          throw Stop()
        }, progress: nil)
    }
    let stored = try #require(await TrainingState.read(state))
    #expect(stored.checkpoint.epoch == 2 && stored.checkpoint.history.count == 2)
    #expect(stored.checkpoint.averages.count == 2 && stored.recipeHash == plan.hash)
    // Another recipe does not take it up; this one does, and trains two epochs.
    let epochs = Epochs()
    _ = try await build(text, in: cut, existing: .keep) { epochs.note($0.completed) }
    #expect(epochs.first > 2)
    #expect(cut.files == whole.files)
  }

  /// A damaged state is no reason to fail: training begins anew.
  @Test func damagedState() async throws {
    let text = "name: d\ndata: {source: digits, fraction: 0.05}\nmodel: {kind: mlp, width: 3}"
    let (whole, other) = (Folder(), Folder())
    _ = try await build(text, in: whole)
    try FileManager.default.createDirectory(
      atPath: other.path, withIntermediateDirectories: true)
    try Data("no HDF5".utf8).write(to: URL(fileURLWithPath: other.path + "/.d.state.h5"))
    _ = try await build(text, in: other, existing: .keep)
    #expect(other.files == whole.files)
  }

  @Test("a model of another spec is not taken for this one's")
  func changedSpec() async throws {
    let text = "name: d\nmodel: {kind: mlp, width: 3}\ntraining: {epochs: 1}\ndata: "
    let folder = Folder()
    _ = try await build(text + "{source: digits, fraction: 0.05}", in: folder)
    let before = folder.files
    for data in ["{source: digits, fraction: 0.1}", "{source: digits, classes: [0, 1]}"] {
      let error = await #expect(throws: Diagnostic.self) {
        try await build(text + data, in: folder, existing: .keep)
      }
      #expect(error?.message.contains("another spec") == true)
    }
    #expect(folder.files == before)
  }

  @Test("what the data rule out is named with its line, before any file is written")
  func impossible() async throws {
    let cases = [
      ("digits", "{kind: vgg, depth: 16}", "t.yaml › line 3: images of 8 × 8 can be halved 3"),
      (
        "{source: digits, classes: [3, 10]}", "{kind: mlp, width: 2}",
        "t.yaml › line 2: there is no class 10 in digits; its classes are 0…9"
      ),
      ("austen", "{kind: mlp, width: 2}", "t.yaml › line 3: the data have no classes"),
      ("digits", "{kind: gpt, layers: 1, width: 8}", "t.yaml › line 3: the data have classes"),
      (
        "austen", "{kind: gpt, layers: 1, width: 8, context: 32}",
        "t.yaml › line 3: windows of 64 tokens do not fit 32 positions"
      ),
      ("digits", "{kind: vit, layers: 1, width: 8, patch: 3}", "t.yaml › line 3: images of"),
    ]
    for (data, model, message) in cases {
      let folder = Folder()
      let error = await #expect(throws: Diagnostic.self) {
        try await build("name: t\ndata: \(data)\nmodel: \(model)", in: folder)
      }
      #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
      #expect(folder.files.isEmpty)
    }
  }
}
