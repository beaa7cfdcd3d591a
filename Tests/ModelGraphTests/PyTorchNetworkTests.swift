import Catalogs
import Foundation
import ModelGraph
import Support
import Testing

/// Networks as people build them of torchvision's and PyTorch's parts, from names and shapes alone.
///
/// Tried by hand with the built tool on pairs of random networks, the answers compared in PyTorch: a residual
/// network under `encoder`, `vision_model`, `student`, `resnet50` and `model.backbone`; with its head outside
/// of the wrapper, with a projector of three layers, batch normalisation, dropout first, `fc1` and `fc2`, no
/// head at all; VGG wrapped and with `fc.N` and `head.N`; plain rows under `encoder`, `decoder`, `student`; LSTM,
/// GRU and RNN of one to three layers, without biases, in both directions, with embeddings of three names,
/// behind dense and convolutional layers, and LSTMCells: all matched, the answers kept to 1e-6. What reads all
/// steps at once, both layers' states, or a projection was left in place.
@Suite("PyTorch networks")
struct PyTorchNetworkTests {
  private func groups(_ tensors: [(String, [Int])], _ readings: Set<Reading> = []) throws
    -> [String]
  {
    try ModelGraph(Catalog(tensors), statement: GraphStatement(readings: readings))
      .permutationGroups().map { "\($0.name) \($0.size)" }
  }

  private func residual(_ prefix: String) -> [(String, [Int])] {
    var result: [(String, [Int])] = []
    func add(_ conv: String, _ norm: String, _ shape: [Int]) {
      result.append((prefix + conv + ".weight", shape))
      for leaf in ["weight", "bias", "running_mean", "running_var"] {
        result.append(("\(prefix)\(norm).\(leaf)", [shape[0]]))
      }
    }
    add("conv1", "bn1", [4, 3, 3, 3])
    add("layer1.0.conv1", "layer1.0.bn1", [4, 4, 3, 3])
    add("layer1.0.conv2", "layer1.0.bn2", [4, 4, 3, 3])
    add("layer2.0.conv1", "layer2.0.bn1", [8, 4, 3, 3])
    add("layer2.0.conv2", "layer2.0.bn2", [8, 8, 3, 3])
    add("layer2.0.downsample.0", "layer2.0.downsample.1", [8, 4, 1, 1])
    return result
  }

  private static let backbone = [
    "conv1 4", "layer1.0.conv1 4", "layer2.0.conv1 8", "layer2.0.conv2 8",
  ]

  @Test(
    "a first word that all tensors share is no part of the names",
    arguments: [
      "backbone.", "encoder.", "resnet.", "vision_model.", "student.", "module.backbone.",
      "net0.m.",
    ])
  func wrapped(_ prefix: String) throws {
    #expect(try groups(residual(prefix) + [(prefix + "fc.weight", [5, 8])]) == Self.backbone)
    // The head may stand outside.
    #expect(try groups(residual(prefix) + [("classifier.weight", [5, 8])]) == Self.backbone)
  }

