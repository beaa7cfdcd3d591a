import LinearAlgebra

/// One change of a network's tensors that leaves its function as it is, or one part of such a change.
/// Every step can be undone.
enum GaugeStep: Sendable, Hashable {
  /// Units change alike in several places.
  case map([UnitPlaces], UnitMap)
  /// A kernel's answer to a constant input goes into its bias, or out of it.
  case shift(BiasShift)
  /// Some elements of a vector become others.
  case set(ElementChange)
  /// Every unit gets the same added to it: its mean taken away, or given back.
  case add(CommonTerm)
  /// Experts change places.
  case exchange(ExpertExchange)

  /// The step that undoes this one.
  var inverse: GaugeStep {
    switch self {
    case .map(let places, let map): return .map(places, map.inverse)
    case .shift(var shift):
      shift.sign = -shift.sign
      return .shift(shift)
    case .set(let change):
      return .set(
        ElementChange(
          tensor: change.tensor, entries: change.entries, old: change.new, new: change.old))
    case .add(var term):
      term.sign = -term.sign
      return .add(term)
    case .exchange(let exchange): return .exchange(exchange.inverse)
    }
  }

  /// The tensors that it changes.
  var targets: [String] {
    switch self {
    case .map(let places, _): places.map(\.tensor)
    case .shift(let shift): [shift.bias]
    case .set(let change): [change.tensor]
    case .add(let term): [term.places.tensor]
    case .exchange(let exchange): exchange.tensors.flatMap { $0 }
    }
  }
}

/// `bias[o] += sign · Σ kernel[o, i] · input[i]`.
struct BiasShift: Sendable, Hashable {
  var bias: String
  var kernel: String
  /// The kernel's axis of inputs, and the entries of it that see the constant.
  var inputAxis: Int
  var entries: [Int]
  /// The kernel's axis of outputs.
  var outputAxis: Int
  /// The constant, one number an entry.
  var input: [Double]
  var sign = 1.0

  /// What is added to the bias.
  ///
  /// - Complexity: O(elements of the kernel).
  func change(kernel values: [Double], shape: [Int]) -> [Double] {
    guard shape.indices.contains(inputAxis), shape.indices.contains(outputAxis) else { return [] }
    var weight = Array(repeating: 0.0, count: shape[inputAxis])
    for (entry, value) in zip(entries, input) where weight.indices.contains(entry) {
      weight[entry] = value
    }
    let inputStride = shape[(inputAxis + 1)...].reduce(1, *)
    let outputStride = shape[(outputAxis + 1)...].reduce(1, *)
    let (inputs, outputs) = (shape[inputAxis], shape[outputAxis])
    var result = Array(repeating: 0.0, count: outputs)
    for (index, value) in values.enumerated() {
      result[index / outputStride % outputs] += value * weight[index / inputStride % inputs]
    }
    return result.map { $0 * sign }
  }
}

/// Elements that are replaced.
struct ElementChange: Sendable, Hashable {
  var tensor: String
  /// The elements, row-major.
  var entries: [Int]
  var old: [Double]
  var new: [Double]
}

/// What is added to all units of a place alike.
struct CommonTerm: Sendable, Hashable {
  var places: UnitPlaces
  /// One number for each element that a unit has, for each beginning of the axis.
  var values: [Double]
  var sign: Double

  /// The mean of the units of a tensor, to be taken away.
  init?(meanOf places: UnitPlaces, _ tensor: DoubleTensor) {
    guard let blocks = UnitBlocks(places, shape: tensor.shape), !places.starts.isEmpty else {
      return nil
    }
    self.places = places
    sign = -1
    values = Array(repeating: 0, count: blocks.outer * blocks.block)
    for outer in 0..<blocks.outer {
      for unit in places.starts.indices {
        let offset = blocks.offset(outer, unit)
        for index in 0..<blocks.block {
          values[outer * blocks.block + index] += tensor.values[offset + index]
        }
      }
    }
    let scale = 1 / Double(places.starts.count)
    for index in values.indices { values[index] *= scale }
  }

  /// One that was written down.
  init(places: UnitPlaces, values: [Double], sign: Double) {
    self.places = places
    self.values = values
    self.sign = sign
  }

  func apply(to tensor: inout DoubleTensor) {
    guard let blocks = UnitBlocks(places, shape: tensor.shape),
      values.count == blocks.outer * blocks.block
    else { return }
    for outer in 0..<blocks.outer {
      for unit in places.starts.indices {
        let offset = blocks.offset(outer, unit)
        for index in 0..<blocks.block {
          tensor.values[offset + index] += sign * values[outer * blocks.block + index]
        }
      }
    }
  }
}

/// A tensor in Float64, row-major.
struct DoubleTensor: Sendable {
  var shape: [Int]
  var values: [Double]
}
