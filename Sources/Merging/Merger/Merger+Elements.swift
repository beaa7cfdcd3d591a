public import Catalogs
import CKernels
import Support
public import Tensors

extension Merger {
  /// Makes a range of a tensor's elements.
  func fill(
    _ range: Range<Int>, of tensor: OpenedTensor, by rule: TensorRule,
    into target: UnsafeMutableRawBufferPointer
  ) throws {
    let type = tensor.entry.elementType
    let wanted = rule.wanted(modelCount: models.count)
    let read = Array(models.indices) + (wanted.contains(tensor.base) ? [tensor.base] : [])
    try pool.withWorkspace { workspace in
      var squares = [Double](repeating: 0, count: models.count)
      for model in models.indices { workspace.staying[model] = 0 }
      try tensor.forEachBlock(of: range, wanted: read, in: workspace) { first, count in
        let place = target.baseAddress.map { $0 + (first - range.lowerBound) * type.byteCount }
        let isBroken = rule.apply(
          at: first, count: count, modelCount: models.count, in: workspace)
        let result = workspace.spare(0)
        guard !isBroken, wsl_narrow(type.kernelType, result, place, Int64(count)) == 0 else {
          throw tensor.notFinite(at: first, count: count, wanted: wanted)
        }
        if type != .float64 { wsl_widen(type.kernelType, place, result, Int64(count)) }
        for model in models.indices {
          if rule.changesInputs {
            tensor.widenAgain(model, at: first, count: count, of: range, in: workspace)
          }
          squares[model] += wsl_squared_distance(
            workspace.block(model), result, Int64(count))
        }
      }
      distances.add(
        squares, staying: Array(workspace.staying[..<models.count]), count: range.count,
        tensor: tensor.entry.name, at: range.lowerBound)
    }
  }

  /// Merges one tensor in memory, to numbers as the first model's type rounds them.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is damaged or not finite.
  public func merged(_ entry: TensorEntry, jobs: Int? = nil) throws -> Tensor {
    let tensor = try open(entry, jobs: jobs)
    let rule = try rule(for: tensor, jobs: jobs)
    let size = entry.elementType.byteCount
    let bytes = try [UInt8](unsafeUninitializedCapacity: tensor.count * size) { bytes, count in
      try fill(0..<tensor.count, of: tensor, by: rule, into: UnsafeMutableRawBufferPointer(bytes))
      count = tensor.count * size
    }
    var values = [Double](repeating: 0, count: tensor.count)
    bytes.withUnsafeBytes {
      wsl_widen(entry.elementType.kernelType, $0.baseAddress, &values, Int64(tensor.count))
    }
    return Tensor(shape: entry.shape, values: values.map { Float($0) })
  }
}
