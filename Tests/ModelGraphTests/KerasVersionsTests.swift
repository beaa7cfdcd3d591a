import Catalogs
import ModelGraph
import Testing

/// Configurations as Keras 1 and 2 wrote them, by hand.
@Suite("Old versions of Keras")
struct KerasVersionsTests {
  @Test("Keras 1: a bare list of layers, nb_filter, border_mode, W and b")
  func kerasOne() throws {
    let config = """
      {"class_name": "Sequential", "config": [
        {"class_name": "Convolution2D", "config": {"name": "convolution2d_1",
          "batch_input_shape": [null, 8, 8, 3], "nb_filter": 4, "nb_row": 3, "nb_col": 3,
          "border_mode": "same", "subsample": [1, 1], "dim_ordering": "tf", "bias": true,
          "activation": "relu"}},
        {"class_name": "BatchNormalization", "config": {"name": "batchnormalization_1", "mode": 0,
          "axis": -1, "epsilon": 0.001, "momentum": 0.99}},
        {"class_name": "MaxPooling2D", "config": {"name": "maxpooling2d_1", "pool_size": [2, 2],
          "strides": [2, 2], "border_mode": "valid", "dim_ordering": "tf"}},
        {"class_name": "Flatten", "config": {"name": "flatten_1"}},
        {"class_name": "Dense", "config": {"name": "dense_1", "output_dim": 5, "bias": true,
          "activation": "tanh"}},
        {"class_name": "Dense", "config": {"name": "dense_2", "output_dim": 2, "bias": false,
          "activation": "softmax"}}]}
      """
    let base = "model_weights"
    let names = [
      "convolution2d_1": ["convolution2d_1_W", "convolution2d_1_b"],
      "batchnormalization_1": [
        "batchnormalization_1_gamma", "batchnormalization_1_beta",
        "batchnormalization_1_running_mean", "batchnormalization_1_running_std",
      ],
      "dense_1": ["dense_1_W", "dense_1_b"], "dense_2": ["dense_2_W"],
    ]
    let shapes: [String: [Int]] = [
      "convolution2d_1_W": [3, 3, 3, 4], "convolution2d_1_b": [4],
      "batchnormalization_1_gamma": [4], "batchnormalization_1_beta": [4],
      "batchnormalization_1_running_mean": [4], "batchnormalization_1_running_std": [4],
      "dense_1_W": [64, 5], "dense_1_b": [5], "dense_2_W": [5, 2],
    ]
    let tensors = names.sorted { $0.key < $1.key }.flatMap { layer, weights in
      weights.map { ("\(base)/\(layer)/\($0)", shapes[$0] ?? []) }
    }
    let texts = Dictionary(
      uniqueKeysWithValues: names.map { ("\(base)/\($0.key)", ["weight_names": $0.value]) })
    let graph = try ModelGraph(Catalog(tensors, config: config, version: nil, texts: texts))
    let groups = try graph.permutationGroups()
    #expect(
      groups.map { "\($0.name) \($0.size) \($0.members.count)" } == [
        "convolution2d_1 4 7", "dense_1 5 3",
      ])
    #expect(groups[0].members.last?.runs.count == 16)
    #expect(graph.skipped.isEmpty)
  }

  /// A functional model of Keras 2: lists in lists, `:0`, a model inside counted from 1.
  @Test("Keras 2: nested model with its calls counted from 1, names split over attributes")
  func kerasTwo() throws {
    let config = """
      {"class_name": "Functional", "config": {"name": "model_1", "layers": [
        {"class_name": "InputLayer", "name": "input_2", "inbound_nodes": [],
         "config": {"batch_input_shape": [null, 3], "name": "input_2"}},
        {"class_name": "InputLayer", "name": "input_3", "inbound_nodes": [],
         "config": {"batch_input_shape": [null, 3], "name": "input_3"}},
        {"class_name": "Functional", "name": "tower", "inbound_nodes": [
          [["input_2", 0, 0, {}]], [["input_3", 0, 0, {}]]], "config": {"name": "tower", "layers": [
            {"class_name": "InputLayer", "name": "input_1", "inbound_nodes": [],
             "config": {"batch_input_shape": [null, 3], "name": "input_1"}},
            {"class_name": "Dense", "name": "dense", "inbound_nodes": [[["input_1", 0, 0, {}]]],
             "config": {"name": "dense", "units": 6, "activation": "relu", "use_bias": true}},
            {"class_name": "LSTM", "name": "unused", "inbound_nodes": [],
             "config": {"name": "unused", "batch_input_shape": [null, 2, 2]}}],
          "input_layers": [["input_1", 0, 0]], "output_layers": [["dense", 0, 0]]}},
        {"class_name": "Concatenate", "name": "concatenate", "config": {"name": "concatenate",
         "axis": -1}, "inbound_nodes": [[["tower", 1, 0, {}], ["tower", 2, 0, {}]]]},
        {"class_name": "Dense", "name": "head", "inbound_nodes": [[["concatenate", 0, 0, {}]]],
         "config": {"name": "head", "units": 2, "activation": "linear", "use_bias": true}}],
        "input_layers": [["input_2", 0, 0], ["input_3", 0, 0]],
        "output_layers": [["head", 0, 0]]}}
      """
    let graph = try ModelGraph(
      Catalog(
        [
          ("model_weights/tower/dense/kernel:0", [3, 6]), ("model_weights/tower/dense/bias:0", [6]),
          ("model_weights/head/head/kernel:0", [12, 2]), ("model_weights/head/head/bias:0", [2]),
        ], config: config,
        texts: [
          "model_weights/tower": [
            "weight_names0": ["dense/kernel:0"], "weight_names1": ["dense/bias:0"],
          ],
          "model_weights/head": ["weight_names": ["head/kernel:0", "head/bias:0"]],
        ]))
    let groups = try graph.permutationGroups()
    #expect(groups.map(\.size) == [6])
    // Both halves of the concatenation are the one shared group.
    #expect(groups[0].members.last?.runs == [.init(start: 0), .init(start: 6)])
    #expect(graph.layers.contains { $0.name == "tower/dense@2" })
  }

  @Test("Keras 2: x + y as a function of TensorFlow, its second argument beside the call")
  func tensorFlowFunctions() throws {
    func config(_ function: String) -> String {
      let dense = ["a", "b"].map {
        """
        {"class_name": "Dense", "name": "\($0)", "inbound_nodes": [[["x", 0, 0, {}]]],
         "config": {"name": "\($0)", "units": 5, "activation": "linear", "use_bias": false}}
        """
      }
      return """
        {"class_name": "Functional", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
           "config": {"batch_input_shape": [null, 3], "name": "x"}}, \(dense.joined(separator: ",")),
          {"class_name": "TFOpLambda", "name": "f", "config": {"name": "f",
           "function": "\(function)"}, "inbound_nodes": [["a", 0, 0, {"y": ["b", 0, 0]}]]},
          {"class_name": "Dense", "name": "head", "inbound_nodes": [[["f", 0, 0, {}]]],
           "config": {"name": "head", "units": 2, "use_bias": false}}],
          "input_layers": [["x", 0, 0]], "output_layers": [["head", 0, 0]]}}
        """
    }
    let tensors: [(String, [Int])] = [
      ("model_weights/a/a/kernel:0", [3, 5]), ("model_weights/b/b/kernel:0", [3, 5]),
      ("model_weights/head/head/kernel:0", [5, 2]),
    ]
    let graph = try ModelGraph(Catalog(tensors, config: config("math.add")))
    #expect(try graph.permutationGroups().map { "\($0.name) \($0.members.count)" } == ["a 3"])
    // What an unknown function does is not in such a file: what meets it stays.
    let unknown = try ModelGraph(Catalog(tensors, config: config("math.pow")))
    #expect(try unknown.permutationGroups().isEmpty)
    #expect(unknown.skipped.map(\.name) == ["f"] && unknown.skipped[0].reason.contains("math.pow"))
  }

  @Test("Weights alone in the old format: the order of layer_names, shapes that chain")
  func weightsAlone() throws {
    let tensors: [(String, [Int])] = [
      ("batch_normalization/batch_normalization/beta:0", [4]),
      ("batch_normalization/batch_normalization/gamma:0", [4]),
      ("batch_normalization/batch_normalization/moving_mean:0", [4]),
      ("batch_normalization/batch_normalization/moving_variance:0", [4]),
      ("conv2d/conv2d/bias:0", [4]), ("conv2d/conv2d/kernel:0", [3, 3, 1, 4]),
      ("dense/dense/bias:0", [3]), ("dense/dense/kernel:0", [36, 3]),
    ]
    func texts(_ names: [String]) -> [String: [String: [String]]] {
      ["": ["layer_names": names]]
    }
    let graph = try ModelGraph(
      Catalog(
        tensors,
        texts: texts(["conv2d", "batch_normalization", "max_pooling2d", "flatten", "dense"])))
    let groups = try graph.permutationGroups()
    #expect(groups.map(\.size) == [4])
    #expect(groups.first?.members.last?.runs.count == 9)
    #expect(graph.whyNotRunnable != nil)
    let joined = message {
      _ = try ModelGraph(
        Catalog(tensors, texts: texts(["conv2d", "batch_normalization", "add_3", "dense"])))
    }
    #expect(joined.contains("add_3") && joined.contains("save the whole model"))
  }
}
