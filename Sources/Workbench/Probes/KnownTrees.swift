public import Probes
public import ZooIndex

/// Which models of an index are of a tree that a probe learned from, by the parents that files name.
public struct KnownTrees {
  private var families: Families
  private var sizes: [String: Int] = [:]
  private var known: Set<String> = []

  /// Reads the parents of all models of an index.
  ///
  /// - Parameter learned: the files that the probe learned from or was chosen by.
  public init(_ index: ZooIndex, learned: [String]) throws {
    families = try Families(documentedIn: index)
    for name in families.names { sizes[families.root(of: name), default: 0] += 1 }
    for file in learned where families.contains(file) { known.insert(families.root(of: file)) }
  }

  /// Whether a model is of a known tree; nil where no file says which tree it is of.
  public func isKnown(_ file: String) -> Bool? {
    guard families.contains(file) else { return nil }
    let root = families.root(of: file)
    return sizes[root, default: 0] > 1 ? known.contains(root) : nil
  }

  /// How well distances reject the models of unknown trees.
  ///
  /// - Parameters:
  ///   - files: the models' files.
  ///   - outcomes: what the probe says of each.
  ///   - distance: how far off a model is; by default from the nearest tree, in its radii.
  /// - Returns: nil where not both kinds of tree are among the models, or the probe keeps no trees.
  public func rejection(
    _ files: [String], _ outcomes: [ProbeReading.Outcome],
    by distance: (ProbeReading.Outcome) -> Double? = { $0.relativeDistance }
  ) -> RejectionCurve? {
    var (inside, outside): ([Double], [Double]) = ([], [])
    for (file, outcome) in zip(files, outcomes) {
      guard let isKnown = isKnown(file), let distance = distance(outcome) else { continue }
      if isKnown { inside.append(distance) } else { outside.append(distance) }
    }
    return RejectionCurve(known: inside, unknown: outside)
  }
}
