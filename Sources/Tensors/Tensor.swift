import CElements

/// A tensor in memory, in Float32, row-major.
public struct Tensor: Sendable, Hashable {
  /// The lengths of the axes, slowest first.
  public var shape: [Int]
  /// The elements; as many as the product of the shape.
  public var values: [Float]

  /// Makes a tensor.
  public init(shape: [Int], values: [Float]) {
    precondition(values.count == shape.reduce(1, *), "the values must fill the shape")
    self.shape = shape
    self.values = values
  }

  /// Makes a tensor of zeros.
  public init(zeros shape: [Int]) {
    self.init(shape: shape, values: Array(repeating: 0, count: shape.reduce(1, *)))
  }

  /// The place of the first element that is NaN or infinite; nil where all are finite.
  ///
  /// - Complexity: O(elements).
  public var firstNonFinite: Int? {
    // The exponent of what is not finite is all ones.
    let largest = wsl_largest_magnitude_bits(values, Int64(values.count))
    return largest < 0x7F80_0000 ? nil : values.firstIndex { !$0.isFinite }
  }

  /// The tensor with its axes in another order: axis k of the result is axis `order[k]` of this.
  ///
  /// - Complexity: O(elements).
  public func transposed(_ order: [Int]) -> Tensor {
    precondition(order.sorted() == Array(shape.indices), "the order must name every axis once")
    if order == Array(shape.indices) { return self }
    var strides = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let newShape = order.map { shape[$0] }
    let newStrides = order.map { strides[$0] }
    guard let rowLength = newShape.last, let rowStride = newStrides.last else { return self }
    let source = values
    var index = Array(repeating: 0, count: max(0, newShape.count - 1))
    let result = [Float](unsafeUninitializedCapacity: values.count) { buffer, initialized in
      var written = 0
      var base = 0
      while written < source.count {
        var from = base
        for _ in 0..<rowLength {
          buffer[written] = source[from]
          written += 1
          from += rowStride
        }
        var axis = index.count - 1
        while axis >= 0 {
          index[axis] += 1
          base += newStrides[axis]
          if index[axis] < newShape[axis] { break }
          base -= newStrides[axis] * newShape[axis]
          index[axis] = 0
          axis -= 1
        }
        if axis < 0 { break }
      }
      initialized = source.count
    }
    return Tensor(shape: newShape, values: result)
  }
}

/// A network's tensors in memory, by name.
public typealias Weights = [String: Tensor]

extension Weights {
  /// How much memory their elements take.
  public var byteCount: Int { values.reduce(0) { $0 + $1.values.count * MemoryLayout<Float>.size } }
}
