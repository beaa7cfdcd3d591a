import Catalogs
import ModelGraph
import Tensors
import Testing

@Suite("State dictionaries")
struct StateDictionaryTests {
  private func names(_ tensors: [(String, [Int])]) throws -> [String] {
    try ModelGraph(Catalog(tensors)).layers.filter { !$0.parameters.isEmpty }.map(\.name)
  }

  @Test("fc10 comes after fc9, though the file sorts it before fc2")
  func naturalOrder() throws {
    let tensors = (1...10).map { ("fc\($0)/weight", [6, 6]) }.sorted { $0.0 < $1.0 }
    #expect(try names(tensors) == (1...10).map { "fc\($0)" })
  }

  @Test("shards mix the layers of a file: names that differ by a number alone are in its order")
  func shardedOrder() throws {
    let mixed = ["layers.0", "layers.2", "layers.1", "layers.10", "layers.3"]
    #expect(
      try names(mixed.map { ("\($0).weight", [6, 6]) })
        == ["layers.0", "layers.1", "layers.2", "layers.3", "layers.10"])
    // Where the numbers' order does not fit, the file's does.
    #expect(
      try names([("fc2.weight", [7, 9]), ("fc3.weight", [5, 7]), ("fc1.weight", [2, 5])])
        == ["fc2", "fc3", "fc1"])
    // Two series say nothing of how they follow each other; the file does.
    let both = ["encoder.0", "encoder.1", "decoder.0", "decoder.1"]
    #expect(try names(both.map { ("\($0).weight", [6, 6]) }) == both)
  }

  @Test("Names without numbers: the only order in which shapes chain")
  func chaining() throws {
    let tensors = [
      ("hidden.weight", [5, 7]), ("input.weight", [7, 9]), ("output.weight", [2, 5]),
    ]
    #expect(try names(tensors) == ["input", "hidden", "output"])
    let ambiguous = [("one.weight", [5, 5]), ("two.weight", [5, 5])]
    #expect(message { _ = try names(ambiguous) }.contains("several orders"))
  }

  @Test("Square kernels lie as their name says")
  func squareKernels() throws {
    let torch = try ModelGraph(Catalog([("a1.weight", [4, 4]), ("a2.weight", [4, 4])]))
    #expect(torch.parameters[0].axes == [.output, .input])
    let keras = try ModelGraph(Catalog([("a1/kernel", [4, 4]), ("a2/kernel", [4, 4])]))
    #expect(keras.parameters[0].axes == [.input, .output])
    // The bias decides against the name.
    let odd = try ModelGraph(
      Catalog([("a1.weight", [3, 4]), ("a1.bias", [4]), ("a2.weight", [4, 2]), ("a2.bias", [2])]))
    #expect(odd.parameters[0].axes == [.input, .output])
  }

  @Test func wrappersCountersAndOptimisers() throws {
    let graph = try ModelGraph(
      Catalog([
        ("module.net.0.weight", [5, 3]), ("module.net.0.bias", [5]),
        ("module.net.2.weight", [2, 5]), ("module.net.2.bias", [2]),
        ("optimizer.state.0.exp_avg", [5, 3]), ("epoch", []),
      ]))
    #expect(graph.layers.map(\.name) == ["input", "0", "0/relu", "2"])
    #expect(graph.skipped.map(\.name) == ["optimizer.state.0.exp_avg", "epoch"])
    #expect(graph.assumptions.contains { $0.subject == .activation })
  }

  @Test("An activation that the file states is not guessed")
  func statedActivation() throws {
    var catalog = Catalog([("fc1.weight", [5, 3]), ("fc2.weight", [2, 5])])
    catalog.attributes["", default: [:]]["activation"] = .string("tanh")
    let graph = try ModelGraph(catalog)
    #expect(graph.layers.map(\.name) == ["input", "fc1", "fc1/tanh", "fc2"])
    #expect(graph.layers[2].operation == .activation(.tanh))
    #expect(graph.assumptions.map(\.subject) == [.row])
    catalog.attributes["", default: [:]]["activation"] = .string("unheard of")
    #expect(try ModelGraph(catalog).assumptions.contains { $0.subject == .activation })
  }

  @Test func normalisationByNumber() throws {
    let vector = ["weight", "bias", "running_mean", "running_var"]
    let tensors =
      vector.map { ("bn1.\($0)", [5]) } + vector.map { ("bn2.\($0)", [5]) }
      + [("fc1.weight", [5, 3]), ("fc2.weight", [5, 5]), ("fc3.weight", [2, 5])]
    #expect(try names(tensors) == ["fc1", "bn1", "fc2", "bn2", "fc3"])
  }

  @Test("A plain row of convolutions can be matched, and says that it cannot be run")
  func plainConvolutions() throws {
    let graph = try ModelGraph(
      Catalog([
        ("conv1.weight", [6, 1, 5, 5]), ("conv1.bias", [6]), ("conv2.weight", [16, 6, 5, 5]),
        ("conv2.bias", [16]), ("fc1.weight", [120, 400]), ("fc1.bias", [120]),
        ("fc2.weight", [84, 120]), ("fc2.bias", [84]), ("fc3.weight", [10, 84]),
        ("fc3.bias", [10]),
      ]))
    let groups = try graph.permutationGroups()
    #expect(groups.map(\.size) == [6, 16, 120, 84])
    #expect(groups[1].members.last?.runs == [.init(start: 0, width: 25)])
    #expect(graph.whyNotRunnable != nil)
  }

  @Test("Blocks have shortcuts that shapes do not show: refused, not guessed")
  func blocks() throws {
    let block = (0..<2).flatMap {
      [("blocks.\($0).fc1.weight", [8, 8]), ("blocks.\($0).fc2.weight", [8, 8])]
    }
    let text = message { _ = try names([("stem.weight", [8, 3])] + block) }
    #expect(text.contains("shortcuts") && text.contains("'graph'"))
  }

  @Test(
    "A layer that is not understood is not left out of the row",
    arguments: [[("lstm.weight_ih_l0", [24, 6])], [("act.weight", [6])], [("scale", [6])]])
  func unexplained(_ tensors: [(String, [Int])]) {
    let row = [("fc1.weight", [6, 3]), ("fc2.weight", [2, 6])]
    let text = message { _ = try names(row + tensors) }
    #expect(text.contains("› \(tensors[0].0): what this tensor does is not understood"))
  }

  @Test("Layers that do not chain are named")
  func broken() {
    let text = message {
      _ = try names([("fc1.weight", [5, 3]), ("fc2.weight", [4, 6]), ("fc3.weight", [2, 4])])
    }
    #expect(text.contains("made.h5 › fc2: the layers do not form a chain"))
  }

  @Test func residualNetworksAreRecognisedAndRunnable() async throws {
    let expected: [(String, [Int?])] = [
      ("resnet18.torch.h5", [3, nil, nil]), ("resnet20.torch.h5", [3, nil, nil]),
      ("resnet50.torch.h5", [3, nil, nil]), ("vgg16.torch.h5", [3, 224, 224]),
      ("vgg16_bn.torch.h5", [3, 32, 32]),
    ]
    for (file, input) in expected {
      let graph = try ModelGraph(
        await Fixture.catalog(file), statement: GraphStatement(readings: [.zerosAround]))
      #expect(graph.whyNotRunnable == nil && graph.certainty == .recognised)
      #expect(graph.layers[0].outputShape == input)
      #expect(!graph.assumptions.isEmpty)
    }
  }

  @Test("A family's module too many is no such family")
  func extraModules() async throws {
    var catalog = try await Fixture.catalog("resnet18.torch.h5")
    catalog.tensors.append(
      TensorEntry(
        name: "layer1.0.se.weight", shape: [4, 4], elementType: .float32, layout: .unallocated))
    #expect(message { _ = try ModelGraph(catalog) }.contains("layer1.0.se"))
  }

  /// The counts that the field's hand-written specifications have for these networks.
  @Test func usualResidualNetworks() throws {
    let widths = [64, 128, 256, 512]
    let stages = zip(widths, [3, 4, 6, 3]).map {
      ResidualPlan.Stage(width: $0, output: 4 * $0, blocks: $1)
    }
    let fifty = try ModelGraph.resNet(
      ResidualPlan(
        inputShape: [3, 224, 224], stem: .large, stemWidth: 64, stages: stages,
        hasBottlenecks: true, classes: 1000))
    let sizes = try fifty.permutationGroups().map(\.size)
    let counts = Dictionary(sizes.map { ($0, 1) }, uniquingKeysWith: +)
    #expect(sizes.count == 37)
    #expect(counts == [64: 7, 128: 8, 256: 13, 512: 7, 1024: 1, 2048: 1])
    // 25 557 032 trained numbers, as torchvision counts them.
    let trained = fifty.parameters.filter { !$0.role.isStatistic }
    #expect(trained.map { $0.shape.reduce(1, *) }.reduce(0, +) == 25_557_032)
    let twenty = try ModelGraph.resNet(
      inputShape: [3, 32, 32], widths: [16, 32, 64], blocks: [3, 3, 3], classes: 10)
    #expect(try twenty.permutationGroups().count == 12)
  }

  @Test func familiesThatHaveNoFileYet() throws {
    let net = try ModelGraph.resNet(
      inputShape: [3, 16, 16], widths: [4, 8], blocks: [1, 1], classes: 5)
    #expect(net.parameters.first?.tensor == "conv1/weight")
    #expect(try net.permutationGroups().map(\.size) == [4, 4, 8, 8])
    let plain = try ModelGraph.vgg(
      PlainPlan(
        inputShape: [1, 8, 8],
        steps: [.convolution(width: 4), .pooling, .convolution(width: 6), .pooling],
        isNormalised: true, hidden: [7], classes: 3))
    #expect(try plain.permutationGroups().map(\.size) == [4, 6, 7])
    // What is built by the plan is recognised from its own names.
    let catalog = Catalog(plain.parameters.map { ($0.tensor, $0.shape) })
    #expect(try ModelGraph(catalog).fingerprint == plain.fingerprint)
    let again = Catalog(net.parameters.map { ($0.tensor, $0.shape) })
    #expect(try ModelPair(ModelGraph(again), net).groupsA.count == 4)
    let deep = try ModelGraph.perceptron(inputShape: [4, 4, 1], widths: [6], classes: 2)
    #expect(deep.layers.map(\.name) == ["input", "flatten", "fc1", "fc1/relu", "fc2"])
  }
}
