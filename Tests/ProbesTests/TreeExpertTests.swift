import LinearAlgebra
import Testing

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
    #expect(method.description.name == "dense-per-tree" && !method.description.isKept)
  }
}
