import Catalogs
import ModelGraph
import Testing

/// Weights that are constants of nodes, and weights that something else reads, too
/// (`Fixtures/make_onnx_constant_fixtures.py`; what the networks answer is compared in NetworksTests).
///
/// The kind: weights in other places than the list of initializers. Tried by hand, with `match -o` and what
/// ONNX Runtime answers before and after: constants as `value` in Gemm, MatMul and Add, Conv,
/// BatchNormalization and LayerNormalization, by way of Identity, Transpose and Cast, beside initializers,
/// read twice: understood, and the answers stay. Left alone, with the reason: kernels that a Reshape,
/// Squeeze, Concat, Slice, Mul or DequantizeLinear makes, `value_floats` that are reshaped, factors of
/// Gemm, full and per-example biases, Einsum, PRelu, sums of constants in a row, kernels on the left.
/// Sparse constants and initializers, and those in functions of the model's own: named. Weights in the
/// branches of If: read, and the units that they meet stay in place.
@Suite("Constants of ONNX nodes") struct ONNXConstantTests {
  static let files: [(file: String, tensors: Int, groups: [Int])] = [
    ("onnx_constants.onnx", 4, [8]), ("onnx_constants_conv.onnx", 9, [4, 12]),
  ]

  @Test(arguments: files)
  func areWeights(file: (file: String, tensors: Int, groups: [Int])) async throws {
    let catalog = try await Fixture.catalog(file.file)
    #expect(catalog.tensors.count == file.tensors)
    let graph = try ModelGraph(catalog)
    #expect(graph.whyNotRunnable == nil)
    #expect(Set(graph.parameters.map(\.tensor)) == Set(catalog.tensors.map(\.name)))
    #expect(try graph.permutationGroups().map(\.size) == file.groups)
  }

  /// Branches with weights of their own, of which a constant takes one: the other is no part of the network.
  @Test func aConstantTakesABranch() async throws {
    let catalog = try await Fixture.catalog("onnx_branch.onnx")
    #expect(
      Set(catalog.tensors.map(\.name)) == [
        "w1", "b1", "w2", "branch/then_branch/wt", "branch/then_branch/then_b",
        "branch/else_branch/else_b",
      ])
    let branch = catalog.onnxGraph?.nodes.first { $0.operation == "If" }
    #expect(
      branch?.inputs == ["condition", "branch/then_branch/then_y", "branch/else_branch/else_y"])
    let graph = try ModelGraph(catalog)
    #expect(graph.whyNotRunnable == nil)
    #expect(try graph.permutationGroups().map(\.size) == [8])
    #expect(
      graph.parameters.map(\.tensor) == [
        "w1", "b1", "branch/then_branch/wt", "branch/then_branch/then_b",
      ])
  }

  private static func node(
    _ operation: String, _ inputs: [String], _ output: String,
    _ attributes: [String: ONNXGraph.Attribute] = [:]
  ) -> ONNXGraph.Node {
    var node = ONNXGraph.Node()
    (node.operation, node.inputs, node.outputs) = (operation, inputs, [output])
    node.attributes = attributes
    return node
  }

  private static func graph(
    _ nodes: [ONNXGraph.Node], _ change: (inout ONNXGraph) -> Void = { _ in }
  ) throws -> ModelGraph {
    var source = ONNXGraph()
    source.version = 17
    source.nodes = nodes
    source.inputs = [ONNXGraph.Value(name: "x", shape: [nil, 4])]
    source.outputs = [ONNXGraph.Value(name: "y", shape: nil)]
    change(&source)
    var catalog = Catalog([
      ("w1", [5, 4]), ("b1", [5]), ("w2", [3, 5]), ("row", [1, 5]), ("tall", [5, 1, 4]),
    ])
    catalog.onnxGraph = source
    return try ModelGraph(catalog)
  }

  private static let first = node("Gemm", ["x", "w1", "b1"], "h", ["transB": .integers([1])])
  private static let relu = node("Relu", ["h"], "a")
  private static let second = node("Gemm", ["a", "w2"], "o", ["transB": .integers([1])])

  /// A weight that a layer has, and that something reads which is not understood: moving the layer's
  /// units would change what that computes.
  @Test func aWeightThatSomethingElseReadsStays() throws {
    let row = [Self.first, Self.relu, Self.second]
    let plain = try Self.graph(row + [Self.node("Identity", ["o"], "y")])
    #expect(try plain.permutationGroups().map(\.size) == [5])
    let others: [[ONNXGraph.Node]] = [
      // The same kernel once more, in a way that is not followed; its sum.
      [
        Self.node("Mul", ["w1", "w1"], "squared"),
        Self.node("Gemm", ["x", "squared"], "s", ["transB": .integers([1])]),
        Self.node("Concat", ["o", "s"], "y", ["axis": .integers([1])]),
      ],
      [Self.node("ReduceSum", ["w1"], "s"), Self.node("Add", ["o", "s"], "y")],
    ]
    for (index, nodes) in others.enumerated() {
      let graph = try Self.graph(row + nodes) {
        $0.shapes = ["h": [nil, 5], "o": [nil, 3], "s": index == 0 ? [nil, 5] : [1, 1]]
      }
      #expect(try graph.permutationGroups().isEmpty, "case \(index)")
    }
  }

  /// A tensor is handed on by nodes that move no element.
  @Test func viewsOfAWeightAreFollowed() throws {
    let handedOn: [[ONNXGraph.Node]] = [
      [Self.node("Squeeze", ["row"], "b")], [Self.node("Reshape", ["row", "five"], "b")],
      [Self.node("Squeeze", ["row", "zero"], "b")], [Self.node("Reshape", ["row", "rest"], "b")],
      [Self.node("Unsqueeze", ["row", "zero"], "u"), Self.node("Reshape", ["u", "rest"], "b")],
    ]
    for nodes in handedOn {
      let first = Self.node("Gemm", ["x", "w1", "b"], "h", ["transB": .integers([1])])
      let graph = try Self.graph(
        nodes + [first, Self.relu, Self.second, Self.node("Identity", ["o"], "y")]
      ) {
        $0.constants = ["five": [5], "zero": [0], "rest": [-1]]
      }
      let group = try #require(try graph.permutationGroups().first)
      #expect(group.size == 5)
      #expect(group.members.contains { $0.tensor == "row" && $0.axis == 1 })
    }
    // Elements that change their place among the axes are not followed.
    for target in [[20], [2, 10], [4, 5]] {
      let first = Self.node("MatMul", ["x", "k"], "h")
      let text = message {
        let graph = try Self.graph(
          [
            Self.node("Reshape", ["w1", "target"], "k"), first, Self.relu, Self.second,
            Self.node("Identity", ["o"], "y"),
          ]
        ) { $0.constants = ["target": target.map(Double.init)] }
        #expect(try graph.permutationGroups().isEmpty)
      }
      #expect(text == "no error" || text.contains("not understood"), "\(text)")
    }
    // A kernel that has an axis of one index more in the file.
    let tall = try Self.graph([
      Self.node("Squeeze", ["tall", "one"], "k"),
      Self.node("Gemm", ["x", "k", "b1"], "h", ["transB": .integers([1])]), Self.relu, Self.second,
      Self.node("Identity", ["o"], "y"),
    ]) {
      $0.constants = ["one": [1]]
      $0.shapes = ["h": [nil, 5]]
    }
    #expect(try tall.permutationGroups().map(\.size) == [5])
  }
}
