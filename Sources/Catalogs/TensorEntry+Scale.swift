import Tensors

extension TensorEntry {
  /// The tensor by which numbers of 8 bits are to be multiplied before they are weights, by its name
  /// beside theirs (`weight_scale`, `scale_weight`, `kernel_scale`); nil where there is none, and for wider
  /// numbers.
  ///
  /// - Parameter tensors: those of the same model.
  /// - Complexity: O(tensors).
  public func scale(among tensors: [TensorEntry]) -> String? {
    guard elementType.isSmallFloat else { return nil }
    let end = name.lastIndex { $0 == "." || $0 == "/" }
    let module = end.map { name[...$0] } ?? ""
    return tensors.first { other in
      guard other.name != name, other.name.hasPrefix(module) else { return false }
      let leaf = other.name.dropFirst(module.count)
      return leaf.contains("scale") && !leaf.contains { $0 == "." || $0 == "/" }
    }?.name
  }
}
