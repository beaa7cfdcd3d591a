/// How far apart two tensors are, gathered range by range in Float64.
///
/// Elements that are equal, and places where both have NaN, differ by nothing. Where one side alone is
/// not finite, distances are not numbers.
public struct TensorDifference: Sendable {
  /// How many elements were compared.
  public private(set) var count = 0
  /// How many differ.
  public private(set) var changedCount = 0
  /// How many elements of each file are infinite or NaN.
  public private(set) var nonFiniteCounts = (first: 0, second: 0)
  private var squares = 0.0
  private var firstSquares = 0.0
  private var secondSquares = 0.0
  private var product = 0.0
  private var largest = 0.0
  private var isBroken = false

  /// Nothing compared yet.
  public init() {}

  /// The Euclidean distance.
  public var l2: Double { isBroken ? .nan : squares.squareRoot() }
  /// The distance, divided by the norm of the first: 0 where both are zero, infinite where only the
  /// first is.
  public var relative: Double {
    if isBroken { return .nan }
    if squares == 0 { return 0 }
    return firstSquares == 0 ? .infinity : (squares / firstSquares).squareRoot()
  }
  /// The cosine of the angle between them; NaN where one is zero, or has elements that are not
  /// finite.
  public var cosine: Double {
    let norms = firstSquares.squareRoot() * secondSquares.squareRoot()
    guard nonFiniteCounts == (0, 0), norms > 0 else { return .nan }
    return min(1, max(-1, product / norms))
  }
  /// The largest change of an element.
  public var largestChange: Double { isBroken ? .nan : largest }
  /// How large a part of the elements differs; 0 of no elements.
  public var fractionChanged: Double { count == 0 ? 0 : Double(changedCount) / Double(count) }

  /// Takes elements into account.
  mutating func add(
    _ first: UnsafeBufferPointer<Double>, _ second: UnsafeBufferPointer<Double>
  ) {
    // Four sums side by side, in an order that depends on the range alone.
    var differences = SIMD4<Double>()
    var firsts = SIMD4<Double>()
    var seconds = SIMD4<Double>()
    var products = SIMD4<Double>()
    var largests = SIMD4<Double>()
    var changed = SIMD4<Int64>()
    let total = min(first.count, second.count)
    let whole = total & ~3
    var index = 0
    while index < whole {
      let a = SIMD4(first[index], first[index + 1], first[index + 2], first[index + 3])
      let b = SIMD4(second[index], second[index + 1], second[index + 2], second[index + 3])
      let difference = a - b
      differences += difference * difference
      firsts += a * a
      seconds += b * b
      products += a * b
      let size = difference.replacing(with: -difference, where: difference .< 0)
      largests.replace(with: size, where: size .> largests)
      changed.replace(with: changed &+ 1, where: difference .!= 0)
      index += 4
    }
    let sums = differences.sum() + firsts.sum() + seconds.sum() + products.sum()
    guard sums.isFinite else { return addCarefully(first, second) }
    squares += differences.sum()
    firstSquares += firsts.sum()
    secondSquares += seconds.sum()
    product += products.sum()
    largest = max(largest, largests.max())
    changedCount += Int(changed.wrappedSum())
    count += whole
    addCarefully(
      UnsafeBufferPointer(rebasing: first[whole..<total]),
      UnsafeBufferPointer(rebasing: second[whole..<total]))
  }

  /// The same, element by element, with elements that are not finite.
  private mutating func addCarefully(
    _ first: UnsafeBufferPointer<Double>, _ second: UnsafeBufferPointer<Double>
  ) {
    for index in 0..<min(first.count, second.count) {
      let (a, b) = (first[index], second[index])
      if !a.isFinite { nonFiniteCounts.first += 1 }
      if !b.isFinite { nonFiniteCounts.second += 1 }
      count += 1
      let isEqual = a == b || a.isNaN && b.isNaN
      if !isEqual { changedCount += 1 }
      guard a.isFinite, b.isFinite else {
        if !isEqual { isBroken = true }
        continue
      }
      squares += (a - b) * (a - b)
      firstSquares += a * a
      secondSquares += b * b
      product += a * b
      largest = max(largest, abs(a - b))
    }
  }

  /// The difference over the elements of both.
  public mutating func add(_ other: TensorDifference) {
    count += other.count
    changedCount += other.changedCount
    nonFiniteCounts.first += other.nonFiniteCounts.first
    nonFiniteCounts.second += other.nonFiniteCounts.second
    squares += other.squares
    firstSquares += other.firstSquares
    secondSquares += other.secondSquares
    product += other.product
    largest = max(largest, other.largest)
    isBroken = isBroken || other.isBroken
  }
}
