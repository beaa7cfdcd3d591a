import Catalogs
import Tensors

extension ONNXTensor {
  /// What is known of a tensor of a type that is not read.
  func unread(in external: inout ExternalData) -> UnreadTensor {
    let shape = lengths.compactMap { $0 < 0 ? nil : Int(exactly: $0) }
    guard shape.count == lengths.count else { return UnreadTensor(dtype: typeName) }
    var result = UnreadTensor(dtype: typeName, shape: shape, mayBeWeight: typeName != "STRING")
    guard let bits, let count = checkedProduct(shape + [bits]) else { return result }
    result.content = content(byteCount: (count + 7) / 8, &external)
    return result
  }

  /// The size of an element in bits, where it is fixed.
  private var bits: Int? {
    if let elementType { return 8 * elementType.byteCount }
    return switch typeCode {
    case 14: 64
    case 15: 128
    case 24: 8
    case 21, 22, 23: 4
    case 25, 26: 2
    case 27, 28: 6
    default: nil
    }
  }

  /// The bytes, however they are stored; nil where they are not what the shape takes.
  private func content(byteCount: Int, _ external: inout ExternalData) -> TensorEntry? {
    if isExternal {
      guard let place = try? external.place(location, byteCount: byteCount) else { return nil }
      return UnreadTensor.run(
        name, offset: place.offset, byteCount: byteCount, part: place.part)
    }
    let filled = runs.filter { !$0.range.isEmpty }
    if let run = filled.first {
      guard filled.count == 1, numbers.isEmpty, run.range.count == byteCount else { return nil }
      return UnreadTensor.run(name, offset: run.range.lowerBound, byteCount: byteCount)
    }
    // Numbers of a byte, one after another in a list of wider ones.
    let values = numbers[5] ?? []
    guard numbers.count <= 1, values.count == byteCount else { return nil }
    return TensorEntry(
      name: name, shape: [byteCount], elementType: .uint8,
      layout: .inline(values.map { UInt8(truncatingIfNeeded: $0) }))
  }
}
