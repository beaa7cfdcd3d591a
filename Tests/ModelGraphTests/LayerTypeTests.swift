import Catalogs
import Foundation
import Testing

@testable import ModelGraph

import enum ModelGraph.Operation

/// Words for layers, in descriptions and in the names of files.
///
/// Tried by hand as well: a description with `MaxPool2d`, `max_pooling2d` and `BatchNorm2d` (as the table of
/// `inspect` has them, and as Keras and PyTorch do), GPT-2 and Llama by their names in `match` (attention
/// named), a table called `embed` in a language model (still a table).
@Suite("Types of layers") struct LayerTypeTests {
  @Test(
    "other words mean the same types",
    arguments: [
      ("maxPooling2d", "maxPooling"), ("maximumPooling", "maxPooling"), ("MaxPool2d", "maxPooling"),
      ("max_pooling2d", "maxPooling"), ("AveragePooling1D", "averagePooling"),
      ("globalMaximumPooling", "globalMaxPooling"),
      ("GlobalAveragePooling2D", "globalAveragePooling"),
      ("BatchNorm2d", "batchNormalization"), ("LayerNorm", "layerNormalization"),
      ("Conv2D", "conv2d"), ("Linear", "dense"), ("ReLU", "relu"),
      ("zero_padding2d", "zeroPadding"),
      ("simple_rnn", "simpleRNN"), ("UpSampling2D", "upsampling"), ("mystery2d", "mystery2d"),
      ("dense2d", "dense2d"),
    ])
  func words(_ word: String, _ type: String) {
    #expect(GraphFileTypes.canonical(word) == type)
  }

  @Test("every word that the tables of this tool have is one that a description may have")
  func tables() {
    let pooling = Pooling(
      kind: .maximum, size: [2], strides: [2], padding: .valid, countsPadding: false)
    let operations: [Operation] = [
      .dense(units: 1), .pooling(pooling), .globalPooling(.maximum, keepsAxes: false),
      .globalPooling(.average, keepsAxes: false), .flatten, .add, .multiply, .concatenate(axis: 0),
      .dropout(rate: 0), .batchNormalization(epsilon: 1, momentum: 0), .activation(.relu),
      .layerNormalization(epsilon: 1, axisCount: 1), .rescaling(scale: 1, offset: 0),
    ]
    for operation in operations {
      #expect(GraphFileTypes.names.contains(GraphFileTypes.canonical(operation.name)))
    }
  }

  @Test("a type that there is not is refused with the types that there are")
  func unknown() throws {
    func text(_ layer: String) -> String {
      "layers:\n  - {name: x, type: input, shape: [3]}\n  - {name: y, \(layer)}"
    }
    let words = message {
      _ = try ModelGraph(Catalog([("w", [3])]), describedBy: text("type: mystery"))
    }
    #expect(words.contains("no type mystery") && words.contains("maxPooling"))
    #expect(!words.contains("'graph'"))
    // With the shape of its output it is a layer that is left alone.
    let graph = try ModelGraph(
      Catalog([("w", [3])]), describedBy: text("type: mystery, shape: [3]"))
    #expect(graph.whyNotRunnable?.contains("mystery") == true)
  }

  @Test("a layer with a bias is no table, whatever it is called")
  func embed() throws {
    let layers: [(String, [Int])] = [
      ("embed.weight", [8, 4]), ("embed.bias", [8]), ("head.weight", [3, 8]), ("head.bias", [3]),
    ]
    let graph = try ModelGraph(Catalog(layers))
    #expect(graph.layers.map(\.name) == ["input", "embed", "embed/relu", "head"])
    let table = message { _ = try ModelGraph(Catalog(layers.filter { $0.0 != "embed.bias" })) }
    #expect(!table.isEmpty)
  }

  @Test(
    "attention is said to be what is not understood",
    arguments: [
      [
        ("wte.weight", [16, 8]), ("h.0.attn.c_attn.weight", [8, 24]),
        ("h.0.mlp.c_fc.weight", [8, 32]),
      ],
      [
        ("model.layers.0.self_attn.q_proj.weight", [8, 8]),
        ("model.layers.0.mlp.up_proj.weight", [16, 8]),
      ],
      [("blocks.0.attn.qkv.weight", [24, 8]), ("blocks.0.attn.proj.weight", [8, 8])],
    ])
  func attention(_ tensors: [(String, [Int])]) {
    let text = message { _ = try ModelGraph(Catalog(tensors)) }
    #expect(text.contains("attention is not understood") && text.contains("spectrum"))
    #expect(!text.contains("'graph'"))
  }
}
