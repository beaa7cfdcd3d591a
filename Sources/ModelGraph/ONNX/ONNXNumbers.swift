import Support

/// A small tensor that is known from the model alone: lengths, axes, bounds, factors. What only the data
/// decide is nil.
struct ONNXNumbers: Hashable, Sendable {
  /// The most elements that are followed.
  static let mostElements = 4096

  /// Its shape.
  var shape: [Int]
  /// Its elements, in row-major order.
  var elements: [ONNXAmount?]
  /// Whether they are integers; nil where that is not known.
  var isInteger: Bool?

  /// Makes a tensor; nil where it is too large, or its shape does not fit.
  init?(shape: [Int], _ elements: [ONNXAmount?], isInteger: Bool?) {
    guard elements.count <= Self.mostElements, shape.count <= 16,
      shape.allSatisfy({ $0 >= 0 }), CheckedShape.product(shape) == elements.count
    else { return nil }
    self.shape = shape
    self.elements = elements
    self.isInteger = isInteger
  }

  /// A row of integers.
  init(row: [ONNXAmount?]) {
    shape = [row.count]
    elements = row
    isInteger = true
  }

  /// The one number that it is; nil where there are several, or it is not known.
  var scalar: Double? { elements.count == 1 ? elements[0]?.number : nil }

  /// The number that all elements are; nil where they differ.
  var common: Double? {
    guard let first = elements.first, let number = first?.number,
      elements.allSatisfy({ $0?.number == number })
    else { return nil }
    return number
  }

  /// The integers; nil where one of them is none, or not known.
  var integers: [Int]? {
    let known = elements.compactMap { $0?.integer }
    return known.count == elements.count ? known : nil
  }

  /// The numbers; nil where one of them is not known.
  var numbers: [Double]? {
    let known = elements.compactMap { $0?.number }
    return known.count == elements.count ? known : nil
  }

  /// The tensor with other elements in the same shape.
  func map(_ change: (ONNXAmount) -> ONNXAmount?) -> ONNXNumbers {
    var result = self
    result.elements = elements.map { $0.flatMap(change) }
    return result
  }

  /// A function of the elements of two tensors, of which axes of one index are repeated; nil where the
  /// shapes do not fit or the result is too large.
  static func combined(
    _ a: ONNXNumbers, _ b: ONNXNumbers, isInteger: Bool?,
    _ function: (ONNXAmount?, ONNXAmount?) -> ONNXAmount?
  ) -> ONNXNumbers? {
    let rank = max(a.shape.count, b.shape.count)
    let left = Array(repeating: 1, count: rank - a.shape.count) + a.shape
    let right = Array(repeating: 1, count: rank - b.shape.count) + b.shape
    var shape: [Int] = []
    for (x, y) in zip(left, right) {
      guard x == y || x == 1 || y == 1 else { return nil }
      shape.append(x == 1 ? y : x)
    }
    guard let count = CheckedShape.product(shape), count <= mostElements else { return nil }
    let elements = (0..<count).map { place in
      function(a.elements[index(place, shape, left)], b.elements[index(place, shape, right)])
    }
    return ONNXNumbers(shape: shape, elements, isInteger: isInteger)
  }

  /// The tensor in a larger shape, by repetition.
  func expanded(to target: [Int]) -> ONNXNumbers? {
    guard target.allSatisfy({ $0 >= 0 }), let count = CheckedShape.product(target),
      count <= Self.mostElements,
      let filled = ONNXNumbers(
        shape: target, Array(repeating: ONNXAmount(0), count: count), isInteger: isInteger)
    else { return nil }
    return Self.combined(self, filled, isInteger: isInteger) { value, _ in value }
  }

  /// The place in a tensor of the shape `own` that stands at a place of the shape `whole`.
  private static func index(_ place: Int, _ whole: [Int], _ own: [Int]) -> Int {
    var (rest, result, stride) = (place, 0, 1)
    for axis in whole.indices.reversed() {
      let position = rest % max(1, whole[axis])
      rest /= max(1, whole[axis])
      if own[axis] != 1 { result += position * stride }
      stride *= own[axis]
    }
    return result
  }
}
