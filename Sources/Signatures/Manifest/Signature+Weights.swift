public import Tensors

extension Signature {
  /// Weights in memory with the signature on them, to be measured; files are patched by `PatchPlan`.
  ///
  /// - Parameters:
  ///   - weights: of a network.
  ///   - names: the names of the signature's tensors there.
  ///   - alpha: how strongly.
  ///   - including: which tensors are patched, by their place in the manifest.
  /// - Throws: `Diagnostic` of code `badData` where codes are damaged.
  public func applied(
    to weights: Weights, names: [String], alpha: Double = 1,
    including: (Int) -> Bool = { _ in true }
  ) throws -> Weights {
    var result = weights
    for (place, (tensor, name)) in zip(manifest.tensors, names).enumerated() {
      guard including(place), var target = result[name],
        target.values.count == tensor.elementCount
      else { continue }
      let values = try values(of: tensor)
      for (index, value) in values.enumerated() {
        let old = Double(target.values[index])
        target.values[index] = Float(
          tensor.kind.isAdded ? old + alpha * value : old + min(1, alpha) * (value - old))
      }
      result[name] = target
    }
    return result
  }
}
