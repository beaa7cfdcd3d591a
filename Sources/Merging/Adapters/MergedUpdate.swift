import Catalogs
import LinearAlgebra
import ModelGraph
import Tensors

/// The update of one module in the result, and what it is made of.
struct MergedUpdate: Sendable {
  /// An adapter's part in it.
  struct Term: Sendable {
    /// Which adapter.
    let input: Int
    /// Its update.
    let update: LowRankUpdate
    /// What that is multiplied by, the adapter's scale not counted.
    let factor: Double
    /// The scale; 1 where nothing says it.
    let scale: Double
  }

  /// What a pass over the factors showed.
  struct Findings: Sendable {
    /// The squared size of the exact result.
    var squaredNorm = 0.0
    /// The squared size of what was cut off.
    var squaredRest = 0.0
    /// The squared distance of each adapter's own update to the result; adapters without one have none.
    var squaredDistances: [Double]
  }

  /// The terms; the first one's names and scale are those of the result.
  let terms: [Term]
  /// The rank of the result.
  let rank: Int
  /// The type of its factors.
  let elementType: ElementType

  /// The names and the axes of the result.
  var model: LowRankUpdate { terms[0].update }
  /// What a reader will multiply the result's product by.
  var scale: Double { terms[0].scale }

  init(_ terms: [Term], limit: Int?) {
    self.terms = terms
    let sum = terms.reduce(0) { $0 + $1.update.rank }
    let update = terms[0].update
    rank = limit.map { min($0, sum, update.rows, update.columns) } ?? sum
    let types = Set(terms.flatMap { [$0.update.left.elementType, $0.update.right.elementType] })
    // Of several types none holds all the others' numbers but this one.
    elementType = types.count == 1 ? types.first ?? .float32 : .float32
  }

  /// The factors of the result.
  func factors(_ inputs: [AdapterInput]) throws -> (pair: FactorPair, findings: Findings) {
    let own = try terms.map { term in
      (term: term, pair: try inputs[term.input].factors(term.update))
    }
    let exact = FactorPair(
      sumOf: own.map { (factor: $0.term.factor * $0.term.scale / scale, pair: $0.pair) })
    var findings = Findings(squaredDistances: Array(repeating: 0, count: inputs.count))
    var result = exact
    let square = scale * scale
    findings.squaredNorm = square * exact.product(with: exact)
    if rank < exact.left.columns {
      let cut = try exact.cut(to: rank)
      result = cut.pair
      findings.squaredRest = square * cut.rest.reduce(0) { $0 + $1 * $1 }
    }
    let size = square * result.product(with: result)
    for input in inputs.indices {
      guard let part = own.first(where: { $0.term.input == input }) else {
        findings.squaredDistances[input] = size
        continue
      }
      let ownScale = part.term.scale
      findings.squaredDistances[input] = max(
        0,
        size + ownScale * ownScale * part.pair.product(with: part.pair)
          - 2 * ownScale * scale * part.pair.product(with: result))
    }
    return (result, findings)
  }
}
