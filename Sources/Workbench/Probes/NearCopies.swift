import LinearAlgebra
import Probes
import Support

/// Models that are nearly the same, by the layers that were read: copies in a narrower type, fine-tunes of a few
/// steps, and copies with their units in another order.
struct NearCopies {
  /// Pairs of models, by their places.
  private(set) var pairs: [(Int, Int)] = []

  /// How much of the distance to its neighbours a model may be away from a near copy.
  static let share = 0.25
  /// Which neighbour that distance is of: a model has fewer near copies than that.
  private static let neighbour = 8
  /// At most so many elements of a layer are compared, evenly spread.
  private static let mostElements = 4096
  /// Above this many models distances are not compared.
  static let mostModels = 5_000

  /// Compares the models of some layers.
  ///
  /// Two models are near copies where their distance is below a quarter of that to the eighth nearest model,
  /// for both of them: models of one class that lie close together are more than that. They are as well where
  /// a layer of each holds the same numbers in some order.
  ///
  /// - Complexity: O(elements) and O(models² · 4096 · layers); n² numbers of memory for n models.
  init(_ stacks: [LayerStack<Float>], jobs: Int?) throws {
    guard let count = stacks.first?.count, count > 1 else { return }
    joinPermuted(stacks)
    guard count <= Self.mostModels else { return }
    var squares = Matrix<Double>(zeros: count, count)
    for stack in stacks {
      let sampled = Self.sampled(stack)
      let gram = try LayerGram.centred(sampled, jobs: jobs)
      let own = LayerGram.squaredDistances(gram)
      // A layer counts by the spread of its models, so that none drowns the others.
      let spread = (0..<count).reduce(0) { $0 + gram[$1, $1] } / Double(count)
      guard spread > 0 else { continue }
      for at in squares.values.indices { squares.values[at] += own.values[at] / spread }
    }
    let distances = squares.mapped { $0.squareRoot() }
    let usual = (0..<count).map { model -> Double in
      let others = (0..<count).filter { $0 != model }.map { distances[model, $0] }.sorted()
      return others[min(Self.neighbour, others.count) - 1]
    }
    for one in 0..<count {
      for other in 0..<one
      where distances[one, other] < Self.share * min(usual[one], usual[other]) {
        pairs.append((other, one))
      }
    }
  }

  /// Joins models of which a layer holds the same numbers in any order.
  private mutating func joinPermuted(_ stacks: [LayerStack<Float>]) {
    for stack in stacks where stack.rank == nil && stack.elementCount >= 64 {
      var known: [UInt64: Int] = [:]
      for model in 0..<stack.count {
        var sum: UInt64 = 0
        let start = model * stack.stride
        var isConstant = true
        for at in start..<start + stack.stride {
          sum &+= SplitMix64.mixed(UInt64(stack.values[at].bitPattern))
          if stack.values[at] != stack.values[start] { isConstant = false }
        }
        guard !isConstant else { continue }
        if let first = known[sum] {
          pairs.append((first, model))
        } else {
          known[sum] = model
        }
      }
    }
  }

  private static func sampled(_ stack: LayerStack<Float>) -> LayerStack<Float> {
    guard stack.rank == nil, stack.elementCount > mostElements else { return stack }
    let step = stack.elementCount / mostElements
    var values: [Float] = []
    values.reserveCapacity(stack.count * mostElements)
    for model in 0..<stack.count {
      let start = model * stack.stride
      for at in 0..<mostElements { values.append(stack.values[start + at * step]) }
    }
    return LayerStack(rows: 1, columns: mostElements, values: values)
  }
}
