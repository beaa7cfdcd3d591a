import Catalogs
import ModelGraph
import Testing
import WeightFiles

/// For every file the name, size and number of members of every group. Derived here once by hand
/// from the architectures in the scripts; the same groups, permuted at random, left the answers of
/// Keras and PyTorch unchanged to 6e-6.
private let expectedGroups: [String: [String]] = [
  "mlp.h5": ["dense 8 3", "dense_1 6 7"],
  "mlp_other.h5": ["first 8 3", "second 6 7"],
  "vgg.h5": ["conv2d 4 7", "conv2d_1 6 7", "conv2d_2 8 7", "dense 10 3"],
  // The stem and the first block's sum are one group; so are a stage's shortcut and its sums.
  "resnet.h5": ["conv2d 4 13", "conv2d_1 4 6", "conv2d_3 6 6", "conv2d_4 6 17", "conv2d_6 6 6"],
  "tcn.h5": ["conv1d 5 18", "conv1d_1 7 3", "conv1d_3 7 3", "conv1d_5 7 3", "conv1d_9 6 3"],
  // Depthwise convolutions carry the first group on; three groups of channels move as wholes.
  "separable.h5": ["conv2d 4 10", "separable_conv2d/pointwise 3 5", "conv2d_2 5 3"],
  // A stream of 8 to which 3 + 5 and 4 + 4 are added: 3, 1 (left out) and 4 remain.
  "inception.h5": ["conv2d#1 3 12", "conv2d#2 4 12", "conv2d_5 2 3", "conv2d_6 4 3"],
  "lstm.h5": ["embedding 5 2", "lstm 6 5", "lstm_1 4 5"],
  "gru.h5": ["gru 5 5", "gru_1 4 5", "simple_rnn 4 5"],
  // Directions that are concatenated are two groups, summed or multiplied they are one.
  "bidirectional.h5": [
    "bidirectional/forward 3 8", "bidirectional/backward 3 8", "bidirectional_1/forward 4 9",
    "time_distributed 4 4", "bidirectional_2/forward 3 9",
  ],
  "nested.h5": [
    "trunk/dense 7 7", "trunk/last 6 6", "inner/dense 5 7", "inner/innermost/dense 4 3",
  ],
  "shared.h5": ["tower 6 3", "mix 6 5"],
  "squeeze.h5": ["dense 4 5", "conv2d 6 6", "dense_1 3 3", "conv1d 4 3"],
  "preprocessed.h5": ["conv2d 5 3"],
  // What meets the layer that is not understood stays.
  "opaque.h5": ["before 8 3", "into 5 4", "after 7 3"],
  "mlp_bn.torch.h5": ["0 5 7", "3 7 7"],
  // Known families as a part of another module, and with longer heads.
  "wrapped_resnet.torch.h5": [
    "conv1 4 13", "layer1.0.conv1 4 6", "layer2.0.conv1 7 6", "layer2.0.conv2 7 11",
  ],
  "headed_resnet.torch.h5": [
    "conv1 4 13", "layer1.0.conv1 4 6", "layer2.0.conv1 7 6", "layer2.0.conv2 7 11", "fc.0 6 3",
  ],
  "projected_resnet.torch.h5": [
    "conv1 4 13", "layer1.0.conv1 4 6", "layer2.0.conv1 7 6", "layer2.0.conv2 7 11",
    "projector.0 7 7",
  ],
  "wrapped_vgg.torch.h5": ["features.0 4 3", "features.3 6 3", "head.0 9 3"],
  // PyTorch's recurrent layers: both kernels, both biases and what reads them.
  "torch_lstm.torch.h5": ["rnn 8 6"],
  "torch_gru.torch.h5": ["rnn.l0 8 6", "rnn.l1 8 6"],
  "torch_rnn.torch.h5": ["rnn 8 4"],
  "torch_words.torch.h5": ["embedding 6 2", "rnn 8 6", "fc.0 7 3"],
  "torch_both.torch.h5": [
    "rnn.l0/forward 8 7", "rnn.l0/backward 8 7", "rnn.l1/forward 8 6", "rnn.l1/backward 8 6",
  ],
  // What meets a projection stays.
  "torch_projected.torch.h5": ["fc.0 7 3"],
  "resnet18.torch.h5": [
    "conv1 4 19", "layer1.0.conv1 4 6", "layer1.1.conv1 4 6", "layer2.0.conv1 5 6",
    "layer2.0.conv2 5 18", "layer2.1.conv1 5 6", "layer3.0.conv1 6 6", "layer3.0.conv2 6 18",
    "layer3.1.conv1 6 6", "layer4.0.conv1 7 6", "layer4.0.conv2 7 17", "layer4.1.conv1 7 6",
  ],
  // Shortcuts without weights: the first stage's channels go on inside the wider ones.
  "resnet20.torch.h5": [
    "conv1 4 60", "layer1.0.conv1 4 6", "layer1.1.conv1 4 6", "layer1.2.conv1 4 6",
    "layer2.0.conv1 6 6", "layer2.1.conv1 6 6", "layer2.2.conv1 6 6", "layer3.0.conv1 8 6",
    "layer3.1.conv1 8 6", "layer3.2.conv1 8 6",
  ],
]

