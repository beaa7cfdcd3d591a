import ModelGraph
import Support

/// The gradient of a recurrent layer, back through its steps (Werbos 1990).
///
/// The states are computed again and kept, a matrix for every step, since the forward pass keeps none.
struct RecurrentGradient {
  /// The memory that a run reads and writes, as that of the forward pass.
  struct Memory {
    var forward: RecurrentCell.Memory
    /// The gradient of the output.
    var change: UnsafeMutablePointer<Float>
    /// Where the gradients go; nil for one that nobody wants.
    var input: UnsafeMutablePointer<Float>?
    var kernel: UnsafeMutablePointer<Float>
    var recurrentKernel: UnsafeMutablePointer<Float>
    var bias: UnsafeMutablePointer<Float>?
    var recurrentBias: UnsafeMutablePointer<Float>?
  }

  let cell: RecurrentCell
  var kind: Recurrent.Kind { cell.parameters.kind }
  var units: Int { cell.parameters.units }
  var columns: Int { kind.gateCount * units }
  var rows: Int { cell.batch * cell.steps }

  /// The working memory, in floats: the products of inputs and of states, the states and cells before
  /// and after every step, and what flows back of both.
  var workCount: Int {
    2 * rows * columns + 2 * (rows + cell.batch) * units + 2 * cell.batch * units
  }

  /// Whether the gradient of so made a layer is known: functions whose slope follows from their value,
  /// and a GRU that resets after the product.
  static func knows(_ parameters: Recurrent) -> Bool {
    func isKnown(_ activation: Activation) -> Bool {
      [.tanh, .sigmoid, .relu, .linear].contains(activation)
    }
    return isKnown(parameters.activation)
      && (parameters.kind == .simple || isKnown(parameters.gateActivation))
      && (parameters.kind != .gru || parameters.resetsAfter)
  }

  /// Computes all gradients.
  ///
  /// - Throws: `Diagnostic` where a matrix product fails.
  func run(_ memory: Memory) throws {
    let batch = cell.batch
    let products = memory.forward.work
    let stateProducts = products + rows * columns
    let states = stateProducts + rows * columns
    let cells = states + (rows + batch) * units
    let back = cells + (rows + batch) * units
    let cellBack = back + batch * units
    try forward(memory.forward, products, stateProducts, states, cells)
    back.update(repeating: 0, count: 2 * batch * units)
    for turn in (0..<cell.steps).reversed() {
      let isRead = cell.parameters.returnsSequences || turn == cell.steps - 1
      for example in 0..<batch {
        if isRead {
          let row =
            cell.parameters.returnsSequences
            ? example * cell.steps + place(of: turn) : example
          for unit in 0..<units {
            back[example * units + unit] += memory.change[row * units + unit]
          }
        }
        let row = example * cell.steps + step(of: turn)
        let before = (turn * batch + example) * units
        let after = before + batch * units
        let own = products + row * columns
        let fromState = stateProducts + (turn * batch + example) * columns
        if isMasked(memory.forward, row) {
          own.update(repeating: 0, count: columns)
          fromState.update(repeating: 0, count: columns)
          continue
        }
        differentiate(
          own, fromState, before: (states + before, cells + before), after: cells + after,
          back: back + example * units, cellBack: cellBack + example * units)
      }
      try check(
        sgemm(
          false, true, batch, units, columns, 1, stateProducts + turn * batch * columns, columns,
          memory.forward.recurrentKernel, columns, 1, back, units))
    }
    try finish(memory, products, stateProducts, states)
  }

  // MARK: Forward

  /// The step of the input that is read in a turn, and where its output stands.
  private func step(of turn: Int) -> Int {
    cell.parameters.goesBackwards ? cell.steps - 1 - turn : turn
  }

  private func place(of turn: Int) -> Int {
    cell.parameters.restoresOrder ? step(of: turn) : turn
  }

  private func isMasked(_ memory: RecurrentCell.Memory, _ row: Int) -> Bool {
    memory.mask.map { $0[row] == 0 } ?? false
  }

  /// All products, states and cells.
  private func forward(
    _ memory: RecurrentCell.Memory, _ products: UnsafeMutablePointer<Float>,
    _ stateProducts: UnsafeMutablePointer<Float>, _ states: UnsafeMutablePointer<Float>,
    _ cells: UnsafeMutablePointer<Float>
  ) throws {
    let batch = cell.batch
    try check(
      sgemm(
        false, false, rows, columns, cell.features, 1, memory.input, cell.features, memory.kernel,
        columns, 0, products, columns))
    add(memory.bias, to: products, rows: rows)
    let ownBias = cell.hasTwoBiases ? memory.bias.map { $0 + columns } : memory.recurrentBias
    states.update(repeating: 0, count: batch * units)
    cells.update(repeating: 0, count: batch * units)
    for turn in 0..<cell.steps {
      let before = states + turn * batch * units
      let own = stateProducts + turn * batch * columns
      try check(
        sgemm(
          false, false, batch, columns, units, 1, before, units, memory.recurrentKernel, columns, 0,
          own, columns))
      add(ownBias, to: own, rows: batch)
      let after = before + batch * units
      let cellsBefore = cells + turn * batch * units
      let cellsAfter = cellsBefore + batch * units
      after.update(from: before, count: batch * units)
      cellsAfter.update(from: cellsBefore, count: batch * units)
      for example in 0..<batch {
        let row = example * cell.steps + step(of: turn)
        if isMasked(memory, row) { continue }
        cell.advance(
          products + row * columns, own + example * columns, after + example * units,
          cellsAfter + example * units)
      }
    }
  }

  private func add(
    _ bias: UnsafeMutablePointer<Float>?, to target: UnsafeMutablePointer<Float>, rows: Int
  ) {
    guard let bias else { return }
    for row in 0..<rows {
      for column in 0..<columns { target[row * columns + column] += bias[column] }
    }
  }
}
