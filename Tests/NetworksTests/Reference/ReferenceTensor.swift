/// A tensor in Float64, row-major, batch axis first.
struct ReferenceTensor {
  var shape: [Int]
  var values: [Double]

  init(shape: [Int], values: [Double]) {
    precondition(values.count == shape.reduce(1, *))
    self.shape = shape
    self.values = values
  }

  init(zeros shape: [Int]) {
    self.init(shape: shape, values: Array(repeating: 0, count: shape.reduce(1, *)))
  }

  /// The element at an index on every axis.
  subscript(index: [Int]) -> Double {
    get { values[offset(index)] }
    set { values[offset(index)] = newValue }
  }

  func offset(_ index: [Int]) -> Int {
    zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// Every index, in row-major order.
  static func indices(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { prefixes, length in
      prefixes.flatMap { prefix in (0..<length).map { prefix + [$0] } }
    }
  }

  func map(_ transform: (Double) -> Double) -> ReferenceTensor {
    ReferenceTensor(shape: shape, values: values.map(transform))
  }
}
