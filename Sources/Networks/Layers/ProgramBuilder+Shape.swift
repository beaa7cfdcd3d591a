import COneDNN
import ModelGraph
import Support

extension ProgramBuilder {
  /// The elements in the model's own order under another shape. Nothing is copied where the value
  /// already lies in that order.
  func compileReshape(_ shape: [Int], _ layer: Layer, at index: Int) throws {
    define(try reshaped(try input(of: layer), to: shape, name: layer.name), for: index)
  }

  /// A value under another shape, and the way back for its gradient.
  func reshaped(_ input: Value, to target: [Int], name: String) throws -> Value {
    let known = target.filter { $0 > 0 }.reduce(1, *)
    let shape = target.map { $0 == -1 && known > 0 ? input.elementCount / known : $0 }
    guard shape.reduce(1, *) == input.elementCount else {
      throw Diagnostic(.badData, "a shape \(input.shape) cannot become \(target)")
    }
    let channelAxis = graph.channelOrder == .last ? shape.count - 1 : 0
    let output = try Value(name: name, batch: batch, shape: shape, channelAxis: channelAxis)
    output.needsGradient = input.needsGradient
    let source = try plain(input)
    output.forms = [Form(layout: output.plainLayout, buffer: source.buffer)]
    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      contribute(Form(layout: input.plainLayout, buffer: gradient.buffer), to: input)
    }
    return output
  }

  /// Zeros around the spatial axes (`sign` 1), or positions taken away there (`sign` −1).
  func compileMargins(_ margins: [Margin], sign: Int, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let spatial = input.spatialShape
    guard margins.count == spatial.count,
      margins.allSatisfy({ (0..<1 << 24).contains($0.before) && (0..<1 << 24).contains($0.after) })
    else {
      throw Diagnostic(.badData, "margins for \(margins.count) of \(spatial.count) spatial axes")
    }
    var all = margins
    all.insert(Margin(0, 0), at: input.channelAxis)
    try compileBox(all, sign: sign, input, layer, at: index)
  }

  /// Zero channels before and after the others.
  func compileChannelPadding(_ margin: Margin, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    var all = input.shape.map { _ in Margin(0, 0) }
    guard margin.before >= 0, margin.after >= 0 else {
      throw Diagnostic(.badData, "\(margin.before) and \(margin.after) channels of padding")
    }
    all[input.channelAxis] = margin
    try compileBox(all, sign: 1, input, layer, at: index)
  }

  /// Margins around every axis of an example: zeros put there, or positions taken away.
  private func compileBox(
    _ margins: [Margin], sign: Int, _ input: Value, _ layer: Layer, at index: Int
  ) throws {
    let shape = zip(input.shape, margins).map { $0 + sign * ($1.before + $1.after) }
    let output = try makeValue(layer.name, shape: shape, channelAxis: input.channelAxis)
    output.needsGradient = input.needsGradient
    let offsets = margins.map(\.before)
    let inner = sign > 0 ? input.shape : output.shape
    let outer = sign > 0 ? output.shape : input.shape
    let region = RegionCopy(
      region: [batch] + inner, inside: [batch] + outer, offset: [0] + offsets)
    let source = try plain(input).buffer
    let target = output.forms[0].buffer
    if sign > 0 {
      emit(
        KernelCommand(touching: [source, target]) {
          region.put(source.floats, into: target.floats, clearing: true)
        })
    } else {
      emit(
        KernelCommand(touching: [source, target]) {
          region.take(source.floats, into: target.floats)
        })
    }
    define(output, for: index)

    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let back = makeForm(input.plainLayout)
      emit(
        KernelCommand(touching: [gradient.buffer, back.buffer]) {
          if sign > 0 {
            region.take(gradient.buffer.floats, into: back.buffer.floats)
          } else {
            region.put(gradient.buffer.floats, into: back.buffer.floats, clearing: true)
          }
        })
      contribute(back, to: input)
    }
  }

  /// The inputs one after another along an axis of the example.
  func compileConcatenation(axis: Int, _ layer: Layer, at index: Int) throws {
    let inputs = try inputs(of: layer)
    guard let first = inputs.first, first.shape.indices.contains(axis) else {
      throw Diagnostic(.badData, "there is no axis \(axis) to put the inputs together along")
    }
    var shape = first.shape
    shape[axis] = inputs.reduce(0) { $0 + ($1.shape.count > axis ? $1.shape[axis] : 0) }
    for input in inputs {
      var expected = shape
      expected[axis] = input.shape.indices.contains(axis) ? input.shape[axis] : 0
      guard input.shape == expected else {
        throw Diagnostic(
          .badData, "inputs of shapes \(first.shape) and \(input.shape) do not fit together")
      }
    }
    let output = try makeValue(layer.name, shape: shape, channelAxis: first.channelAxis)
    output.needsGradient = inputs.contains(where: \.needsGradient)
    let target = output.forms[0].buffer
    var regions: [RegionCopy] = []
    var start = 0
    for input in inputs {
      var offset = Array(repeating: 0, count: shape.count + 1)
      offset[axis + 1] = start
      start += input.shape[axis]
      let region = RegionCopy(
        region: [batch] + input.shape, inside: [batch] + shape, offset: offset)
      regions.append(region)
      let source = try plain(input).buffer
      emit(
        KernelCommand(touching: [source, target]) {
          region.put(source.floats, into: target.floats, clearing: false)
        })
    }
    define(output, for: index)

    onBackward { [self] in
      guard output.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      for (input, region) in zip(inputs, regions) where input.needsGradient {
        let back = makeForm(input.plainLayout)
        emit(
          KernelCommand(touching: [gradient.buffer, back.buffer]) {
            region.take(gradient.buffer.floats, into: back.buffer.floats)
          })
        contribute(back, to: input)
      }
    }
  }
}
