import Synchronization

/// How far the merged model is from each model, and how much of each is in it, measured while its
/// elements are made.
public final class MergeDistances: Sendable {
  private struct Place: Hashable, Comparable {
    var tensor: String
    var first: Int

    static func < (one: Place, other: Place) -> Bool {
      (one.tensor, one.first) < (other.tensor, other.first)
    }
  }

  private let modelCount: Int
  private struct Part {
    var squares: [Double]
    var staying: [Int]
    var count: Int
  }

  private let parts = Mutex<[Place: Part]>([:])

  init(modelCount: Int) { self.modelCount = modelCount }

  /// Adds what a range of a tensor came to. A range that is made twice counts once.
  ///
  /// - Parameters:
  ///   - squares: the squared distance of each model to the result.
  ///   - staying: how many differences of each model stayed, where magnitudes decide.
  ///   - count: the number of elements.
  func add(
    _ squares: [Double], staying: [Int], count: Int, tensor: String, at first: Int
  ) {
    let part = Part(squares: squares, staying: staying, count: count)
    parts.withLock { $0[Place(tensor: tensor, first: first)] = part }
  }

  /// The L2 distance of each model to the result, over all elements made so far; always summed in
  /// the same order.
  public var l2: [Double] {
    let all = parts.withLock { $0 }
    return all.keys.sorted().reduce(into: Array(repeating: 0, count: modelCount)) { sums, place in
      for (model, square) in (all[place]?.squares ?? []).enumerated() { sums[model] += square }
    }.map { $0.squareRoot() }
  }

  /// The share of each model's differences from the base, of all elements, that stayed and are not
  /// zero, where a method keeps the largest.
  public var staying: [Double] {
    let all = parts.withLock { $0.values.map { $0 } }
    let count = all.reduce(0) { $0 + $1.count }
    return (0..<modelCount).map { model in
      Double(all.reduce(0) { $0 + $1.staying[model] }) / Double(max(1, count))
    }
  }
}
