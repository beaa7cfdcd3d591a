import Catalogs
import ModelGraph
import Testing

/// ONNX graphs of many kinds (`Fixtures/make_onnx_graph_fixtures.py`): what is understood of them, and
/// which units move together. That they compute the same before and after is compared in NetworksTests,
/// and for random networks of these kinds by ONNX Runtime (`Tests/Peers/onnx_judge.py`).
///
/// Tried by hand, with `match -o` and ONNX Runtime before and after: kernels that Concat, Slice or
/// DequantizeLinear makes in the middle of a row (their layer stays, the units behind the next layer move),
/// a kernel squeezed over two axes and one on the left (they move), an If whose bodies have kernels (what
/// meets it stays, the rest moves), a bias that is subtracted elsewhere (it stays). The answers stayed in all.
@Suite("ONNX graphs of many kinds") struct ONNXKindTests {
  struct Kind: Sendable, CustomTestStringConvertible {
    var file: String
    /// The operations, in the order of the layers.
    var operations: String
    /// The sizes of the groups.
    var groups: [Int]
    var testDescription: String { file }
  }

  static let kinds: [Kind] = [
    Kind(
      file: "graph_constant_output.onnx",
      operations: "input dense relu dense",
      groups: [6]),
    Kind(
      file: "graph_convnext.onnx",
      operations: "input rearrange conv2d layerNormalization conv2d layerNormalization dense gelu "
        + "dense channelScale add rearrange dense",
      groups: [5, 9]),
    Kind(
      file: "graph_encoder.onnx",
      operations: "input dense select select select rescaling attention dense add "
        + "layerNormalization dense gelu dense add layerNormalization dense select select "
        + "select rescaling attention dense add layerNormalization dense gelu dense add "
        + "layerNormalization dense",
      groups: [2, 7]),
    Kind(
      file: "graph_gru.onnx",
      operations: "input gru state dense",
      groups: [5]),
    Kind(
      file: "graph_language.onnx",
      operations: "input embedding tableAddition rmsNormalization dense select select select "
        + "attention dense add rmsNormalization dense silu dense multiply dense add dense "
        + "steps",
      groups: [8, 4, 7]),
    Kind(
      file: "graph_lstm.onnx",
      operations: "input lstm lstm concatenate globalAveragePooling dense",
      groups: [4]),
    Kind(
      file: "graph_mixer.onnx",
      operations: "input dense layerNormalization stepDense gelu stepDense add "
        + "globalAveragePooling dense",
      groups: [6, 7]),
    Kind(
      file: "graph_newest.onnx",
      operations: "input rearrange zeroPadding conv2d groupNormalization hardSilu select select "
        + "sigmoid multiply upsampling conv2d layerNormalization dense gelu "
        + "globalAveragePooling dense rescaling channelScale rescaling",
      groups: [4, 6, 5]),
    Kind(
      file: "graph_reader.onnx",
      operations: "input reshape conv2d relu maximumPooling rearrange lstm steps dense",
      groups: [4, 5]),
    Kind(
      file: "graph_rnn.onnx",
      operations: "input simpleRNN globalAveragePooling dense",
      groups: [4]),
    Kind(
      file: "graph_unet.onnx",
      operations: "input conv2d groupNormalization parametricRelu maximumPooling conv2d mish "
        + "transposedConv2d concatenate conv2d groupNormalization gelu conv2d",
      groups: [2, 2, 6, 5, 3]),
    Kind(
      file: "graph_vision.onnx",
      operations: "input rearrange conv2d reshape prepend tableAddition layerNormalization dense "
        + "select select select rescaling attention dense add steps dense",
      groups: [6, 3]),
  ]

  @Test(arguments: kinds)
  func areUnderstood(kind: Kind) async throws {
    let graph = try ModelGraph(try await Fixture.catalog(kind.file))
    #expect(graph.layers.map(\.operation.name).joined(separator: " ") == kind.operations)
    #expect(try graph.permutationGroups().map(\.size) == kind.groups)
    #expect(graph.whyNotRunnable == nil)
  }

  /// What is not understood freezes what it meets, and nothing else: the convolution before the sum along
  /// the channels stays, the one before that moves, and so does the one after.
  @Test func aNodeInTheMiddleFreezesItsNeighbours() async throws {
    let graph = try ModelGraph(try await Fixture.catalog("graph_odd.onnx"))
    #expect(graph.whyNotRunnable?.contains("CumSum") == true)
    #expect(graph.skipped.contains { $0.reason.contains("CumSum") })
    #expect(try graph.permutationGroups().map(\.size) == [5, 4])
  }
}
