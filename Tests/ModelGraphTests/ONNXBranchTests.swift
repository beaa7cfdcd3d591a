import Catalogs
import ModelGraph
import Support
import Testing

/// Ifs, and what is stated of inputs (`Fixtures/make_onnx_branch_fixtures.py`). What the networks answer is
/// compared with ONNX Runtime in WorkbenchTests.
///
/// Tried by hand: the six ONNX files of silero-vad 6.2 (two rates in one file, an If for the number of steps,
/// tensors of the graph around that the branches read): all are understood, and run to 4e-8 of ONNX Runtime.
@Suite("Branches of ONNX graphs") struct ONNXBranchTests {
  private static let file = "branches.onnx"

  private func graph(_ words: String...) async throws -> ModelGraph {
    let readings = try words.map { try #require(Reading(word: $0)) }
    return try ModelGraph(
      try await Fixture.catalog(Self.file), statement: GraphStatement(readings: Set(readings)))
  }

  /// Where the data decide, the units within both branches move, and what the If makes of them is not run.
  @Test func bothBranchesAreThere() async throws {
    let graph = try await graph()
    #expect(try graph.permutationGroups().map(\.size) == [8, 4])
    #expect(graph.whyNotRunnable != nil)
    #expect(graph.skipped.contains { $0.reason.contains("If whose condition the data decide") })
    let tensors = Set(graph.parameters.map(\.tensor))
    #expect(
      tensors.isSuperset(of: ["rates/then_branch/conv.weight", "rates/else_branch/conv.weight"]))
  }

  /// The branch of a stated rate is the network. The units of the LSTM are the state that it returns.
  @Test(arguments: [("rate=16", "wave=[1,36]", 8), ("rate=8", "wave=[1,20]", 4)])
  func aStatedNumberTakesABranch(_ rate: String, _ wave: String, _ bins: Int) async throws {
    let graph = try await graph(rate, wave)
    #expect(
      graph.layers.map(\.operation.name).joined(separator: " ")
        == "input input reshape edgePadding conv1d select select multiply multiply add squareRoot "
        + "conv1d relu steps steps lstm state cellState dense reshape reshape concatenate")
    #expect(try graph.permutationGroups().map(\.size) == [bins, 4])
    #expect(graph.whyNotRunnable == nil)
    let branch = rate == "rate=16" ? "rates/then_branch/" : "rates/else_branch/"
    #expect(graph.parameters.allSatisfy { $0.tensor.hasPrefix(branch) })
  }

  @Test(arguments: [
    (["rat=16"], "there is no input rat"), (["wave=16"], "the input wave is not one number"),
    (["rate=1.5"], "the input rate is an integer"), (["state=[3,1,3]"], "is 2×?×3, not 3×1×3"),
    (["wave=[1,2,3]"], "is ?×?, not 1×2×3"), (["rate=16", "rate=8"], "two things are stated"),
  ])
  func whatDoesNotFitIsRefused(_ words: [String], _ message: String) async throws {
    let readings = try words.map { try #require(Reading(word: $0)) }
    let catalog = try await Fixture.catalog(Self.file)
    let error = #expect(throws: Diagnostic.self) {
      try ModelGraph(catalog, statement: GraphStatement(readings: Set(readings)))
    }
    #expect(error?.code == .usage)
    #expect(error.map { String(describing: $0).contains(message) } == true)
  }

  @Test func otherFilesHaveNoInputs() async throws {
    let catalog = try await Fixture.catalog("mlp.h5")
    let reading = try #require(Reading(word: "rate=16"))
    #expect(throws: Diagnostic.self) {
      try ModelGraph(catalog, statement: GraphStatement(readings: [reading]))
    }
  }

  @Test(arguments: ["rate=16", "wave=[1,36]", "gain=0.5"])
  func wordsComeBack(_ word: String) throws {
    #expect(try #require(Reading(word: word)).word == word)
  }

  @Test(arguments: ["=16", "rate=", "rate=x", "wave=[]", "wave=[0,3]", "wave=[1;3]", "heads=-1"])
  func otherWordsAreNone(_ word: String) { #expect(Reading(word: word) == nil) }
}