@Suite("Groups of networks by Keras and PyTorch")
struct FixtureGroupsTests {
  @Test(arguments: expectedGroups.keys.sorted())
  func groups(_ file: String) async throws {
    // Where the file does not say where zeros stand, it is stated.
    let stated = GraphStatement(readings: [.zerosAround])
    let groups = try ModelGraph(await Fixture.catalog(file), statement: stated)
      .permutationGroups()
    #expect(
      groups.map { "\($0.name) \($0.size) \($0.members.count)" } == expectedGroups[file])
  }

  @Test("Every run of every member lies inside its axis, and no entry belongs to two units")
  func runsFit() async throws {
    for file in ["inception.h5", "separable.h5", "squeeze.h5", "bidirectional.h5", "vgg.h5"] {
      let graph = try await Fixture.graph(file)
      let shapes = Dictionary(
        graph.parameters.map { ($0.tensor, $0.shape) }, uniquingKeysWith: { a, _ in a })
      var taken: Set<[Int]> = []
      var names: [String] = []
      for group in try graph.permutationGroups() {
        for member in group.members {
          let length = try #require(shapes[member.tensor])[member.axis]
          if !names.contains(member.tensor) { names.append(member.tensor) }
          let tensor = names.firstIndex(of: member.tensor) ?? 0
          for run in member.runs {
            #expect(run.start >= 0 && run.start + run.width * group.size <= length)
            for entry in run.start..<(run.start + run.width * group.size) {
              #expect(taken.insert([tensor, member.axis, entry]).inserted)
            }
          }
        }
      }
    }
  }

  @Test func keptShapesOfFlattenAndGates() async throws {
    let vgg = try await Fixture.graph("vgg.h5").permutationGroups()
    // 2×2 positions of 8 channels, channels last: a run for every position.
    let flattened = try #require(vgg[2].members.last)
    #expect(flattened.runs == [0, 8, 16, 24].map { .init(start: $0) })
    let lstm = try await Fixture.graph("lstm.h5").permutationGroups()
    let recurrent = try #require(lstm[1].members.first { $0.axis == 1 })
    #expect(recurrent.runs == [0, 6, 12, 18].map { .init(start: $0) })
    let torch = try await Fixture.graph("vgg16.torch.h5").permutationGroups()
    // 7×7 positions, channels first: a channel owns 49 consecutive columns.
    let first = try #require(torch.flatMap(\.members).first { $0.tensor == "classifier.0.weight" })
    #expect(first.axis == 1 && first.runs == [.init(start: 0, width: 49)])
  }

  @Test func optimiserStateIsNamed() async throws {
    let skipped = try await Fixture.graph("mlp.h5").skipped
    #expect(!skipped.isEmpty)
    #expect(skipped.allSatisfy { $0.reason == "optimiser state, not permuted" })
    let counters = try await Fixture.graph("mlp_bn.torch.h5").skipped
    #expect(counters.map(\.name) == ["1.num_batches_tracked", "4.num_batches_tracked"])
  }

  /// A ReLU with a learned slope for each unit: the slopes move with the units.
  @Test func slopesMoveWithTheirUnits() async throws {
    let graph = try await Fixture.graph("opaque.h5")
    #expect(graph.skipped.isEmpty && graph.whyNotRunnable == nil)
    let group = try #require(try graph.permutationGroups().first { $0.name == "into" })
    #expect(group.members.contains { $0.tensor.hasSuffix("strange/alpha") })
  }
}
