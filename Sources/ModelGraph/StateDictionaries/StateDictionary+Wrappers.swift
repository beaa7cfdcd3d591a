extension StateDictionary {
  /// Folders of checkpoints that hold the network.
  static let containers: Set<String> = [
    "state_dict", "model_state_dict", "model_weights", "params",
  ]
  /// First words that wrappers add, also before bare numbers.
  private static let wrappers: Set<String> = ["module", "model", "net", "network", "_orig_mod"]

  /// How many first words every path shares that are no part of the network's names: `backbone`,
  /// `encoder`, `vision_model`. A path keeps a word of its own.
  ///
  /// A word before bare numbers is the name of a series (`layers.0`, `layers.1`) and stays, and so does
  /// one that says what its layers do (`residual.fc1`, `decoder.conv1`) or that is one of several
  /// (`block1.fc1`): what the layers form depends on it.
  static func sharedWordCount(_ paths: [[String]]) -> Int {
    var count = 0
    while let first = paths.first, first.count > count + 1 {
      let word = first[count]
      guard paths.allSatisfy({ $0.count > count + 1 && $0[count] == word }) else { break }
      let isWrapper = wrappers.contains(word) || containers.contains(word)
      let isSeries = paths.contains { $0[count + 1].first?.isNumber ?? false }
      guard isWrapper || (!isSeries && !NameEvidence.saysOfLayers(word)) else { break }
      count += 1
    }
    return count
  }

  /// The modules with the words before torchvision's names taken away, as where a network is a part of
  /// another module: `backbone.layer1.0.conv1`, `encoder.features.0`. What stands outside of that part
  /// keeps its name; where it is another network, the modules stay as they are.
  static func unwrapped(_ modules: [StateModule]) -> [StateModule] {
    if let named = ResidualChildren.named(modules) { return named }
    let paths = Set(modules.map(\.path))
    func prefix(before first: String, with second: String) -> String? {
      let found = modules.map(\.path).filter {
        $0.hasSuffix(first) && paths.contains($0.dropLast(first.count) + second)
      }
      return found.count == 1 ? String(found[0].dropLast(first.count)) : nil
    }
    guard
      let prefix = prefix(before: "conv1", with: "layer1.0.conv1")
        ?? prefix(before: "features.0", with: "features.0"),
      prefix.hasSuffix(".")
    else { return modules }
    var result = modules
    for index in result.indices where result[index].path.hasPrefix(prefix) {
      result[index].path.removeFirst(prefix.count)
    }
    return Set(result.map(\.path)).count == modules.count ? result : modules
  }
}
