public import LinearAlgebra
import Support

/// The trees among some models, found by the distances of one layer: fine-tunes lie near their root, and
/// far from what began elsewhere. A model belongs to the tree whose centre is nearest, as in the mixture
/// of tree experts (Horwitz et al. 2025), and to none where it lies beyond the tree's radius.
public struct TreeCentres: Sendable {
  /// The tree of each model that it was made of.
  public let groups: [Int]
  /// The names of the trees: `tree-1`, the ones of first models first.
  public let names: [String]
  /// The mean matrix of each tree, a row each.
  public let centres: Matrix<Float>
  /// Up to which distance from its centre a model belongs to a tree.
  public let radii: [Double]

  /// How far beyond its outermost model a tree reaches, as a factor of the distance.
  private static let margin = 1.5

  /// Finds the trees.
  ///
  /// - Parameters:
  ///   - stack: the layer of all models.
  ///   - gram: the inner products of all models around their mean.
  ///   - models: the models to find trees among.
  ///   - known: the tree of each of `models` where it is known; nil finds groups.
  /// - Complexity: O(models²) and one pass over the matrices.
  public init(
    _ stack: LayerStack<Float>, gram: Matrix<Double>, models: [Int], known: [Int]? = nil
  ) throws {
    let distances = Matrix<Double>(rows: models.count, columns: models.count) { row, column in
      let (one, other) = (models[row], models[column])
      return max(0, gram[one, one] + gram[other, other] - 2 * gram[one, other]).squareRoot()
    }
    let linkage = AverageLinkage(distances)
    let groups = known ?? linkage.groups(below: linkage.widestGap())
    self.groups = groups
    let count = (groups.max() ?? -1) + 1
    names = (0..<count).map { "tree-\($0 + 1)" }
    var centres: [Float] = []
    var radii: [Double] = []
    for tree in 0..<count {
      let members = groups.indices.filter { groups[$0] == tree }
      var sums = [Double](repeating: 0, count: stack.elementCount)
      for member in members {
        LayerDistance.add(stack, models[member], to: &sums)
      }
      let centre = sums.map { Float($0 / Double(members.count)) }
      centres += centre
      // As far as a model lies from the centre of the others.
      let others = Double(members.count) / Double(max(1, members.count - 1))
      let farthest =
        members.map { member in
          others * LayerDistance.squared(stack, models[member], centre).squareRoot()
        }.max() ?? 0
      // Of a tree of one model nothing is known but how far the nearest other is.
      let alone = members.count > 1 ? 0 : Self.nearest(distances, members[0]) / 4
      radii.append(Self.margin * max(farthest, alone))
    }
    self.centres = Matrix(rows: count, columns: stack.elementCount, values: centres)
    self.radii = radii
  }

  private static func nearest(_ distances: Matrix<Double>, _ model: Int) -> Double {
    (0..<distances.columns).filter { $0 != model }.map { distances[model, $0] }.min() ?? 0
  }
}

/// Which of some trees a model belongs to.
public struct TreeRouting: Sendable, Hashable {
  /// The place of the nearest tree.
  public var tree: Int
  /// The distance from its centre.
  public var distance: Double
  /// Whether it lies within the tree's radius.
  public var isKnown: Bool

  /// Finds the nearest centre.
  ///
  /// - Complexity: O(elements · trees).
  public init?(
    _ stack: LayerStack<Float>, _ model: Int, centres: Matrix<Float>, radii: [Double]
  ) {
    let size = centres.columns
    let distances = (0..<centres.rows).map { tree in
      LayerDistance.squared(
        stack, model, Array(centres.values[tree * size..<(tree + 1) * size])
      ).squareRoot()
    }
    guard let nearest = distances.indices.min(by: { distances[$0] < distances[$1] }) else {
      return nil
    }
    tree = nearest
    distance = distances[nearest]
    isKnown = distance <= radii[nearest]
  }
}

/// Distances of a model's matrix from another one.
enum LayerDistance {
  private static func elements(_ stack: LayerStack<Float>, _ model: Int) -> [Double]? {
    guard stack.rank != nil else { return nil }
    let factors = LayerGram.Factors(stack, model)
    return BLAS.product(factors.left, factors.right).values
  }

  /// Adds a model's matrix.
  static func add(_ stack: LayerStack<Float>, _ model: Int, to sums: inout [Double]) {
    if let elements = elements(stack, model) {
      for at in sums.indices { sums[at] += elements[at] }
      return
    }
    let start = model * stack.stride
    stack.values.withUnsafeBufferPointer { values in
      for at in sums.indices { sums[at] += Double(values[start + at]) }
    }
  }

  /// The square of the distance.
  static func squared(_ stack: LayerStack<Float>, _ model: Int, _ centre: [Float]) -> Double {
    var sum = 0.0
    if let elements = elements(stack, model) {
      for at in centre.indices {
        let offset = elements[at] - Double(centre[at])
        sum += offset * offset
      }
      return sum
    }
    let start = model * stack.stride
    stack.values.withUnsafeBufferPointer { values in
      centre.withUnsafeBufferPointer { centre in
        for at in centre.indices {
          let offset = Double(values[start + at]) - Double(centre[at])
          sum += offset * offset
        }
      }
    }
    return sum
  }
}
