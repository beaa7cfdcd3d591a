import LinearAlgebra
import Support

extension SignatureStudy {
  /// How well signatures tell the corruption: the nearest one's, and the cosines.
  public struct Neighbours: Sendable {
    /// The share of signatures whose nearest neighbour is of the same corruption.
    public var nearest: Double
    /// The mean cosine with signatures of the same corruption.
    public var same: Double
    /// The mean cosine with signatures of other corruptions.
    public var different: Double
    /// The share that chance would give.
    public var chance: Double
  }

  /// Neighbours by number of layers.
  ///
  /// - Parameter acrossLabelSets: whether neighbours are those of the other label sets, or those of
  ///   the other seeds of the own one. Empty where there are none.
  func neighbours(acrossLabelSets: Bool) throws -> [Neighbours] {
    struct Place: Sendable {
      var lineage: Int
      var run: Int
      var kind: Int
    }
    let kindCount = zoo.corruptions.count
    let places = zoo.lineages.indices.flatMap { lineage in
      zoo.lineages[lineage].runs.indices.flatMap { run in
        (0..<kindCount).map { Place(lineage: lineage, run: run, kind: $0) }
      }
    }
    @Sendable func isNeighbour(_ a: Place, _ b: Place) -> Bool {
      acrossLabelSets ? a.lineage != b.lineage : a.lineage == b.lineage && a.run != b.run
    }
    guard places.contains(where: { isNeighbour(places[0], $0) }) else { return [] }
    return try Parallel.map(count: tensors.count, jobs: jobs) { index in
      var (right, judged) = (0, 0)
      var (same, different) = ([Double](), [Double]())
      for place in places {
        var best = (cosine: -Double.infinity, kind: -1)
        for other in places where isNeighbour(place, other) {
          let cosine = signatures[place.lineage][place.run][place.kind].cosine(
            with: signatures[other.lineage][other.run][other.kind], tensors: tensors[index],
            form: SignatureStudy.usual)
          if place.kind == other.kind { same.append(cosine) } else { different.append(cosine) }
          if cosine > best.cosine { best = (cosine, other.kind) }
        }
        guard best.kind >= 0 else { continue }
        judged += 1
        if best.kind == place.kind { right += 1 }
      }
      return Neighbours(
        nearest: Double(right) / Double(max(1, judged)), same: same.mean ?? 0,
        different: different.mean ?? 0, chance: 1 / Double(kindCount))
    }
  }
}
