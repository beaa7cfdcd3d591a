import CKernels
import ModelGraph

extension AttentionKernel {
  /// Where the gradients go. It may be shared because every thread writes the rows of its own heads.
  struct Gradients: @unchecked Sendable {
    var queries: UnsafeMutablePointer<Float>
    var keys: UnsafeMutablePointer<Float>
    var values: UnsafeMutablePointer<Float>
    /// The learned bias's, `[sequence, head, row]`; nil where none is learned.
    var bias: UnsafeMutablePointer<Float>?
  }

  /// Computes the gradients of queries, keys, values and the learned bias. `memory.result` holds the
  /// gradient of the result.
  ///
  /// - Throws: `Diagnostic` where a matrix product fails.
  func runBackward(_ memory: Memory, into gradients: Gradients) throws {
    try share(memory) { sequence, shared, work in
      for head in shared * sizes.headsPerShared..<(shared + 1) * sizes.headsPerShared {
        guard differentiate(memory, gradients, sequence, head, work) else { return false }
      }
      return true
    }
  }

  private func differentiate(
    _ memory: Memory, _ gradients: Gradients, _ sequence: Int, _ head: Int,
    _ work: UnsafeMutablePointer<Float>
  ) -> Bool {
    let (queries, keys) = (sizes.querySteps, sizes.keySteps)
    let shared = head / sizes.headsPerShared
    // The heads that share keys add up, the first of them onto nothing.
    let keep: Float = head % sizes.headsPerShared == 0 ? 0 : 1
    let queryPlace = (sequence * queries * sizes.heads + head) * sizes.width
    let keyPlace = (sequence * keys * sizes.sharedHeads + shared) * sizes.width
    let valuePlace = (sequence * keys * sizes.sharedHeads + shared) * sizes.valueWidth
    let result = memory.result + (sequence * queries * sizes.heads + head) * sizes.valueWidth
    let change = work + productCount
    guard multiply(queryTimesKey: memory, sequence, head, into: work) else { return false }
    let products = work + 2 * productCount
    if cap != 0 { products.update(from: work, count: productCount) }
    let weights = weigh(work, memory, sequence, head)
    guard
      sgemm(
        true, false, keys, sizes.valueWidth, queries, 1, weights, keys, result, sizes.resultRow,
        keep, gradients.values + valuePlace, sizes.valueRow),
      sgemm(
        false, true, queries, keys, sizes.valueWidth, 1, result, sizes.resultRow,
        memory.values + valuePlace, sizes.valueRow, 0, change, keys)
    else { return false }
    differentiateRows(
      weights, change, cap != 0 ? products : weights, memory, gradients, sequence, head,
      row: work + threadWorkCount - keys)
    return sgemm(
      false, false, queries, sizes.width, keys, scale, change, keys, memory.keys + keyPlace,
      sizes.keyRow, 0, gradients.queries + queryPlace, sizes.queryRow)
      && sgemm(
        true, false, keys, sizes.width, queries, scale, change, keys,
        memory.queries + queryPlace, sizes.queryRow, keep, gradients.keys + keyPlace,
        sizes.keyRow)
  }

  /// The gradient of the products, in the place of that of the weights, and that of the learned bias.
  private func differentiateRows(
    _ weights: UnsafeMutablePointer<Float>, _ change: UnsafeMutablePointer<Float>,
    _ products: UnsafeMutablePointer<Float>, _ memory: Memory, _ gradients: Gradients,
    _ sequence: Int, _ head: Int, row: UnsafeMutablePointer<Float>
  ) {
    let keys = sizes.keySteps
    let bias = bias.flatMap { $0.rows.isEmpty ? nil : $0 }
    let sums = gradients.bias.flatMap { sums in
      bias.map { sums + (sequence * sizes.heads + head) * $0.rowCount }
    }
    if let sums, let bias { sums.update(repeating: 0, count: bias.rowCount) }
    for query in 0..<sizes.querySteps {
      let place = query * keys
      let rule = self.row(query, memory, nil, sequence, head)
      wsl_attention_row_gradient(
        weights + place, change + place, products + place, sums == nil ? nil : row, Int64(keys),
        rule)
      // Queries that a mask left out do not depend on what they are.
      if rule.scale == 0 { (change + place).update(repeating: 0, count: keys) }
      guard let sums, let bias else { continue }
      let first = bias.place(of: query)
      for key in 0..<keys { sums[bias.rows[first + key]] += row[key] }
    }
  }
}
