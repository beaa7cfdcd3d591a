import CElements
import CMerging
import Catalogs
import Tensors

extension OpenedTensor {
  /// Makes a range of the result's elements, rounded to the type of `entry`.
  ///
  /// - Parameter distances: what notes how far each model is from them; nil where nobody asks.
  /// - Throws: `Diagnostic` of code `badData` where an element is not finite, or a file is damaged.
  func fill(
    _ range: Range<Int>, by rule: TensorRule, into target: UnsafeMutableRawBufferPointer,
    _ distances: MergeDistances?
  ) throws {
    let type = entry.elementType
    let wanted = rule.wanted(modelCount: modelCount)
    let read = Array(0..<modelCount) + (wanted.contains(base) ? [base] : [])
    try pool.withWorkspace { workspace in
      var squares = [Double](repeating: 0, count: modelCount)
      for model in 0..<modelCount { workspace.staying[model] = 0 }
      try forEachBlock(of: range, wanted: read, in: workspace) { first, count in
        let place = target.baseAddress.map { $0 + (first - range.lowerBound) * type.byteCount }
        let isBroken = rule.apply(
          at: first, count: count, modelCount: modelCount, in: workspace)
        let result = workspace.spare(0)
        guard !isBroken, wsl_narrow(type.kernelType, result, place, Int64(count)) == 0 else {
          throw notFinite(at: first, count: count, wanted: wanted)
        }
        if type != .float64 { wsl_widen(type.kernelType, place, result, Int64(count)) }
        for model in 0..<modelCount {
          if rule.changesInputs {
            widenAgain(model, at: first, count: count, of: range, in: workspace)
          }
          squares[model] += wsl_squared_distance(
            workspace.block(model), result, Int64(count))
        }
      }
      distances?.add(
        squares, staying: Array(workspace.staying[..<modelCount]), count: range.count,
        tensor: entry.name, at: range.lowerBound)
    }
  }
}
