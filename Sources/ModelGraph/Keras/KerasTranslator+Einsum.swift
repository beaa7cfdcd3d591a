import Catalogs
import Support

extension KerasTranslator {
  /// EinsumDense as a dense layer, with its axes of channels made one before and several after. Nil for
  /// other layers.
  mutating func einsum(
    _ layer: KerasLayer, _ path: KerasPath, _ name: String, _ inputs: [Int]
  ) throws -> Int? {
    guard layer.className == "EinsumDense", let equation = layer.attributes.text("equation") else {
      return nil
    }
    let shape = builder.shape(of: inputs[0])
    guard !shape.isEmpty, channelOrder == .last || shape.count == 1 else {
      throw NotUnderstood(reason: "what its axes are is not known")
    }
    let einsum = try KerasEinsum(equation, rank: shape.count)
    let biasAxes = layer.attributes.text("bias_axes") ?? ""
    guard biasAxes.isEmpty || biasAxes == einsum.made else {
      throw NotUnderstood(
        reason: "a bias over the axes \(biasAxes) of \(equation) is not understood")
    }
    // The lengths are those of the kernel in the file.
    let place = tensors.candidates(at: path)
    guard let kernel = place.first(where: { $0.variable == "kernel" }) ?? place.first,
      kernel.entry.shape.count == einsum.isSummed.count
    else {
      throw Diagnostic(.badData, "the file has no kernel for the equation \(equation)")
    }
    let lengths = zip(kernel.entry.shape, einsum.isSummed)
    let summed = lengths.filter(\.1).map(\.0)
    let made = lengths.filter { !$0.1 }.map(\.0)
    let dense: Int
    switch einsum.kind {
    case .steps:
      let axes = einsum.isSummed.map { $0 ? Parameter.Axis.stepInput : .stepOutput }
      var expected = [ExpectedTensor(.kernel, axes, "kernel")]
      if !biasAxes.isEmpty {
        expected.append(ExpectedTensor(.bias, [.stepOutput, .fixed], "bias"))
      }
      dense = try add(name, .stepDense(units: made[0]), inputs, expected, path)
    case .dense(let summedCount, let madeCount):
      guard summedCount <= 2, madeCount <= 2, let units = CheckedShape.product(made) else {
        throw NotUnderstood(reason: "the equation \(equation) is not understood")
      }
      var expected = [
        ExpectedTensor(
          .kernel,
          einsum.isSummed[0]
            ? axes(summed, isInput: true) + axes(made, isInput: false)
            : axes(made, isInput: false) + axes(summed, isInput: true), "kernel")
      ]
      if !biasAxes.isEmpty {
        expected.append(ExpectedTensor(.bias, axes(made, isInput: false), "bias"))
      }
      let flat =
        summedCount == 1
        ? inputs[0]
        : try reshape("\(name)/joined", inputs[0], Array(shape.dropLast(2)), summed)
      let product = try add(
        madeCount == 1 ? name : "\(name)/dense", .dense(units: units), [flat], expected, path)
      dense =
        madeCount == 1
        ? product
        : try reshape(name, product, Array(shape.dropLast(summedCount)), made, splits: true)
    }
    return try activate(layer, name: name, dense)
  }

  /// What the axes of a kernel mean that one or two axes of channels have.
  private func axes(_ lengths: [Int], isInput: Bool) -> [Parameter.Axis] {
    guard lengths.count == 2 else { return [isInput ? .input : .output] }
    return isInput
      ? [.inputStretch(width: lengths[1]), .inputPart]
      : [.outputStretch(width: lengths[1]), .outputPart]
  }

  /// Adds a reshape that makes two last axes one, or one two. One length before them may be unknown.
  private mutating func reshape(
    _ name: String, _ input: Int, _ before: [Int?], _ last: [Int], splits: Bool = false
  ) throws -> Int {
    guard before.filter({ $0 == nil }).count <= 1, let product = CheckedShape.product(last) else {
      throw NotUnderstood(reason: "the lengths of its axes are not known")
    }
    let target = before.map { $0 ?? -1 } + (splits ? last : [product])
    return try builder.add(name, .reshape(target), inputs: [input])
  }
}