  @Test("two networks in one file are none of them")
  func twoNetworks() throws {
    let both = residual("teacher.") + residual("student.")
    #expect(throws: Diagnostic.self) { try groups(both) }
    #expect(throws: Diagnostic.self) {
      try groups(residual("a.") + [("b.conv.weight", [4, 3, 3, 3])])
    }
  }

  @Test(
    "dense layers after the pooling are a head",
    arguments: [
      (["fc.0", "fc.2"], [[6, 8], [5, 6]], ["fc.0 6"]),
      (
        ["classifier.1", "classifier.4", "classifier.6"], [[8, 8], [6, 8], [5, 6]],
        ["classifier.1 8", "classifier.4 6"]
      ),
      (["fc1", "fc2"], [[6, 8], [5, 6]], ["fc1 6"]),
      (["projection.0", "head"], [[6, 8], [5, 6]], ["projection.0 6"]),
      (["fc.1"], [[5, 8]], []),
      ([], [], nil),
    ] as [([String], [[Int]], [String]?)])
  func heads(_ names: [String], _ shapes: [[Int]], _ expected: [String]?) throws {
    let found = try groups(residual("") + zip(names, shapes).map { ($0 + ".weight", $1) })
    // Without a head the pooled features are the answer, and stay.
    #expect(found == expected.map { Self.backbone + $0 } ?? Self.backbone.dropLast())
  }

  @Test("heads beside each other are no row")
  func parallelHeads() throws {
    let heads = [("heads.0.weight", [8, 8]), ("heads.1.weight", [8, 8])]
    #expect(try groups(residual("") + heads) == Self.backbone.dropLast())
    #expect(try groups(residual("") + heads, [.row]) == Self.backbone + ["heads.0 8"])
    #expect(throws: Diagnostic.self) {
      try groups(residual("") + [("heads.0.weight", [5, 8]), ("heads.1.weight", [3, 8])])
    }
  }

  @Test("words that say what their layers do stay in the names of a row")
  func rows() throws {
    let row = { (word: String) in
      [
        ("\(word).fc1.weight", [7, 6]), ("\(word).fc2.weight", [7, 7]),
        ("\(word).fc3.weight", [3, 7]),
      ]
    }
    #expect(try groups(row("encoder")) == ["fc1 7", "fc2 7"])
    // A residual block may add what it reads.
    #expect(try groups(row("residual")) == [])
    #expect(
      try groups([("layers.0.weight", [7, 6]), ("layers.2.weight", [3, 7])]) == ["layers.0 7"])
  }

  private func lstm(_ path: String, _ input: Int, _ units: Int, layer: Int = 0) -> [(String, [Int])]
  {
    [
      ("\(path).weight_ih_l\(layer)", [4 * units, input]),
      ("\(path).weight_hh_l\(layer)", [4 * units, units]),
      ("\(path).bias_ih_l\(layer)", [4 * units]), ("\(path).bias_hh_l\(layer)", [4 * units]),
    ]
  }

  @Test("what else may be read of recurrent layers stays in place")
  func heldRecurrent() throws {
    let two = lstm("rnn", 6, 8) + lstm("rnn", 8, 8, layer: 1)
    #expect(try groups(two + [("fc.weight", [3, 8])]) == ["rnn.l0 8", "rnn.l1 8"])
    // The states of both layers, one after another, or so many steps.
    #expect(try groups(two + [("fc.weight", [3, 16])]) == [])
    // A shortcut around the layer would fit.
    #expect(try groups(lstm("rnn", 8, 8) + [("fc.weight", [3, 8])]) == [])
    #expect(try groups(lstm("rnn", 8, 8) + [("fc.weight", [3, 8])], [.row]) == ["rnn 8"])
    // A decoder may begin with its encoder's last state; one of another size does not.
    let pair = lstm("rnn1", 6, 8) + lstm("rnn2", 8, 8) + [("fc.weight", [3, 8])]
    #expect(try groups(pair) == [])
    #expect(try groups(pair, [.row]) == ["rnn1 8", "rnn2 8"])
    // In a container without order, fc comes first.
    #expect(try groups([("fc.weight", [3, 8])] + lstm("rnn", 6, 8)) == ["rnn 8"])
  }

  @Test(
    "tensors that do not fit each other are no recurrent layer",
    arguments: [
      [("rnn.weight_ih_l0", [32, 6]), ("rnn.weight_hh_l0", [32, 7])],
      [("rnn.weight_ih_l0", [32, 6])],
      [("rnn.weight_ih_l1", [32, 6]), ("rnn.weight_hh_l1", [32, 8])],
      [("rnn.weight_ih_l0", [32, 6]), ("rnn.weight_hh_l0", [32, 8]), ("rnn.bias_ih_l0", [32])],
      [("rnn.weight_ih_l0", [16, 6]), ("rnn.weight_hh_l0", [16, 8])],
    ])
  func damaged(_ tensors: [(String, [Int])]) {
    #expect(throws: Diagnostic.self) { try groups(tensors + [("fc.weight", [3, 8])]) }
  }
}
