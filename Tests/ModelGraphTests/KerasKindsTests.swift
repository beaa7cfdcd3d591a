import Catalogs
import ModelGraph
import Support
import Testing

/// Layers that people use beside the plain ones, by the real Keras: those that are understood, and
/// those that are left alone. That the groups are symmetries is shown where networks are run.
///
/// Tried by hand beside these with `match -o`, 120 small models of Keras 3.15, most at `.keras` and some at
/// `.h5`, whose own answers to what was written differ by less than 5e-7 of their size: returned states that
/// are joined, added, handed on crossed, made by dense layers, or are outputs; `Bidirectional` in three
/// ways; `split`, `top_k`, `moments`, `unstack`, `roll`, `einsum`, `where`, slices, turned axes and 15 more
/// operations, attention of four kinds, `RNN` of two cells, `ConvLSTM2D` (the units that meet them stay);
/// `TimeDistributed`; 25 kinds of layers at the end and in the middle (`Lambda`, own classes, `EinsumDense`,
/// `SpectralNormalization`, normalisations, activations, shapes); transposed, grouped, depthwise,
/// separable and 3-D convolutions; the elementwise layers, also where one side is broadcast; layers that
/// work along other axes.
@Suite("Kinds of Keras layers")
struct KerasKindsTests {
  struct Kind: Sendable, CustomTestStringConvertible {
    var file: String
    var groups: [String]
    var left: [String] = []
    var testDescription: String { file }
  }

  static let kinds = [
    // The connection that skips carries the first group to the joined kernel.
    Kind(
      file: "unet.keras", groups: ["conv2d 4 4", "conv2d_1 6 3", "up 3 3", "conv2d_3 5 3"]),
    Kind(
      file: "transposed1d.keras",
      groups: [
        "conv1d_transpose 5 3", "conv1d_transpose_1 4 2", "conv1d_transpose_2 3 3",
        "conv1d_transpose_3 4 3",
      ]),
    Kind(
      file: "transposed3d.keras",
      groups: ["conv3d 5 3", "conv3d_transpose 4 3", "conv3d_1 3 3"]),
    Kind(
      file: "siamese.keras",
      groups: ["tower/dense 6 3", "tower/dense_1 4 3", "dense_2 7 3"]),
    Kind(
      file: "windows.keras",
      groups: ["tower/dense 6 3", "tower/dense_1 4 3", "dense_2 7 3"]),
    // Kernel, recurrent kernel twice and bias of both layers, and the head.
    Kind(file: "seq2seq.keras", groups: ["encoder 7 9"]),
    Kind(file: "seq2seq.h5", groups: ["encoder 7 9"]),
    Kind(file: "states.keras", groups: ["gru 5 7", "dense 4 7", "lstm 3 5"]),
    // The average ties both directions of the second layer, its states those of the first.
    Kind(file: "both_ways.keras", groups: ["bidirectional/forward 3 19"]),
    Kind(file: "embed.keras", groups: ["fc1 16 3", "fc2 12 3"], left: ["normalise"]),
    Kind(file: "embed.h5", groups: ["fc1 16 3", "fc2 12 3"], left: ["normalise"]),
    Kind(
      file: "middle.keras", groups: ["a1 8 3", "b0 9 3", "c1 7 3"], left: ["dot"]),
    Kind(file: "middle.h5", groups: ["a1 8 3", "b0 9 3", "c1 7 3"], left: ["dot"]),
    Kind(file: "split.keras", groups: ["wide 8 3", "d1 4 3", "d3 5 3"], left: ["split"]),
    // The weights of attention show the order of the heads, and of nothing else.
    Kind(
      file: "attention.keras", groups: ["first 7 3", "embed 8 8", "d1 5 3"],
      left: ["heads/scores"]),
    Kind(file: "quantised.keras", groups: ["q0 8 3", "q3 7 3"], left: ["q2"]),
    Kind(file: "quantised.h5", groups: ["q0 8 3", "q3 7 3"], left: ["q2"]),
    Kind(
      file: "odd_names.keras",
      groups: ["a.b c 8 3", "ünï:cödé;(1) 5 3", "back\\slash 4 3"]),
    Kind(
      file: "odd_names.h5", groups: ["a.b c 8 3", "ünï:cödé;(1) 5 3", "back\\slash 4 3"]),
  ]

