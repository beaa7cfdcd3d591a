import Catalogs
import ModelGraph
import Testing

/// Configurations that are wrong or meant to harm: each gets one error that names the layer.
@Suite("Configurations that cannot be right")
struct HostileConfigurationTests {
  private func layer(
    _ type: String, _ name: String, _ settings: String, reads: [String] = []
  ) -> String {
    let inbound = reads.map { "[\"\($0)\", 0, 0, {}]" }.joined(separator: ",")
    return """
      {"class_name": "\(type)", "name": "\(name)", "config": {"name": "\(name)"\
      \(settings.isEmpty ? "" : ", " + settings)}, "inbound_nodes": \
      \(reads.isEmpty ? "[]" : "[[\(inbound)]]")}
      """
  }

  private func functional(_ layers: [String], output: String) -> String {
    """
    {"class_name": "Functional", "config": {"name": "m", "layers": [\(layers.joined(separator: ","))],
      "input_layers": [["x", 0, 0]], "output_layers": [["\(output)", 0, 0]]}}
    """
  }

  private let input = """
    {"class_name": "InputLayer", "name": "x", "config": {"name": "x",
     "batch_input_shape": [null, 4]}, "inbound_nodes": []}
    """

  private func error(_ config: String, _ tensors: [(String, [Int])] = []) -> String {
    message { _ = try ModelGraph(Catalog(tensors, config: config)).permutationGroups() }
  }

  private let kernels: [(String, [Int])] = [
    ("model_weights/d/d/kernel:0", [4, 3]), ("model_weights/d/d/bias:0", [3]),
  ]

  @Test func missingTensor() {
    let config = functional(
      [input, layer("Dense", "d", "\"units\": 3", reads: ["x"])], output: "d")
    #expect(error(config).hasPrefix("made.h5 › d: the file has 0 tensors"))
    #expect(error(config, kernels) == "no error")
  }

  @Test func shapesThatDoNotChain() {
    let config = functional(
      [input, layer("Dense", "d", "\"units\": 7", reads: ["x"])], output: "d")
    #expect(error(config, kernels).contains("d: the tensor model_weights/d/d/kernel:0 is 4×3"))
  }

  @Test func cycle() {
    let config = functional(
      [
        input, layer("Add", "a", "", reads: ["x", "b"]),
        layer("Activation", "b", "\"activation\": \"relu\"", reads: ["a"]),
      ], output: "b")
    #expect(error(config).contains("cycle") && error(config).contains("› a:"))
  }

  @Test func referencesToNothing() {
    let missing = functional([input, layer("Flatten", "f", "", reads: ["ghost"])], output: "f")
    #expect(error(missing).contains("ghost, which does not exist"))
    let output = functional([input], output: "ghost")
    #expect(error(output).contains("ghost"))
    let twice = functional([input, input], output: "x")
    #expect(error(twice).contains("two layers have this name"))
  }

  @Test func unknownLayerInTheMiddle() throws {
    let config = functional(
      [
        input, layer("Dense", "d", "\"units\": 3", reads: ["x"]),
        layer("MyLayer", "odd", "", reads: ["d"]), layer("Flatten", "f", "", reads: ["odd"]),
      ], output: "f")
    // What meets it stays, and it is named.
    let graph = try ModelGraph(Catalog(kernels, config: config))
    #expect(try graph.permutationGroups().isEmpty)
    #expect(graph.skipped.map(\.name) == ["odd"])
    #expect(graph.skipped[0].reason.contains("MyLayer") && graph.whyNotRunnable != nil)
  }

  /// Keras 3 records what every layer was built to read; some types keep the shape anyhow.
  @Test func unknownLayerWhoseShapeIsKnown() throws {
    func config(_ type: String, _ built: String) -> String {
      """
      {"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "Dense", "config": {"name": "d", "units": 3, "batch_input_shape": [null, 4]}},
        {"class_name": "\(type)", "config": {"name": "odd"}},
        {"class_name": "Dense", "config": {"name": "e", "units": 5}\(built)},
        {"class_name": "Dense", "config": {"name": "f", "units": 2}}]}}
      """
    }
    let more: [(String, [Int])] = [
      ("model_weights/e/e/kernel:0", [3, 5]), ("model_weights/e/e/bias:0", [5]),
      ("model_weights/f/f/kernel:0", [5, 2]), ("model_weights/f/f/bias:0", [2]),
    ]
    for (type, built) in [
      ("MyLayer", ", \"build_config\": {\"input_shape\": [null, 3]}"), ("ThresholdedReLU", ""),
      ("MyLayer", ""),
    ] {
      let graph = try ModelGraph(Catalog(kernels + more, config: config(type, built)))
      #expect(try graph.permutationGroups().map(\.name) == ["e"])
      #expect(graph.skipped.map(\.name) == ["odd"])
    }
  }

