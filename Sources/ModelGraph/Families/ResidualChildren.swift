/// A residual network whose children stand in an `nn.Sequential`, as feature extractors are made of one:
/// `nn.Sequential(*list(resnet18().children())[:-1])`. Its modules are numbered: `0`, `1`, `4.0.conv1`.
enum ResidualChildren {
  /// The names of the children of torchvision's `ResNet` that have weights, by their place. Places 2, 3
  /// and 8 are the activation and the two poolings.
  private static let names = [
    "0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4", "9": "fc",
  ]

  /// The modules under torchvision's names; nil where they are not such children, all of them. What stands
  /// outside of the `nn.Sequential` keeps its name.
  static func named(_ modules: [StateModule]) -> [StateModule]? {
    let blocks = modules.map(\.path).filter { $0 == "4.0.conv1" || $0.hasSuffix(".4.0.conv1") }
    guard blocks.count == 1 else { return nil }
    let prefix = String(blocks[0].dropLast("4.0.conv1".count))
    var named = modules
    for index in named.indices where named[index].path.hasPrefix(prefix) {
      let path = named[index].path.dropFirst(prefix.count)
      let word = path.prefix { $0 != "." }
      // Without a word around them, a layer behind the network has a name of its own: `fc`.
      guard let name = names[String(word)] else {
        if prefix.isEmpty, word.first?.isNumber == false { continue }
        return nil
      }
      let isBlock = name.hasPrefix("layer")
      guard isBlock == path.contains(".") else { return nil }
      named[index].path = name + path.dropFirst(word.count)
    }
    // The pooling at place 3 goes with the large stem alone.
    guard let stem = named.first(where: { $0.path == "conv1" }), stem.kind == .convolution(rank: 2),
      stem.shape.suffix(2) == [7, 7],
      named.contains(where: { $0.path == "bn1" && $0.kind == .batchNormalization }),
      Set(named.map(\.path)).count == named.count
    else { return nil }
    return named
  }
}
