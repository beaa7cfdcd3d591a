public import Catalogs
import CElements
import Support
public import Tensors

extension Merger {
  /// Makes a range of a tensor's elements.
  func fill(
    _ range: Range<Int>, of tensor: OpenedTensor, by rule: TensorRule,
    into target: UnsafeMutableRawBufferPointer
  ) throws {
    try tensor.fill(range, by: rule, into: target, distances)
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
