import Support
import Tensors

extension ModelContents {
  /// The tensors with those of 8-bit floats as Float32, which is exact, where a container has no type
  /// for them.
  func widened(for container: OutputFormat.Container) -> ModelContents {
    guard !container.hasSmallFloats else { return self }
    var contents = self
    for index in items.indices where items[index].elementType.isSmallFloat {
      contents.items[index] = items[index].widened
    }
    return contents
  }

  /// Which tensors get another type in a container, one line for each reason.
  public func conversions(for container: OutputFormat.Container) -> [String] {
    var lines: [String] = []
    if !quantisedTypes.isEmpty {
      let types = Set(quantisedTypes).map(\.rawValue).sorted().joined(separator: ", ")
      lines.append(
        "quantised tensors become Float32, as they are read: \(quantisedTypes.count) of \(types)")
    }
    let small = items.filter { $0.elementType.isSmallFloat }
    if !container.hasSmallFloats, !small.isEmpty {
      let types = Set(small.map(\.elementType.rawValue)).sorted().joined(separator: ", ")
      lines.append(
        "8-bit floats become Float32, which is exact, as \(container.rawValue) has no such type: "
          + "\(small.count) of \(types)")
    }
    return lines
  }
}

extension OutputFormat.Container {
  /// Whether tensors of 8-bit floats keep their type. HDF5 1.x and NumPy have none that their libraries
  /// read back.
  fileprivate var hasSmallFloats: Bool { self == .safetensors }
}

extension ModelContents.Item {
  /// The same numbers as Float32.
  fileprivate var widened: Self {
    var item = self
    item.elementType = .float32
    item.open = { [open, elementType] jobs in
      let source = try open(jobs)
      let elements = ComputedElements { range, target in
        var space = TensorSource.Space()
        let size = elementType.byteCount
        try source.withBytes((range.lowerBound * size)..<(range.upperBound * size), &space) {
          elementType.widen($0, to: target.bindMemory(to: Float.self))
        }
      }
      return TensorSource(storage: .computed(elements), elementType: .float32)
    }
    return item
  }
}
