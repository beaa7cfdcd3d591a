import Synchronization

/// How far the merged model is from each model, measured while its elements are made.
public final class MergeDistances: Sendable {
  private struct Place: Hashable, Comparable {
    var tensor: String
    var first: Int

    static func < (one: Place, other: Place) -> Bool {
      (one.tensor, one.first) < (other.tensor, other.first)
    }
  }

  private let modelCount: Int
  private let parts = Mutex<[Place: [Double]]>([:])

  init(modelCount: Int) { self.modelCount = modelCount }

  /// Adds the squares of a range of a tensor. A range that is made twice counts once.
  func add(_ squares: [Double], tensor: String, at first: Int) {
    parts.withLock { $0[Place(tensor: tensor, first: first)] = squares }
  }

  /// The L2 distance of each model to the result, over all elements made so far; always summed in
  /// the same order.
  public var l2: [Double] {
    let all = parts.withLock { $0 }
    return all.keys.sorted().reduce(into: Array(repeating: 0, count: modelCount)) { sums, place in
      for (model, square) in (all[place] ?? []).enumerated() { sums[model] += square }
    }.map { $0.squareRoot() }
  }
}