  @Test(arguments: [
    "\"units\": -3", "\"units\": 0", "\"units\": 1e300", "\"units\": 3.5", "\"units\": \"3\"",
    "\"units\": 9223372036854775807", "\"units\": null", "\"units\": [3]",
  ])
  func absurdUnits(_ units: String) {
    let config = functional([input, layer("Dense", "d", units, reads: ["x"])], output: "d")
    let text = error(config, kernels)
    #expect(text.contains("› d: ") && text.contains("units"))
  }

  @Test(arguments: [
    "\"target_shape\": [2147483647, 2147483647, 2147483647]", "\"target_shape\": [0]",
    "\"target_shape\": [-1, -1]", "\"target_shape\": [3]", "\"target_shape\": 7",
    "\"target_shape\": [1,1,1,1,1,1,1,1,1,1,1,4]",
  ])
  func absurdReshape(_ shape: String) {
    let config = functional([input, layer("Reshape", "r", shape, reads: ["x"])], output: "r")
    #expect(error(config).contains("› r: "))
  }

  @Test func hugeFeatureMapsDoNotOverflow() {
    let wide = """
      {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_input_shape":
       [null, 2147483647, 2147483647, 2147483647]}, "inbound_nodes": []}
      """
    let flat = functional([wide, layer("Flatten", "f", "", reads: ["x"])], output: "f")
    // The product overflows: the length is not known, and nothing traps.
    #expect(error(flat) == "no error")
    let padded = functional(
      [
        wide,
        layer(
          "ZeroPadding2D", "p", "\"padding\": [[2147483647, 2147483647], [0, 0]]", reads: ["x"]),
      ], output: "p")
    #expect(error(padded).contains("› p: an output of shape"))
  }

  @Test func windowsThatDoNotFit() {
    let map = """
      {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_input_shape":
       [null, 4, 4, 1]}, "inbound_nodes": []}
      """
    let config = functional(
      [map, layer("MaxPooling2D", "p", "\"pool_size\": [5, 5]", reads: ["x"])], output: "p")
    #expect(error(config).contains("› p: a window of 5 positions does not fit into 4"))
  }

  @Test func modelsNestedTooDeep() {
    var config = "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": []}}"
    for _ in 0..<60 {
      config =
        "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [\(config)]}}"
    }
    #expect(error(config).contains("nested more than"))
  }

  /// Ten calls of a model that makes ten calls of a model …: 10⁸ layers from a small text.
  @Test func modelsThatMultiply() {
    var inner = functional(
      [input, layer("Activation", "a", "\"activation\": \"relu\"", reads: ["x"])], output: "a")
    for depth in 0..<8 {
      let name = "m\(depth)"
      let calls = (0..<10).map { call in
        "[[\"\(call == 0 ? "x" : name)\", \(max(0, call - 1)), 0, {}]]"
      }
      let body = inner.dropFirst("{\"class_name\": \"Functional\",".count)
      let nested =
        "{\"class_name\": \"Functional\", \"name\": \"\(name)\", \"inbound_nodes\": "
        + "[\(calls.joined(separator: ","))],\(body)"
      inner = """
        {"class_name": "Functional", "config": {"name": "\(name)x", "layers": [\(input), \(nested)],
          "input_layers": [["x", 0, 0]], "output_layers": [["\(name)", 9, 0]]}}
        """
    }
    #expect(error(inner).contains("more than 100000 layers"))
  }

  @Test func notJSONAndNotAModel() {
    #expect(error("{\"class_name\": ") == "made.h5: this is not JSON")
    #expect(error("[]").contains("lists no layers"))
    #expect(error("{\"class_name\": \"MyModel\", \"config\": {}}").contains("MyModel"))
    let deep = String(repeating: "[", count: 100_000)
    #expect(error(deep) == "made.h5: this is not JSON")
  }
}
