import Catalogs
import Merging
import Support
import Tensors
import Testing

@Suite("Merging: what is refused, and edges")
struct RefusalTests {
  private static func input(_ name: String, _ tensors: [String: [Float]]) -> MergeInput {
    MergeInput(
      tensors.mapValues { Tensor(shape: [$0.count], values: $0) }, name: "\(name).h5")
  }

  private static let a = input("a", ["w": [1, 2, 3, 4], "v": [1]])
  private static let b = input("b", ["w": [2, 2, 2, 2], "v": [5]])
  private static let base = input("base", ["w": [0, 0, 0, 0], "v": [0]])

  private static func refusal(
    _ models: [MergeInput], base: MergeInput? = nil, _ method: MergeRecipe.Method,
    weights: [Double]? = nil, convention: MergeRecipe.Convention = .papers
  ) throws -> Diagnostic? {
    do {
      var merger = try Merger(
        models, base: base,
        recipe: MergeRecipe(
          method, weights: weights ?? models.map { _ in 1 }, convention: convention))
      try merger.prepare(jobs: 1)
      for entry in merger.tensors { _ = try merger.merged(entry, jobs: 1) }
      return nil
    } catch let error as Diagnostic { return error }
  }

  @Test("recipes that make no sense")
  func recipes() throws {
    let (a, b, base) = (Self.a, Self.b, Self.base)
    let two = [a, b]
    for error in [
      try Self.refusal(two, .taskArithmetic), try Self.refusal(two, base: base, .mean),
      try Self.refusal(two, base: base, .ties(density: 1.5, trimming: .global)),
      try Self.refusal(two, base: base, .ties(density: .nan, trimming: .global)),
      try Self.refusal(two, base: base, .dare(drop: 1, elects: false)),
      try Self.refusal(two, base: base, .breadcrumbs(bottom: 0.8, top: 0.3, elects: false)),
      try Self.refusal([a], base: base, .modelStock), try Self.refusal([a, b, a], .slerp(at: 0.5)),
      try Self.refusal(two, .slerp(at: .infinity)), try Self.refusal(two, .mean, weights: [1]),
      try Self.refusal(two, .mean, weights: [1, .nan]),
      try Self.refusal(two, base: base, .tallMasks(threshold: 1, agreement: 3, task: nil)),
      try Self.refusal(two, base: base, .tallMasks(threshold: 1, agreement: 1, task: 2)),
      try Self.refusal(
        two, base: base, .tallMasks(threshold: 1, agreement: 1, task: nil), convention: .mergekit),
    ] {
      #expect(error?.code == .usage)
    }
  }

  @Test("tensors that are missing, reshaped or more are named, or stay where that is asked for")
  func tensors() throws {
    let missing = Self.input("c", ["w": [1, 2, 3, 4]])
    let reshaped = Self.input("d", ["w": [1, 2, 3], "v": [1]])
    for (models, tensor) in [
      ([Self.a, missing], "v"), ([missing, Self.a], "v"), ([Self.a, reshaped], "w"),
    ] {
      let error = try #require(try Self.refusal(models, .mean, weights: [0.5, 0.5]))
      #expect(error.code == .badData && error.location.last == tensor)
    }
    let merger = try Merger(
      [Self.a, missing], base: nil, recipe: MergeRecipe(.mean, weights: [0.5, 0.5]),
      sharedOnly: true)
    #expect(merger.tensors.map(\.name) == ["w"] && merger.keptTensors == ["v"])
    #expect(throws: Diagnostic.self) {
      try Merger(
        [missing, Self.input("e", ["x": [1]])], base: nil,
        recipe: MergeRecipe(.mean, weights: [0.5, 0.5]), sharedOnly: true)
    }
  }

  static let methods: [MergeRecipe.Method] = [
    .mean, .taskArithmetic, .ties(density: 0.5, trimming: .global),
    .ties(density: 0.5, trimming: .tensor), .dare(drop: 0.5, elects: false),
    .dare(drop: 0.5, elects: true), .breadcrumbs(bottom: 0.2, top: 0.2, elects: true),
    .modelStock, .slerp(at: 0.5), .tallMasks(threshold: 0.4, agreement: 2, task: nil),
  ]

  @Test("what is not a number is found, with its file, tensor and place", arguments: methods)
  func notFinite(_ method: MergeRecipe.Method) throws {
    for value in [Float.nan, .infinity, -.infinity] {
      let broken = Self.input("broken", ["w": [1, 2, value, 4], "v": [1]])
      let needsBase = MergeRecipe(method, weights: [1, 1]).needsBase
      let error = try #require(
        try Self.refusal([Self.a, broken], base: needsBase ? Self.base : nil, method))
      #expect(error.code == .badData && error.location == ["broken.h5", "w"])
      #expect(error.message.contains("element 2"))
    }
  }

  @Test("a model alone, and the base as every model")
  func identities() throws {
    for method in Self.methods where MergeRecipe(method, weights: [1, 1]).needsBase {
      let merger = try Merger(
        [Self.base, Self.base], base: Self.base, recipe: MergeRecipe(method, weights: [1, 1]))
      for entry in merger.tensors {
        #expect(try merger.merged(entry).values.allSatisfy { $0 == 0 })
      }
    }
    let alone = try Merger(
      [Self.a], base: Self.base, recipe: MergeRecipe(.taskArithmetic, weights: [1]))
    #expect(try alone.merged(alone.tensors[1]).values == [1, 2, 3, 4])
  }

  @Test("slerp of opposite, equal and zero vectors goes straight")
  func arcs() throws {
    let one = Self.input("one", ["w": [3, 4]])
    for (other, expected) in [
      ([-3, -4], [0, 0]), ([3, 4], [3, 4]), ([0, 0], [1.5, 2]), ([6, 8], [4.5, 6]),
    ] as [([Float], [Float])] {
      let merger = try Merger(
        [one, Self.input("two", ["w": other])], base: nil,
        recipe: MergeRecipe(.slerp(at: 0.5), weights: [0.5, 0.5]))
      #expect(try merger.merged(merger.tensors[0]).values == expected)
    }
  }
}
