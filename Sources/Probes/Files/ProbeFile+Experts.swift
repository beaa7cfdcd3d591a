import LinearAlgebra
import WorkbenchCore

extension ProbeManifest {
  /// What a file says of one of its probes, where it holds one for each of several trees.
  public struct Expert: Sendable, Hashable, Codable {
    /// The place of its tree among `trees`; nil for the probe of all models.
    public var tree: Int?
    /// The sizes of a network.
    public var sizes: [Int] = []
    /// For numbers, what a network's score is multiplied by.
    public var deviation = 1.0
    /// What is added to a network's score then.
    public var mean = 0.0
  }

  /// The manifest of one of the probes alone.
  func expert(_ expert: Expert) -> ProbeManifest {
    var own = self
    own.experts = nil
    (own.sizes, own.mean, own.deviation) = (expert.sizes, expert.mean, expert.deviation)
    return own
  }
}

extension ProbeFileReader {
  /// The probes of trees, each below a group of its own, with the centres that lead to them.
  func routed(
    _ manifest: ProbeManifest, _ experts: [ProbeManifest.Expert], outputs: Int,
    centres: Matrix<Float>?
  ) throws -> KeptProbe {
    func require(_ holds: Bool) throws {
      guard holds else {
        throw Diagnostic(
          .badData, "what it says of the probes of trees does not fit its numbers", at: ["manifest"]
        )
      }
    }
    guard let centres else {
      throw Diagnostic(.badData, "the centres of its trees are missing", at: ["centres"])
    }
    let places = experts.compactMap(\.tree)
    try require(
      centres.rows > 0 && places.allSatisfy { (0..<centres.rows).contains($0) }
        && Set(places).count == places.count && experts.count - places.count <= 1
        && (places.count == centres.rows || experts.count > places.count))
    var found: [KeptProbe?] = Array(repeating: nil, count: centres.rows)
    var general: KeptProbe?
    for (number, expert) in experts.enumerated() {
      let kept = try kept(manifest.expert(expert), outputs, below: "experts/\(number)/")
      if let tree = expert.tree { found[tree] = kept } else { general = kept }
    }
    return .routed(
      RoutedProbe(centres: centres, radii: manifest.radii, experts: found, general: general))
  }
}
