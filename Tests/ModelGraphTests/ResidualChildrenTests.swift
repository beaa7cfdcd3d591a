import Catalogs
import Testing
import WeightFiles
import Support

@testable import ModelGraph

/// Residual networks made of another's children: `nn.Sequential(*list(resnet18().children())[:-1])`.
@Suite("Residual networks in a row of children") struct ResidualChildrenTests {
  private func groups(_ tensors: [(String, [Int])]) throws -> [String] {
    try ModelGraph(Catalog(tensors)).permutationGroups().map { "\($0.name) \($0.size)" }
  }

  private func network(_ names: [String], _ prefix: String, stem: Int = 7) -> [(String, [Int])] {
    var result: [(String, [Int])] = []
    func add(_ conv: String, _ norm: String, _ shape: [Int]) {
      result.append((prefix + conv + ".weight", shape))
      for leaf in ["weight", "bias", "running_mean", "running_var"] {
        result.append(("\(prefix)\(norm).\(leaf)", [shape[0]]))
      }
    }
    add(names[0], names[1], [4, 3, stem, stem])
    add(names[2] + ".0.conv1", names[2] + ".0.bn1", [4, 4, 3, 3])
    add(names[2] + ".0.conv2", names[2] + ".0.bn2", [4, 4, 3, 3])
    add(names[3] + ".0.conv1", names[3] + ".0.bn1", [8, 4, 3, 3])
    add(names[3] + ".0.conv2", names[3] + ".0.bn2", [8, 8, 3, 3])
    add(names[3] + ".0.downsample.0", names[3] + ".0.downsample.1", [8, 4, 1, 1])
    return result
  }

  private static let children = ["0", "1", "4", "5"]
  private static let own = ["conv1", "bn1", "layer1", "layer2"]

  @Test(
    "the groups are those of the network itself",
    arguments: [
      ("", []), ("", [("9.weight", [5, 8]), ("9.bias", [5])]), ("", [("fc.weight", [5, 8])]),
      ("features.", []), ("features.", [("classifier.weight", [5, 8])]),
      ("backbone.", [("fc.weight", [5, 8])]),
    ] as [(String, [(String, [Int])])])
  func asItself(_ prefix: String, _ head: [(String, [Int])]) throws {
    let whole = head.map { ($0.0.hasPrefix("9.") ? "fc." + $0.0.dropFirst(2) : $0.0, $0.1) }
    let expected = try groups(network(Self.own, "", stem: 7) + whole)
    #expect(try groups(network(Self.children, prefix) + head) == expected)
    #expect(expected.contains("layer2.0.conv1 8"))
  }

  @Test("rows that only look alike are not taken for one")
  func others() throws {
    // A stem without the pooling behind it, children in other places, two networks.
    for tensors in [
      network(Self.children, "", stem: 3), network(["0", "1", "3", "4"], ""),
      network(Self.children, "a.") + network(Self.children, "b."),
      network(Self.children, "") + [("10.weight", [5, 8])],
    ] {
      let modules = StateDictionary(Catalog(tensors)).modules
      #expect(ResidualChildren.named(modules) == nil)
    }
  }
}
