import Synchronization

/// What was seen of the updates while the result's factors were made.
final class AdapterFindings: Sendable {
  private let inputCount: Int
  private let found = Mutex<[String: MergedUpdate.Findings]>([:])

  init(inputCount: Int) { self.inputCount = inputCount }

  /// Takes what was seen of a module; what is seen twice counts once.
  func add(_ findings: MergedUpdate.Findings, of module: String) {
    found.withLock { $0[module] = findings }
  }

  /// The distances of the adapters to the result, and the relative size of what was cut off; always
  /// summed in the same order.
  var summary: (l2: [Double], error: Double) {
    let all = found.withLock { $0 }
    var squares = Array(repeating: 0.0, count: inputCount)
    var (whole, rest) = (0.0, 0.0)
    for module in all.keys.sorted() {
      guard let one = all[module] else { continue }
      for (input, square) in one.squaredDistances.enumerated() { squares[input] += square }
      whole += one.squaredNorm
      rest += one.squaredRest
    }
    return (squares.map { $0.squareRoot() }, whole > 0 ? (rest / whole).squareRoot() : 0)
  }
}