  @Test(arguments: kinds)
  func hasItsGroups(kind: Kind) async throws {
    let graph = try await Fixture.graph(kind.file)
    let groups = try graph.permutationGroups()
    #expect(groups.map { "\($0.name) \($0.size) \($0.members.count)" } == kind.groups)
    #expect(graph.layersLeftAlone.map(\.name) == kind.left)
    #expect((graph.leftAloneSentence == nil) == kind.left.isEmpty)
    #expect((graph.whyNotRunnable == nil) == kind.left.isEmpty)
    for name in kind.left { #expect(graph.leftAloneSentence?.contains(name) == true) }
  }

  @Test func quantisedTensorsAreNamed() async throws {
    let graph = try await Fixture.graph("quantised.keras")
    let named = graph.skipped.filter { $0.name.hasPrefix("layers/") }
    #expect(named.count == 3 && named.allSatisfy { $0.reason.contains("quantised (int8)") })
  }

  /// A chain as Keras 2 wrote it, which records no shapes: dense layers `d0`, `d1`, … with one other
  /// layer between.
  private func chain(
    _ widths: [Int], opaque: Int, type: String = "Lambda", after: String = ""
  ) throws -> ModelGraph {
    var layers = [
      #"{"class_name": "InputLayer", "name": "in", "inbound_nodes": [], "config": "#
        + #"{"name": "in", "batch_input_shape": [null, 6]}}"#
    ]
    var previous = "in"
    var tensors: [(String, [Int])] = []
    var texts: [String: [String: [String]]] = [:]
    for (index, width) in widths.enumerated() {
      func add(_ type: String, _ name: String, _ config: String) {
        layers.append(
          #"{"class_name": "\#(type)", "name": "\#(name)", "config": {"name": "\#(name)"\#(config)},"#
            + #" "inbound_nodes": [[["\#(previous)", 0, 0, {}]]]}"#)
        previous = name
      }
      if index == opaque {
        add(type, "odd", "")
        if !after.isEmpty { add(after, "next", "") }
      }
      guard width > 0 else { continue }
      add("Dense", "d\(index)", #", "units": \#(width), "activation": "relu""#)
      let input = index == 0 ? 6 : widths[..<index].last { $0 > 0 } ?? 6
      tensors.append(("model_weights/d\(index)/d\(index)/kernel:0", [input, width]))
      tensors.append(("model_weights/d\(index)/d\(index)/bias:0", [width]))
      texts["model_weights/d\(index)"] = [
        "weight_names": ["d\(index)/kernel:0", "d\(index)/bias:0"]
      ]
    }
    let config =
      #"{"class_name": "Functional", "config": {"name": "m", "layers": ["#
      + layers.joined(separator: ", ") + #"], "input_layers": [["in", 0, 0]], "#
      + #""output_layers": [["\#(previous)", 0, 0]]}}"#
    return try ModelGraph(Catalog(tensors, config: config, texts: texts))
  }

  @Test(arguments: ["Lambda", "Dot", "EinsumDense", "SpectralNormalization", "RNN", "MyLayer"])
  func whatIsNotUnderstoodIsNoEnd(type: String) throws {
    // At the end: all before it stays free but what meets it.
    var graph = try chain([8, 7, 5, 0], opaque: 3, type: type)
    #expect(try graph.permutationGroups().map(\.name) == ["d0", "d1"])
    #expect(graph.layersLeftAlone.map(\.name) == ["odd"])
    // In the middle the next kernel says how many features it reads.
    graph = try chain([8, 7, 5, 4, 3], opaque: 2, type: type)
    #expect(
      try graph.permutationGroups().map { "\($0.name) \($0.size)" } == ["d0 8", "d2 5", "d3 4"])
    // Before everything.
    graph = try chain([8, 7, 5], opaque: 0, type: type)
    #expect(try graph.permutationGroups().map(\.name) == ["d0", "d1"])
  }

  /// What a layer of unknown shape makes of shapes after it is left alone where it does not fit, and
  /// never moved by guess.
  @Test(arguments: [
    "Flatten", "Activation", "Dropout", "GlobalAveragePooling1D", "Reshape", "LSTM",
  ])
  func doubtIsPassedOn(after: String) throws {
    let graph = try chain([8, 7, 5, 4], opaque: 2, after: after)
    let names = try graph.permutationGroups().map(\.name)
    #expect(names.first == "d0" && !names.contains("d1") && names.contains("d2"))
  }

  @Test func sumsWithWhatIsNotKnownStay() throws {
    var builder = ModelGraph.Builder(source: "test", channelOrder: .last)
    let input = try builder.input(shape: [4])
    let free = try builder.add(
      "a", .dense(units: 4), inputs: [input],
      parameters: [.init(role: .kernel, tensor: "a", shape: [4, 4], axes: [.input, .output])])
    let odd = try builder.add("odd", .unsupported("Lambda"), inputs: [input], outputShape: [])
    for (name, operation) in [
      ("sum", Operation.add), ("joined", .concatenate(axis: 0)), ("larger", .elementwise(.maximum)),
    ] {
      var copy = builder
      let met = try copy.add(name, operation, inputs: [free, odd], outputShape: [nil])
      let last = try copy.add(
        "b", .dense(units: 2), inputs: [met],
        parameters: [.init(role: .kernel, tensor: "b", shape: [8, 2], axes: [.input, .output])])
      #expect(try copy.finish(outputs: [last]).permutationGroups().isEmpty, "\(name)")
    }
  }
}
