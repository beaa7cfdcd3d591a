import CKernels
import COneDNN
import ModelGraph
import Support

/// Scaled dot-product attention over the heads of a number of sequences.
///
/// A sequence and a head of keys is one piece of work; pieces are shared out over the threads of the
/// calling thread's limit. The products of a head lie in working memory of the thread's own, so that
/// what is needed does not grow with the batch. The backward pass computes them again.
struct AttentionKernel: Sendable {
  /// Where the numbers are. Rows are steps; a sequence follows the other.
  struct Memory: @unchecked Sendable {
    var queries: UnsafeMutablePointer<Float>
    var keys: UnsafeMutablePointer<Float>
    var values: UnsafeMutablePointer<Float>
    /// What is added by position, head after head; nil for nothing.
    var bias: UnsafeMutablePointer<Float>?
    /// What is added for each key of a sequence that a mask left out, `[sequence, key]`.
    var keyMask: UnsafeMutablePointer<Float>?
    /// 0 for queries that a mask left out, `[sequence, query]`.
    var queryMask: UnsafeMutablePointer<Float>?
    /// The result, or its gradient.
    var result: UnsafeMutablePointer<Float>
    /// `workCount` floats.
    var work: UnsafeMutablePointer<Float>
  }

  let attention: Attention
  let sizes: AttentionSizes
  let bias: AttentionBias?
  /// What is added in the windows of a shifted picture, `[window, query, key]`; empty for nothing.
  let windowMasks: [Float]
  let sequences: Int
  /// How many pieces of work run side by side.
  let threads: Int

  /// What Keras adds to the products of positions that a mask leaves out.
  static let masked: Float = -1e9

  var scale: Float { Float(attention.scale ?? 1 / Double(sizes.width).squareRoot()) }
  var cap: Float { Float(attention.softCap ?? 0) }
  var productCount: Int { sizes.querySteps * sizes.keySteps }
  /// The working memory of a thread in floats: two matrices of products, a third for the gradient
  /// behind a cap, and a row of the bias's gradient.
  var threadWorkCount: Int { (cap == 0 ? 2 : 3) * productCount + sizes.keySteps }
  /// The working memory in floats.
  var workCount: Int { threads * threadWorkCount }

  /// Computes the result.
  ///
  /// - Throws: `Diagnostic` where a matrix product fails.
  func run(_ memory: Memory) throws {
    try share(memory) { sequence, shared, work in
      for head in shared * sizes.headsPerShared..<(shared + 1) * sizes.headsPerShared {
        guard multiply(queryTimesKey: memory, sequence, head, into: work),
          sgemm(
            false, false, sizes.querySteps, sizes.valueWidth, sizes.keySteps, 1,
            weigh(work, memory, sequence, head), sizes.keySteps,
            memory.values + (sequence * sizes.keySteps * sizes.sharedHeads + shared)
              * sizes.valueWidth,
            sizes.valueRow, 0,
            memory.result + (sequence * sizes.querySteps * sizes.heads + head) * sizes.valueWidth,
            sizes.resultRow)
        else { return false }
      }
      return true
    }
  }

  /// Runs `body` for every sequence and head of keys, with a thread's working memory.
  func share(
    _ memory: Memory,
    _ body: @Sendable (_ sequence: Int, _ shared: Int, UnsafeMutablePointer<Float>) -> Bool
  ) throws {
    let pieces = sequences * sizes.sharedHeads
    let shares = max(1, min(threads, pieces))
    nonisolated(unsafe) let failed = UnsafeMutablePointer<Bool>.allocate(capacity: shares)
    failed.initialize(repeating: false, count: shares)
    defer { failed.deallocate() }
    ThreadLimit.each(shares) { thread in
      let work = memory.work + thread * threadWorkCount
      for piece in pieces * thread / shares..<pieces * (thread + 1) / shares {
        let isDone = body(piece / sizes.sharedHeads, piece % sizes.sharedHeads, work)
        if !isDone { failed[thread] = true }
      }
    }
    guard !(0..<shares).contains(where: { failed[$0] }) else {
      throw Diagnostic(.failed, "oneDNN's matrix product failed")
    }
  }

  /// The products of all queries and keys of a head.
  func multiply(
    queryTimesKey memory: Memory, _ sequence: Int, _ head: Int,
    into products: UnsafeMutablePointer<Float>
  ) -> Bool {
    let shared = head / sizes.headsPerShared
    return sgemm(
      false, true, sizes.querySteps, sizes.keySteps, sizes.width, 1,
      memory.queries + (sequence * sizes.querySteps * sizes.heads + head) * sizes.width,
      sizes.queryRow,
      memory.keys + (sequence * sizes.keySteps * sizes.sharedHeads + shared) * sizes.width,
      sizes.keyRow, 0, products, sizes.keySteps)
  }

  /// Turns the products into weights, in their place.
  func weigh(
    _ products: UnsafeMutablePointer<Float>, _ memory: Memory, _ sequence: Int, _ head: Int
  ) -> UnsafeMutablePointer<Float> {
    windowMasks.withUnsafeBufferPointer { masks in
      for query in 0..<sizes.querySteps {
        wsl_attention_row(
          products + query * sizes.keySteps, Int64(sizes.keySteps),
          row(query, memory, masks.baseAddress, sequence, head))
      }
    }
    return products
  }

  /// What is done to the products of a query.
  func row(
    _ query: Int, _ memory: Memory, _ masks: UnsafePointer<Float>?, _ sequence: Int, _ head: Int
  ) -> WSLAttentionRow {
    var keys = sizes.keys(of: query, attention)
    var mask: UnsafePointer<Float>?
    if let masks, !windowMasks.isEmpty {
      let window = sequence % (windowMasks.count / productCount)
      mask = masks + window * productCount + query * sizes.keySteps
    }
    if let keyMask = memory.keyMask { mask = UnsafePointer(keyMask + sequence * sizes.keySteps) }
    var factor = scale
    if let queryMask = memory.queryMask, queryMask[sequence * sizes.querySteps + query] == 0 {
      // All keys count alike, as all are left out alike; nobody should read what comes of it.
      (factor, mask, keys) = (0, nil, 0..<sizes.keySteps)
    }
    let bias = bias.flatMap { bias in
      memory.bias.map { UnsafePointer($0 + head * bias.headCount + bias.place(of: query)) }
    }
    return WSLAttentionRow(
      scale: factor, cap: cap, bias: bias, mask: mask, first: Int64(keys.lowerBound),
      last: Int64(keys.upperBound))
  }
}

/// C = factor·op(A)·op(B) + keep·C; whether it could be computed.
func sgemm(
  _ transposesA: Bool, _ transposesB: Bool, _ rows: Int, _ columns: Int, _ depth: Int,
  _ factor: Float, _ a: UnsafePointer<Float>, _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int,
  _ keep: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
) -> Bool {
  onednn_sgemm(
    transposesA, transposesB, Int64(rows), Int64(columns), Int64(depth), factor, a, Int64(lda), b,
    Int64(ldb), keep, c, Int64(ldc)) == 0
}
