import LinearAlgebra
import ModelGraph
import Support
public import Tensors

/// A change of a network's tensors that leaves its function as it is: steps, one after another, each of
/// which can be undone.
public struct GaugeTransform: Sendable, Hashable {
  private(set) var steps: [GaugeStep] = []
  /// The steps that change each tensor, in order.
  private var touching: [String: [Int]] = [:]

  /// A change of nothing.
  public init() {}

  init(_ steps: [GaugeStep]) {
    for step in steps { append(step) }
  }

  mutating func append(_ step: GaugeStep) {
    if case .map(_, let map) = step, map.isIdentity { return }
    if case .exchange(let exchange) = step, exchange.order == Array(exchange.order.indices) {
      return
    }
    for name in Set(step.targets) { touching[name, default: []].append(steps.count) }
    steps.append(step)
  }

  mutating func append(_ other: GaugeTransform) {
    for step in other.steps { append(step) }
  }

  /// The change that undoes this one.
  public var inverse: GaugeTransform { GaugeTransform(steps.reversed().map(\.inverse)) }

  /// The tensors that it changes.
  public var tensors: Set<String> { Set(touching.keys) }

  /// One tensor after the change, in Float64.
  ///
  /// - Parameters:
  ///   - source: the tensors before it.
  ///   - count: take only so many steps, the first ones; nil for all.
  /// - Throws: `Diagnostic(.badData)` where a tensor is missing or does not hold its units.
  /// - Complexity: that of the steps that change the tensor; a bias may need its kernel, too.
  func tensor(_ name: String, of source: Weights, upTo count: Int? = nil) throws -> DoubleTensor {
    guard let stored = source[name] else {
      throw Diagnostic(.badData, "the tensor is missing", at: [name])
    }
    var tensor = DoubleTensor(shape: stored.shape, values: stored.values.map(Double.init))
    for index in touching[name] ?? [] where index < count ?? .max {
      try apply(steps[index], at: index, name, to: &tensor, of: source)
    }
    return tensor
  }

  private func apply(
    _ step: GaugeStep, at index: Int, _ name: String, to tensor: inout DoubleTensor,
    of source: Weights
  ) throws {
    func misfit() -> Diagnostic {
      Diagnostic(
        .badData, "the change does not fit a tensor of shape \(tensor.shape)", at: [name])
    }
    switch step {
    case .map(let places, let map):
      for places in places where places.tensor == name {
        guard let blocks = UnitBlocks(places, shape: tensor.shape),
          places.starts.count == map.size
        else { throw misfit() }
        map.apply(to: &tensor.values, blocks)
      }
    case .shift(let shift):
      let kernel = try self.tensor(shift.kernel, of: source, upTo: index)
      let change = shift.change(kernel: kernel.values, shape: kernel.shape)
      guard change.count == tensor.values.count else { throw misfit() }
      for (index, value) in change.enumerated() { tensor.values[index] += value }
    case .set(let change):
      for (entry, value) in zip(change.entries, change.new) {
        guard tensor.values.indices.contains(entry) else { throw misfit() }
        tensor.values[entry] = value
      }
    case .add(let term):
      guard UnitBlocks(term.places, shape: tensor.shape) != nil else { throw misfit() }
      term.apply(to: &tensor)
    case .exchange(let exchange):
      guard let other = exchange.source(of: name), other != name else { return }
      let shape = tensor.shape
      tensor = try self.tensor(other, of: source, upTo: index)
      guard tensor.shape == shape else { throw misfit() }
    }
  }

  /// All tensors after the change, worked out in Float64 and rounded once.
  ///
  /// - Throws: `Diagnostic(.badData)` where a tensor is missing or does not hold its units.
  public func applied(to weights: Weights, jobs: Int? = nil) throws -> Weights {
    var result = weights
    let names = touching.keys.filter { weights[$0] != nil }.sorted()
    let changed = try Parallel.map(count: names.count, jobs: jobs) { index in
      let tensor = try self.tensor(names[index], of: weights)
      return Tensor(shape: tensor.shape, values: tensor.values.map { Float($0) })
    }
    for (name, tensor) in zip(names, changed) { result[name] = tensor }
    return result
  }
}
