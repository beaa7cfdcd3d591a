import Catalogs
import ModelGraph
import Testing

/// Graphs of ONNX nodes that exporters do not write in the fixtures, and nodes that make no sense.
@Suite("Graphs of ONNX nodes")
struct ONNXGraphTests {
  private static func node(
    _ operation: String, _ inputs: [String], _ output: String,
    _ attributes: [String: ONNXGraph.Attribute] = [:]
  ) -> ONNXGraph.Node {
    var node = ONNXGraph.Node()
    node.operation = operation
    node.inputs = inputs
    node.outputs = [output]
    node.attributes = attributes
    return node
  }

  private static func graph(
    _ nodes: [ONNXGraph.Node], input: [Int?]? = [nil, 3, 8, 8], output: String = "y",
    _ change: (inout ONNXGraph) -> Void = { _ in }
  ) throws -> ModelGraph {
    var source = ONNXGraph()
    source.version = 13
    source.nodes = nodes
    source.inputs = [ONNXGraph.Value(name: "x", shape: input)]
    source.outputs = [ONNXGraph.Value(name: output, shape: nil)]
    change(&source)
    var catalog = Catalog([
      ("conv.weight", [4, 3, 3, 3]), ("conv.bias", [4]), ("fc.weight", [5, 4]), ("fc.bias", [5]),
      ("wide", [5, 256]), ("twice", [2, 2, 2]),
    ])
    catalog.onnxGraph = source
    return try ModelGraph(catalog)
  }

  private static let convolution = node(
    "Conv", ["x", "conv.weight", "conv.bias"], "c", ["pads": .integers([1, 1, 1, 1])])
  private static let dense = node(
    "Gemm", ["f", "fc.weight", "fc.bias"], "y", ["transB": .integers([1])])

  @Test func theShapeOfTheBatchIsFollowed() throws {
    // x.view(x.size(0), -1), as PyTorch writes it.
    let net = try Self.graph([
      Self.node("Transpose", ["wide"], "turned"), Self.convolution,
      Self.node("Shape", ["c"], "s"), Self.node("Gather", ["s", "zero"], "n"),
      Self.node("Unsqueeze", ["n"], "u", ["axes": .integers([0])]),
      Self.node("Concat", ["u", "minus"], "target", ["axis": .integers([0])]),
      Self.node("Reshape", ["c", "target"], "f"), Self.node("Gemm", ["f", "turned"], "y"),
    ]) {
      $0.constants = ["zero": [0], "minus": [-1]]
    }
    #expect(net.layers.map(\.operation.name) == ["input", "conv2d", "flatten", "dense"])
    let kernel = try #require(net.layers[3].parameter(.kernel))
    #expect(kernel.tensor == "wide" && kernel.axes == [.output, .input])
    let groups = try net.permutationGroups()
    #expect(groups.map(\.size) == [4])
    #expect(groups[0].members.last?.runs.first?.width == 64)
  }

  @Test func whatIsNotUnderstoodStaysFixed() throws {
    let net = try Self.graph([
      Self.convolution, Self.node("Relu", ["c"], "r"), Self.node("CumSum", ["r", "axis"], "e"),
      Self.node("GlobalAveragePool", ["e"], "g"), Self.node("Flatten", ["g"], "f"), Self.dense,
    ])
    #expect(try net.permutationGroups().isEmpty)
    #expect(net.whyNotRunnable?.contains("CumSum") == true)
    #expect(net.skipped.contains { $0.reason.contains("CumSum") })
    // A shape that only the operation knows is left open, and taken from the model where it is.
    let odd = [
      Self.node("SpaceToDepth", ["x"], "s"), Self.node("GlobalMaxPool", ["s"], "g"),
      Self.node("Flatten", ["g"], "f"), Self.dense,
    ]
    let open = try Self.graph(odd)
    #expect(open.layers.map(\.outputShape)[1] == [])
    #expect(try open.permutationGroups().isEmpty)
    let told = try Self.graph(odd) { $0.shapes["s"] = [nil, 4, 2, 2] }
    #expect(told.layers.map(\.outputShape)[1] == [4, 2, 2])
  }

  @Test func nodesThatNothingNeedsAreLeftOut() throws {
    let net = try Self.graph([
      Self.node("Hardmax", ["x"], "unused"), Self.convolution,
      Self.node(
        "ReduceMean", ["c"], "f", ["axes": .integers([-1, -2]), "keepdims": .integers([0])]),
      Self.dense,
    ])
    #expect(net.whyNotRunnable == nil && net.layers.count == 4)
    #expect(net.skipped.map(\.name).contains("wide"))
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var words: String
    var nodes: [ONNXGraph.Node]
  }

  static let mistakes: [Mistake] = [
    Mistake(
      testDescription: "an output that nothing makes", words: "no layer makes the output",
      nodes: [convolution]),
    Mistake(
      testDescription: "a value before it is made", words: "no layer makes the output",
      nodes: [node("Relu", ["later"], "y"), node("Relu", ["x"], "later")]),
    Mistake(
      testDescription: "a kernel of another width", words: "fc: the tensor fc.weight is 5×4",
      nodes: [node("Flatten", ["x"], "f"), dense]),
    Mistake(
      testDescription: "a window of another size", words: "its kernel_shape is not that",
      nodes: [
        node("Conv", ["x", "conv.weight"], "y", ["kernel_shape": .integers([5, 5])])
      ]),
    Mistake(
      testDescription: "padding of one axis", words: "not two lengths for each axis",
      nodes: [node("Conv", ["x", "conv.weight"], "y", ["pads": .integers([1, 1])])]),
    Mistake(
      testDescription: "strides of zero", words: "its strides is not 2 lengths",
      nodes: [node("Conv", ["x", "conv.weight"], "y", ["strides": .integers([0, 1])])]),
    Mistake(
      testDescription: "an axis of 2^62", words: "not one number that can be right",
      nodes: [node("Flatten", ["x"], "y", ["axis": .integers([1 << 62])])]),
    Mistake(
      testDescription: "a kernel of three axes over images", words: "spatial axes cannot read",
      nodes: [node("Conv", ["x", "twice"], "y")]),
  ]

  @Test(arguments: mistakes)
  func areNamed(mistake: Mistake) {
    let words = Self.words { try Self.graph(mistake.nodes) }
    #expect(words.hasPrefix("made") && words.contains(mistake.words), "\(words)")
  }

  @Test func anInputWithoutAShapeIsNamed() {
    let words = Self.words { try Self.graph([Self.convolution], input: nil, output: "c") }
    #expect(words.contains("x: the model does not state the shape"))
  }

  private static func words(_ body: () throws -> ModelGraph) -> String {
    message { _ = try body() }
  }
}
