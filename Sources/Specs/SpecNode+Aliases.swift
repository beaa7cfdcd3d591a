import Yams

extension SpecNode {
  /// The most values of a document, every alias replaced by what it stands for: a few lines of
  /// aliases of aliases can stand for more than any computer reads.
  /// What is written out takes two bytes at least, so that only aliases exceed this.
  static func valueLimit(_ text: String) -> Int { 4096 + 8 * text.utf8.count }

  /// Whether a node has no more values than are left, which are counted down.
  static func hasAtMost(_ left: inout Int, _ node: Node) -> Bool {
    left -= 1
    guard left >= 0 else { return false }
    switch node {
    case .scalar, .alias: return true
    case .sequence(let list): return list.allSatisfy { hasAtMost(&left, $0) }
    case .mapping(let mapping):
      return mapping.allSatisfy { hasAtMost(&left, $0.key) && hasAtMost(&left, $0.value) }
    }
  }
}
