import Catalogs

extension RowDoubts {
  /// One tensor under two names may be one layer used twice.
  mutating func doubtSharing() {
    var first: [TensorEntry.Layout: Int] = [:]
    for (index, link) in kernels.enumerated() {
      guard let entry = link.module.tensors[.kernel] else { continue }
      switch entry.layout {
      case .contiguous, .strided: break
      default: continue
      }
      guard let other = first.updateValue(index, forKey: entry.layout) else { continue }
      doubt(
        .sharing,
        "\(kernels[other].module.path) and \(link.module.path) are one tensor under two names",
        alternatives: ["one layer used twice"],
        holding: [other, other + 1, index, index + 1])
    }
  }
}
