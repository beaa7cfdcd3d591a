import Catalogs
import CElements
import ModelGraph
import Support
import Tensors

/// A tensor of an adapter that is no update: a bias, a whole layer that was trained beside it.
struct PlainTensor: Sendable {
  /// The tensor as it is in the first adapter that has it.
  let entry: TensorEntry
  /// The adapters whose tensors are averaged, with their shares; the first alone where the tensor
  /// stays as it is.
  let terms: [(input: Int, entry: TensorEntry, share: Double)]
  /// Whether the bytes are those of the first.
  let isKept: Bool

  /// Finds the tensors of all adapters.
  ///
  /// - Throws: `Diagnostic` of code `badData` where an adapter lacks one, and where the recipe has no
  ///   shares: such a tensor is no difference from anything that the files hold.
  static func all(_ inputs: [AdapterInput], _ recipe: AdapterRecipe) throws -> [PlainTensor] {
    var order: [TensorEntry] = []
    var found: [String: [Int: TensorEntry]] = [:]
    for (index, input) in inputs.enumerated() {
      for entry in input.adapter.others {
        if found[entry.name] == nil { order.append(entry) }
        found[entry.name, default: [:]][index] = entry
      }
    }
    return try order.map { entry in
      let own = found[entry.name] ?? [:]
      let first = own.keys.min() ?? 0
      guard entry.elementType.isFloatingPoint, TensorRole(ofTensorNamed: entry.name) == nil else {
        return PlainTensor(entry: entry, terms: [(first, entry, 1)], isKept: true)
      }
      guard recipe.areShares else {
        throw Diagnostic(
          .badData, "this is no update, and what it was before is not in the adapter",
          at: [inputs[first].name, entry.name], remedy: "merge the adapters by their mean")
      }
      let terms = try inputs.indices.map { index in
        guard let other = own[index], other.shape == entry.shape,
          other.elementType.isFloatingPoint
        else {
          throw Diagnostic(
            .badData, "it has no such tensor of shape \(entry.shape), which is no update",
            at: [inputs[index].name, entry.name],
            remedy: "merge adapters that train the same whole layers and biases")
        }
        return (input: index, entry: other, share: recipe.factors[index])
      }
      return PlainTensor(entry: entry, terms: terms, isKept: false)
    }
  }

  /// The result's elements, little-endian.
  ///
  /// - Throws: `Diagnostic` of code `badData` where a tensor is damaged or a result is not finite.
  func bytes(_ inputs: [AdapterInput]) throws -> [UInt8] {
    if isKept { return try inputs[terms[0].input].readBytes(entry) }
    var sum = Array(repeating: 0.0, count: entry.elementCount)
    for (input, entry, share) in terms {
      for (place, value) in try inputs[input].read(entry).enumerated() {
        sum[place] += share * value
      }
    }
    return try entry.elementType.bytes(narrowing: sum, of: entry.name)
  }
}

extension ElementType {
  /// Numbers as little-endian elements of this type of floating-point numbers, rounded once.
  ///
  /// - Throws: `Diagnostic` of code `badData` where one is too large for it.
  func bytes(narrowing values: [Double], of name: String) throws -> [UInt8] {
    let size = values.count * byteCount
    return try [UInt8](unsafeUninitializedCapacity: size) { target, count in
      guard
        wsl_narrow(
          kernelType, values, UnsafeMutableRawBufferPointer(target).baseAddress,
          Int64(values.count)) == 0
      else {
        throw Diagnostic(
          .badData, "a merged number is too large for \(rawValue)", at: [name],
          remedy: "lower the weights")
      }
      count = size
    }
  }
}
