import Foundation
import LinearAlgebra
import Support
import Tensors
import Testing
import WeightFiles

@testable import Probes

@Suite struct ProbeFileTests {
  private func path(_ name: String) -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("probe-\(UUID().uuidString)-\(name).h5").path
  }

  private func file(_ name: String) throws -> (file: ProbeFile, input: ProbeInput) {
    let models = SyntheticModels(count: 30, trees: 2, signal: 2, apart: 8)
    let method = try ProbeMethods.named(name)
    let isNumbers = method.description.subject == .statistics
    let input =
      isNumbers
      ? ProbeInput(numbers: Matrix(rows: 30, columns: 7) { Double($0 * 7 + $1 * $1) / 3 })
      : ProbeInput(stack: models.stack)
    var settings = ProbeSettings()
    (settings.probeCount, settings.projectionCount) = (3, 2)
    settings.representationCount = 4
    settings.training.epochs = 3
    let fitted = try method.fit(
      input, models.targets, training: Array(0..<20), validation: Array(20..<30),
      settings: settings, jobs: 1)
    var manifest = ProbeManifest(method: name, target: "which", task: "classes")
    manifest.classes = ["none", "some"]
    if isNumbers { manifest.tensors = ["a"] } else { manifest.layer = "layer" }
    (manifest.rows, manifest.columns) = (6, 5)
    manifest.factor = 1.5
    manifest.training.files = ["a.h5", "b.h5"]
    let kept = try #require(try fitted.kept(from: input, jobs: 1))
    var centres: TreeCentres?
    if !isNumbers {
      centres = try TreeCentres(
        models.stack, gram: input.gram(jobs: 1), models: Array(0..<20))
      manifest.radii = centres?.radii ?? []
      manifest.trees = centres?.names ?? []
    }
    return (ProbeFile(manifest: manifest, probe: kept, centres: centres?.centres), input)
  }

  @Test(arguments: ["probex", "mvprobe", "dense", "statistics", "moments", "majority"])
  func whatIsReadPredictsTheSame(_ name: String) async throws {
    let (file, input) = try file(name)
    let path = path(name)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try file.write(to: path, overwrites: false)
    let read = try await ProbeFile.read(path)
    let models = Array(0..<30)
    #expect(
      try read.probe.scores(of: models, in: input) == file.probe.scores(of: models, in: input))
    #expect(read.manifest.classes == file.manifest.classes)
    #expect(read.manifest.factor == 1.5 && read.manifest.training.files == ["a.h5", "b.h5"])
    #expect(read.centres == file.centres)
    #expect(throws: Diagnostic.self) { try file.write(to: path, overwrites: false) }
  }

  /// What a file says of itself has to fit its numbers; nothing of it is believed before.
  @Test(arguments: [
    "sizes", "rows", "columns", "huge", "overflow", "classes", "factor", "branches", "radii",
    "task", "negative", "empty",
  ])
  func contradictionsAreRefused(_ kind: String) async throws {
    var (file, _) = try file(kind == "rows" || kind == "overflow" ? "dense" : "probex")
    let path = path(kind)
    defer { try? FileManager.default.removeItem(atPath: path) }
    switch kind {
    case "rows": file.manifest.rows = 7
    case "columns": file.manifest.columns = 4
    case "huge": file.manifest.columns = 1 << 40
    case "overflow": (file.manifest.rows, file.manifest.columns) = (1 << 62, 1 << 62)
    case "classes": file.manifest.classes.append("more")
    case "factor": file.manifest.factor = -1
    case "radii": file.manifest.radii.append(1)
    case "task": file.manifest.task = "everything"
    case "empty": file.manifest.classes = []
    default: break
    }
    try file.write(to: path, overwrites: false)
    // Writing sets what it knows of a network: these are changed in the text of the file.
    let texts = [
      "sizes": ("\"sizes\":[3,2,4]", "\"sizes\":[4,2,3]"),
      "branches": ("\"branches\":[\"outputs\"]", "\"branches\":[\"outbuts\"]"),
      "negative": ("\"sizes\":[3,2,4]", "\"sizes\":[-3,24]"),
    ]
    if let (from, to) = texts[kind] {
      var data = try Data(contentsOf: URL(fileURLWithPath: path))
      let place = try #require(data.firstRange(of: Data(from.utf8)))
      try #require(to.utf8.count == from.utf8.count)
      data.replaceSubrange(place, with: Data(to.utf8))
      try data.write(to: URL(fileURLWithPath: path))
    }
    await #expect(throws: Diagnostic.self) { try await ProbeFile.read(path) }
  }

  /// The networks that models are lined up with are read as they were written, and a list of them that does
  /// not fit the data sets is refused.
  @Test func rootsAreKept() async throws {
    var (file, _) = try file("dense")
    let weights = [
      "fc/kernel": Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
      "fc.bias": Tensor(shape: [3], values: [7, 8, 9]),
    ]
    file.roots = [ProbeRoot(file: "a.h5", graph: "layers: []", weights: weights)]
    let path = path("roots")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try file.write(to: path, overwrites: false)
    let read = try await ProbeFile.read(path)
    #expect(read.roots.map(\.file) == ["a.h5"] && read.roots[0].graph == "layers: []")
    #expect(read.roots[0].weights == weights)
    let names = Data("\"fc.bias\",\"fc/kernel\"".utf8)
    let written = try Data(contentsOf: URL(fileURLWithPath: path))
    let place = try #require(written.firstRange(of: names))
    for wrong in ["\"a\",\"b\",\"c\"", "\"fc.bias\",\"fc.bias\"", ""] {
      var data = written
      let text = wrong.padding(toLength: names.count, withPad: " ", startingAt: 0)
      data.replaceSubrange(place, with: Data(text.utf8))
      try data.write(to: URL(fileURLWithPath: path))
      await #expect(throws: Diagnostic.self) { try await ProbeFile.read(path) }
    }
  }

  @Test func damagedFilesAreRefused() async throws {
    let (file, _) = try file("dense")
    let path = path("cut")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try file.write(to: path, overwrites: false)
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    for length in [0, 100, data.count / 2, data.count - 200] {
      try data.prefix(length).write(to: URL(fileURLWithPath: path))
      await #expect(throws: Diagnostic.self) { try await ProbeFile.read(path) }
    }
    // A file of the right kind with something else in it.
    var document = HDF5Document()
    document.add("weights", Tensor(zeros: [2, 2]))
    try document.write(to: path, overwrites: true)
    await #expect(throws: Diagnostic.self) { try await ProbeFile.read(path) }
  }
}
