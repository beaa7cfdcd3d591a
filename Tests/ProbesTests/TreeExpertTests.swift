import Foundation
import LinearAlgebra
import Testing
import Support

@testable import Probes

@Suite("A probe for each tree")
struct TreeExpertTests {
  /// Two trees far apart, in which the same direction means opposite classes.
  private func models() -> (input: ProbeInput, targets: ProbeTargets) {
    var generator = SeededGenerator(seed: 4)
    var (values, classes): ([Float], [Int]) = ([], [])
    for model in 0..<80 {
      let (tree, kind) = (model % 2, model / 2 % 2)
      let sign: Float = (kind == 0) == (tree == 0) ? 1 : -1
      for place in 0..<4 {
        let noise = Float(generator.normal()) * 0.02
        values.append((place == 0 ? Float(tree) * 100 : place == 1 ? sign : 0) + noise)
      }
      classes.append(kind)
    }
    let stack = LayerStack<Float>(rows: 2, columns: 2, rank: nil, values: values)
    return (ProbeInput(stack: stack), .classes(classes, count: 2))
  }

  @Test("where trees contradict each other, one linear map cannot tell and routed ones can")
  func contradiction() throws {
    let (input, targets) = models()
    let (training, validation) = (Array(0..<48), Array(48..<64))
    let test = Array(64..<80)
    func accuracy(_ method: any ProbeMethod) throws -> (share: Double, parameters: Int) {
      try method.prepare(input, jobs: 1)
      let fitted = try method.fit(
        input, targets, training: training, validation: validation, settings: ProbeSettings(),
        jobs: 1)
      let scores = try fitted.scores(of: test, in: input, jobs: 1)
      return (ProbeMetric.value(scores, targets, test), fitted.parameterCount)
    }
    let one = try accuracy(DenseProbe())
    let routed = try accuracy(TreeExperts(DenseProbe()))
    #expect(one.share <= 0.75)
    #expect(routed.share == 1)
    #expect(routed.parameters == 2 * one.parameters)
  }

  @Test("a tree too small for a probe of its own is judged by the one of all")
  func small() throws {
    let (input, targets) = models()
    // Four models of the second tree.
    let training = (0..<60).filter { $0 % 2 == 0 } + [1, 3, 5, 7]
    let method = TreeExperts(DenseProbe())
    let fitted = try method.fit(
      input, targets, training: training, validation: Array(60..<70), settings: ProbeSettings(),
      jobs: 1)
    let scores = try fitted.scores(of: [71, 72, 73], in: input, jobs: 1)
    #expect(scores.rows == 3 && scores.columns == 2)
    let areFinite = scores.values.allSatisfy { $0.isFinite }
    #expect(areFinite)
    // The probe of all and that of the first tree.
    let one = try DenseProbe().fit(
      input, targets, training: training, validation: Array(60..<70), settings: ProbeSettings(),
      jobs: 1)
    #expect(fitted.parameterCount == 2 * one.parameterCount)
    #expect(method.description.name == "dense-per-tree")
  }

  /// A file holds the probes of trees, and what is read judges as what was written. The first three kinds
  /// have one for each of two trees, the last the probe of all as well.
  @Test("the experts come back from a file", arguments: ["probex", "dense", "moments", "general"])
  func files(_ kind: String) async throws {
    let (input, targets) = models()
    var settings = ProbeSettings()
    (settings.probeCount, settings.projectionCount) = (2, 2)
    settings.representationCount = 3
    settings.training.epochs = 3
    let training =
      kind == "general" ? (0..<60).filter { $0 % 2 == 0 } + [1, 3, 5, 7] : Array(0..<60)
    let method = TreeExperts(try ProbeMethods.named(kind == "general" ? "dense" : kind))
    try method.prepare(input, jobs: 1)
    let fitted = try method.fit(
      input, targets, training: training, validation: Array(60..<70), settings: settings, jobs: 1)
    let kept = try #require(try fitted.kept(from: input, jobs: 1))
    guard case .routed(let routed) = kept else {
      Issue.record("not one for each tree")
      return
    }
    #expect((routed.general != nil) == (kind == "general"))
    var manifest = ProbeManifest(method: kind, target: "kind", task: "classes")
    manifest.classes = ["a", "b"]
    manifest.layer = "layer"
    (manifest.rows, manifest.columns) = (2, 2)
    (manifest.radii, manifest.trees) = (routed.radii, ["tree-1", "tree-2"])
    let scratch = try ScratchFolder(fileName: "experts.h5")
    try ProbeFile(manifest: manifest, probe: kept, centres: routed.centres)
      .write(to: scratch.file, overwrites: false)
    let read = try await ProbeFile.read(scratch.file)
    let all = Array(0..<80)
    let written = try kept.scores(of: all, in: input, jobs: 1)
    #expect(try read.probe.scores(of: all, in: input, jobs: 1) == written)
    // The dense map has summed its weights in another order before it was kept, and rounded them.
    let direct = try fitted.scores(of: all, in: input, jobs: 1)
    let farthest = zip(direct.values, written.values).map { abs($0 - $1) }.max() ?? 0
    #expect(farthest < 1e-3)
    #expect(read.probe.parameterCount == fitted.parameterCount)
    // What a manifest says of its experts has to fit.
    manifest.trees = ["tree-1"]
    manifest.radii = [1]
    try ProbeFile(manifest: manifest, probe: kept, centres: routed.centres)
      .write(to: scratch.file, overwrites: true)
    await #expect(throws: Diagnostic.self) { try await ProbeFile.read(scratch.file) }
  }
}
