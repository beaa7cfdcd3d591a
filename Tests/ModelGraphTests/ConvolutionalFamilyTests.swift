import Catalogs
import Foundation
import ModelGraph
import Support
import Testing

/// torchvision's convolutional networks by the names and shapes of their tensors;
/// `Fixtures/make_convolutional_shapes.py` wrote these. torchvision itself judged, with random weights,
/// `wsl match` of two of each, and a random permutation of every group: the outputs differed by less than
/// 1e-6 of their size; so they did for the whole networks of `Tests/Peers/families/convolutional.py`.
@Suite("Families of convolutional networks")
struct ConvolutionalFamilyTests {
  struct Expected: Sendable, CustomTestStringConvertible {
    var network: String
    var family: String
    var groups: Int
    var units: Int
    var isRun = true
    var testDescription: String { network }
  }

  static let networks: [Expected] = [
    .init(network: "densenet", family: "DenseNet", groups: 12, units: 76),
    .init(network: "mobilenet_v2", family: "MobileNet v2", groups: 24, units: 2432),
    .init(network: "mobilenet_v3_small", family: "MobileNet v3", groups: 26, units: 344),
    .init(network: "mobilenet_v3_large", family: "MobileNet v3", groups: 30, units: 408),
    .init(network: "efficientnet", family: "EfficientNet", groups: 21, units: 302),
    .init(network: "efficientnet_v2", family: "EfficientNet", groups: 17, units: 312),
    .init(network: "regnet_x", family: "RegNet", groups: 9, units: 76),
    .init(network: "regnet_y", family: "RegNet", groups: 17, units: 94),
    .init(network: "squeezenet_1_0", family: "SqueezeNet", groups: 25, units: 2976),
    .init(network: "squeezenet_1_1", family: "SqueezeNet", groups: 25, units: 2944),
    .init(network: "mnasnet", family: "MNASNet", groups: 25, units: 2496),
    .init(network: "googlenet", family: "GoogLeNet", groups: 57, units: 7280),
    .init(network: "inception_v3", family: "Inception v3", groups: 94, units: 17216),
    .init(network: "shufflenet_v2", family: "ShuffleNet v2", groups: 8, units: 156, isRun: false),
    .init(network: "convnext", family: "ConvNeXt (torchvision)", groups: 10, units: 376),
  ]

  private static func shapes() throws -> JSONValue {
    let path = URL(filePath: Fixture.folder).appending(path: "convolutional.json")
    return try JSONValue(parsing: try Data(contentsOf: path))
  }

  private static func tensors(_ network: String) throws -> [(String, [Int])] {
    let list = try #require(try shapes()[network]?.array)
    return list.map { item in
      (item[0]?.string ?? "", (item[1]?.array ?? []).compactMap(\.integer))
    }
  }

  @Test(arguments: networks)
  func isUnderstood(network: Expected) throws {
    let tensors = try Self.tensors(network.network)
    let graph = try ModelGraph(Catalog(tensors, version: nil))
    #expect(graph.source == "family \(network.family)")
    #expect(graph.certainty == .recognised)
    #expect((graph.whyNotRunnable == nil) == network.isRun)
    let used = Set(graph.parameters.map(\.tensor))
    let left = tensors.map(\.0).filter { !used.contains($0) }
    // Heads that only training uses read what stays in place.
    #expect(left.allSatisfy { $0.lowercased().hasPrefix("aux") })
    let groups = try graph.permutationGroups()
    #expect(groups.count == network.groups)
    #expect(groups.map(\.size).reduce(0, +) == network.units)
  }

  /// A tensor that the family does not have may read anything: what blocks hand on stays.
  @Test func unknownTensorsHoldWhatTheyMayTouch() throws {
    let tensors = try Self.tensors("mobilenet_v2") + [("features.3.extra.weight", [4, 4])]
    let graph = try ModelGraph(Catalog(tensors, version: nil))
    #expect(graph.certainty == .assumed && graph.whyNotRunnable != nil)
    #expect(graph.assumptions.contains { $0.tensors.contains("features.3.extra.weight") })
    let groups = try graph.permutationGroups()
    #expect(!groups.contains { $0.members.contains { $0.tensor.hasPrefix("features.3.") } })
    #expect(groups.contains { $0.members.contains { $0.tensor.hasPrefix("features.5.") } })
  }

  @Test(arguments: [
    ("densenet", "features.denseblock2.denselayer2.norm1.weight"),
    ("regnet_y", "trunk_output.block2.block2-0.f.b.0.weight"),
    ("efficientnet", "features.3.0.block.1.0.weight"),
  ])
  func missingTensorsAreNamed(network: String, missing: String) throws {
    let tensors = try Self.tensors(network).filter { $0.0 != missing }
    #expect(throws: Diagnostic.self) { try ModelGraph(Catalog(tensors, version: nil)) }
  }
}
