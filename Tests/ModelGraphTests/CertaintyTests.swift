import Catalogs
import ModelGraph
import Support
import Tensors
import Testing

/// What a file of weights alone leaves open: which units stay, which move with a warning, and what a
/// user may state.
///
/// Members of each kind that were tried with PyTorch and Keras beside these (`make test-peers` runs
/// hundreds at random): shortcuts around one, two and three layers, before and after the activation;
/// two heads; highway gates; squeeze-and-excite; concatenated poolings; channel shuffles; U-Nets.
@Suite("What files of weights alone leave open")
struct CertaintyTests {
  /// A network, the groups that may be permuted, and the layers whose units are held.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var tensors: [(String, [Int])]
    var groups: [String]
    var held: Set<String> = []
    /// The square layers that the warning names.
    var warned: [String] = []
    var testDescription: String { name }
  }

  private static func vectors(_ name: String, _ size: Int) -> [(String, [Int])] {
    [("\(name).weight", [size]), ("\(name).bias", [size])]
  }

  static let cases = [
    Case(
      name: "a row of different widths",
      tensors: [("fc1.weight", [8, 6]), ("fc2.weight", [5, 8]), ("fc3.weight", [3, 5])],
      groups: ["fc1", "fc2"]),
    Case(
      name: "square layers of a numbered row move, and are named",
      tensors: [
        ("fc1.weight", [8, 6]), ("fc2.weight", [8, 8]), ("fc3.weight", [8, 8]),
        ("out.weight", [3, 8]),
      ], groups: ["fc1", "fc2", "fc3"], warned: ["fc2", "fc3"]),
    Case(
      name: "a width that comes back: a shortcut around two layers would fit",
      tensors: [
        ("fc1.weight", [8, 6]), ("fc2.weight", [16, 8]), ("fc3.weight", [8, 16]),
        ("fc4.weight", [3, 8]),
      ], groups: ["fc2"], held: ["fc1", "fc3"]),
    Case(
      name: "names of one's own are no row",
      tensors: [
        ("first.weight", [8, 6]), ("second.weight", [8, 8]), ("last.weight", [3, 8]),
      ], groups: [], held: ["first", "second"]),
    Case(
      name: "a name that speaks of a shortcut",
      tensors: [
        ("fc1.weight", [8, 6]), ("res2.weight", [8, 8]), ("fc3.weight", [3, 8]),
      ], groups: [], held: ["fc1", "res2"]),
    Case(
      name: "two heads, one of them square",
      tensors: [
        ("encoder.weight", [8, 6]), ("mu.weight", [8, 8]), ("logvar.weight", [4, 8]),
      ], groups: [], held: ["encoder", "mu"]),
    Case(
      name: "scales without statistics after a convolution, called group normalisation",
      tensors: [("conv1.weight", [8, 3, 3, 3])] + vectors("gn1", 8) + [
        ("conv2.weight", [6, 8, 3, 3]), ("fc.weight", [3, 96]),
      ], groups: ["conv2"], held: ["conv1"]),
    Case(
      name: "… called nothing but norm, after a dense layer",
      tensors: [("fc1.weight", [8, 6])] + vectors("norm1", 8) + [("fc2.weight", [3, 8])],
      groups: [], held: ["fc1"]),
    Case(
      name: "… called layer normalisation",
      tensors: [("fc1.weight", [8, 6])] + vectors("ln1", 8) + [("fc2.weight", [3, 8])],
      groups: ["fc1"]),
    Case(
      name: "… called batch normalisation",
      tensors: [("fc1.weight", [8, 6])] + vectors("bn1", 8) + [("fc2.weight", [3, 8])],
      groups: ["fc1"]),
    Case(
      name: "a square kernel of a place in a sequence may be a transposed convolution",
      tensors: [
        ("0.weight", [8, 3, 3, 3]), ("2.weight", [8, 8, 3, 3]), ("4.weight", [6, 8, 3, 3]),
        ("7.weight", [3, 96]),
      ], groups: ["4"], held: ["0", "2"], warned: ["2"]),
    Case(
      name: "a square kernel called convolution is one",
      tensors: [
        ("conv1.weight", [6, 3, 3, 3]), ("conv2.weight", [6, 6, 3, 3]), ("fc.weight", [3, 6]),
      ], groups: ["conv1", "conv2"], warned: ["conv2"]),
    Case(
      name: "16 × 8 after 16 channels: two groups, or a transposed convolution",
      tensors: [
        ("conv1.weight", [16, 3, 3, 3]), ("conv2.weight", [16, 8, 3, 3]),
        ("conv3.weight", [4, 8, 3, 3]), ("fc.weight", [2, 4]),
      ], groups: [], held: ["conv1", "conv2", "conv3"]),
    Case(
      name: "a depthwise kernel that a plain one reads",
      tensors: [
        ("conv1.weight", [6, 3, 1, 1]), ("conv2.weight", [6, 1, 3, 3]),
        ("conv3.weight", [4, 6, 1, 1]), ("fc.weight", [2, 4]),
      ], groups: ["conv3"], held: ["conv1", "conv2"]),
    Case(
      name: "twice the channels: a concatenation of two poolings",
      tensors: [
        ("conv1.weight", [4, 3, 3, 3]), ("conv2.weight", [8, 4, 3, 3]), ("fc.weight", [3, 16]),
      ], groups: [], held: ["conv1", "conv2"]),
    Case(
      name: "a square map of positions is flattened",
      tensors: [
        ("conv1.weight", [4, 3, 3, 3]), ("conv2.weight", [8, 4, 3, 3]), ("fc.weight", [3, 72]),
      ], groups: ["conv1", "conv2"]),
    Case(
      name: "normalisation before the layer of its number, as in residual networks",
      tensors: [("stem.weight", [8, 6])]
        + (1...2).flatMap { index in
          vectors("bn\(index)", 8)
            + [
              ("bn\(index).running_mean", [8]), ("bn\(index).running_var", [8]),
              ("layer\(index).weight", [8, 8]),
            ]
        } + [("head.weight", [3, 8])],
      groups: [], held: ["stem", "layer1", "layer2"]),
    Case(
      name: "arrays of which no name says which way they lie",
      tensors: [("l1.W", [6, 8]), ("l2.W", [8, 6])], groups: [], held: ["l1"]),
  ]

  private func catalog(_ tensors: [(String, [Int])]) -> Catalog {
    var catalog = Catalog(tensors)
    // Of these, PyTorch's files keep the order of definition.
    catalog.format = .pytorch
    return catalog
  }

  @Test("units move where every reading agrees, and stay elsewhere", arguments: cases)
  func readings(_ example: Case) throws {
    let graph = try ModelGraph(catalog(example.tensors))
    #expect(graph.certainty == .assumed)
    #expect(try graph.permutationGroups().map(\.name) == example.groups)
    #expect(Set(graph.heldReasons.map(\.name)) == example.held)
    #expect(Set(graph.heldLayers.map { graph.layers[$0].name }) == example.held)
    let row = try #require(graph.assumptions.first)
    #expect(row.subject == .row && row.effect == .taken && row.layers == example.warned)
    let kinds = Set(graph.permutingAssumptions.map(\.effect))
    #expect(kinds.contains(.held) == !example.held.isEmpty)
  }

  @Test("what the user states settles it", arguments: cases)
  func stated(_ example: Case) throws {
    let statement = GraphStatement(readings: [.row, .layerNormalization])
    let graph = try ModelGraph(catalog(example.tensors), statement: statement)
    let canStay = example.name.contains("group normalisation")
    #expect(graph.heldReasons.isEmpty)
    let groups = try graph.permutationGroups()
    let kernels = graph.layers.count { $0.parameter(.kernel) != nil }
    let depthwise = example.name.contains("depthwise") || example.name.contains("two groups")
    #expect(groups.count == kernels - 1 || depthwise || canStay)
  }

  @Test("one storage under two names may be one layer used twice")
  func sharedStorage() throws {
    var file = catalog([
      ("fc1.weight", [8, 6]), ("fc2.weight", [8, 8]), ("fc3.weight", [8, 8]),
      ("fc4.weight", [3, 8]),
    ])
    for index in 1...2 { file.tensors[index].layout = .contiguous(offset: 4096) }
    let graph = try ModelGraph(file)
    #expect(try graph.permutationGroups().isEmpty)
    #expect(
      graph.assumptions.contains { $0.subject == .sharing && $0.layers == ["fc1", "fc2", "fc3"] })
  }

  @Test("equal kernels are told from their values")
  func equalKernels() throws {
    let tensors = [
      ("fc1.weight", [2, 3]), ("fc2.weight", [2, 2]), ("fc3.weight", [2, 2]),
      ("fc4.weight", [3, 2]),
    ]
    let graph = try ModelGraph(catalog(tensors))
    var weights: Weights = [:]
    for (index, (name, shape)) in tensors.enumerated() {
      let count = shape.reduce(1, *)
      weights[name] = Tensor(shape: shape, values: (0..<count).map { Float(index * 10 + $0) })
    }
    #expect(try graph.holdingEqualKernels(in: weights).permutationGroups().count == 3)
    weights["fc3.weight"] = weights["fc2.weight"]
    #expect(try graph.holdingEqualKernels(in: weights).permutationGroups().isEmpty)
    // Biases and kernels of zeros say nothing.
    for name in ["fc2.weight", "fc3.weight"] {
      weights[name] = Tensor(shape: [2, 2], values: [0, 0, 0, 0])
    }
    #expect(try graph.holdingEqualKernels(in: weights).permutationGroups().count == 3)
  }

  @Test("blocks at any depth are refused, as mobile networks have them")
  func mobileBlocks() {
    let text = message {
      _ = try ModelGraph(
        catalog([
          ("features.0.0.weight", [8, 3, 3, 3]), ("features.1.conv.0.0.weight", [8, 1, 3, 3]),
          ("features.1.conv.1.weight", [8, 8, 1, 1]), ("classifier.1.weight", [4, 8]),
        ]))
    }
    #expect(text.contains("features.1") && text.contains("shortcuts"))
  }

  @Test("zeros of shortcuts without weights: only what holds for every place of them moves")
  func zeros() throws {
    let net = try ModelGraph.resNet(
      ResidualPlan(
        inputShape: [3, 16, 16], stem: .small, stemWidth: 4,
        stages: [
          ResidualPlan.Stage(width: 4, output: 4, blocks: 1),
          ResidualPlan.Stage(width: 8, output: 8, blocks: 1),
        ], shortcut: .zeros, classes: 5))
    #expect(net.certainty == .declared)
    var file = catalog(net.parameters.map { ($0.tensor, $0.shape) })
    let guessed = try ModelGraph(file)
    #expect(guessed.certainty == .recognised && guessed.whyNotRunnable != nil)
    #expect(try guessed.permutationGroups().map(\.name) == ["layer1.0.conv1", "layer2.0.conv1"])
    // Stated, each place has groups of its own.
    for reading in [Reading.zerosAround, .zerosAfter] {
      let stated = try ModelGraph(file, statement: GraphStatement(readings: [reading]))
      #expect(try stated.permutationGroups().count > 2 && stated.whyNotRunnable == nil)
    }
    // A file that carries the network's fingerprint declares it.
    file.attributes["", default: [:]]["producer"] = .string("wsl")
    file.attributes["", default: [:]]["fingerprint"] = .string(net.fingerprint)
    file.attributes["", default: [:]]["input_shape"] = .numbers([3, 16, 16])
    let declared = try ModelGraph(file)
    #expect(declared.certainty == .declared && declared.permutingAssumptions.isEmpty)
    #expect(declared.whyNotRunnable == nil)
    #expect(try declared.permutationGroups().count == net.permutationGroups().count)
  }

  @Test("a pair: a declared graph settles the other, and units that one holds stay in both")
  func pairs() throws {
    let tensors = [
      ("fc1.weight", [8, 6]), ("fc1.bias", [8]), ("fc2.weight", [8, 8]), ("fc2.bias", [8]),
      ("out.weight", [3, 8]), ("out.bias", [3]),
    ]
    let uniform = try ModelGraph(catalog(tensors))
    let own = try ModelGraph(
      catalog([
        ("a.weight", [8, 6]), ("a.bias", [8]), ("b.weight", [8, 8]), ("b.bias", [8]),
        ("c.weight", [3, 8]), ("c.bias", [3]),
      ]))
    #expect(try ModelPair(uniform, own).groupsA.isEmpty && ModelPair(own, uniform).groupsB.isEmpty)
    #expect(try ModelPair(uniform, uniform).groupsA.count == 2)
    let declared = try ModelGraph.perceptron(inputShape: [6], widths: [8, 8], classes: 3)
    let settled = try ModelPair(declared, own)
    #expect(settled.groupsB.map(\.size) == [8, 8] && settled.certainty == .assumed)
    // That it is the same network is an assumption, and names the layers that the file leaves open.
    let assumption = try #require(settled.b.permutingAssumptions.first)
    #expect(assumption.effect == .taken && assumption.layers == ["a", "b"])
    #expect(assumption.statement.hasSuffix("leaves open how a and b are used"))
  }

  @Test("scales of units need an activation that is stated")
  func statedActivation() throws {
    let file = catalog([("fc1.weight", [8, 6]), ("fc2.weight", [3, 8])])
    #expect(throws: Diagnostic.self) { try ModelGraph(file).requireStatedActivation() }
    let stated = GraphStatement(readings: [.activation(.relu)])
    try ModelGraph(file, statement: stated).requireStatedActivation()
  }

  @Test("every word for a reading is read back")
  func words() {
    for word in Reading.allWords {
      let example =
        word.hasPrefix("INPUT")
        ? word.replacing("NUMBER", with: "3").replacing("LENGTHS", with: "1,2")
        : word.replacing("=N", with: "=12")
      #expect(Reading(word: example) != nil, "\(word)")
    }
    #expect(Reading(word: "heads=12")?.word == "heads=12" && Reading(word: "heads=0") == nil)
    #expect(Reading(word: "layer-norm")?.word == "layer-norm")
    #expect(Reading(word: "colour") == nil)
  }
}
