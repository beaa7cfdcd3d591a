import ModelGraph
import Support

extension ProgramBuilder {
  /// A part of the channels.
  func compileSelection(_ selection: ChannelSelection, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    guard selection.fits(input.channelCount), let total = selection.total else {
      throw Diagnostic(
        .badData, "selects channels that an input of \(input.shape) does not have")
    }
    let axis = input.channelAxis
    let inner = input.shape[(axis + 1)...].reduce(1, *)
    let outer = input.shape[..<axis].reduce(1, *)
    let starts = (0..<outer).flatMap { place in
      (0..<selection.count).map {
        (place * input.channelCount + selection.start + $0 * selection.stride) * inner
      }
    }
    var shape = input.shape
    shape[axis] = total
    try compileGather(
      RunGather(
        starts: starts, runLength: selection.width * inner, sourceCount: input.elementCount),
      input, shape: shape, channelAxis: axis, keepsSteps: true, layer, at: index)
  }

  /// Some steps of all, or one.
  func compileSteps(_ selection: StepSelection, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    guard input.shape.count == 2 else {
      throw Diagnostic(.badData, "takes steps of steps × channels, not of \(input.shape)")
    }
    let (steps, width) = (input.shape[0], input.shape[1])
    let first = selection.first < 0 ? steps + selection.first : selection.first
    let count = selection.count ?? 1
    guard first >= 0, count >= 1, count <= steps - first else {
      throw Diagnostic(
        .badData, "takes \(count) steps from step \(selection.first) on, and there are \(steps)")
    }
    let shape = selection.count == nil ? [width] : [count, width]
    try compileGather(
      RunGather(starts: [first * width], runLength: count * width, sourceCount: steps * width),
      input, shape: shape, channelAxis: shape.count - 1, keepsSteps: false, layer, at: index)
  }

  /// Squares of positions become one with as many times the channels.
  func compileSpaceToDepth(
    size: Int, isColumnFirst: Bool, _ layer: Layer, at index: Int
  ) throws {
    let input = try input(of: layer)
    let spatial = input.spatialShape
    guard size >= 1, spatial.count == 2, spatial.allSatisfy({ $0 % size == 0 }) else {
      throw Diagnostic(.badData, "\(input.shape) does not divide into squares of \(size)")
    }
    let channels = input.channelCount
    let isFirst = input.channelAxis == 0
    let squares = (0..<size * size).map { place in
      isColumnFirst ? (place % size, place / size) : (place / size, place % size)
    }
    let (rows, columns) = (spatial[0] / size, spatial[1] / size)
    func source(_ row: Int, _ column: Int, _ square: (Int, Int)) -> Int {
      (row * size + square.0) * spatial[1] + column * size + square.1
    }
    var starts: [Int] = []
    if isFirst {
      for square in squares {
        for channel in 0..<channels {
          for row in 0..<rows {
            for column in 0..<columns {
              starts.append(channel * spatial[0] * spatial[1] + source(row, column, square))
            }
          }
        }
      }
    } else {
      for row in 0..<rows {
        for column in 0..<columns {
          for square in squares { starts.append(source(row, column, square) * channels) }
        }
      }
    }
    let depth = channels * size * size
    try compileGather(
      RunGather(
        starts: starts, runLength: isFirst ? 1 : channels, sourceCount: input.elementCount),
      input, shape: isFirst ? [depth, rows, columns] : [rows, columns, depth],
      channelAxis: input.channelAxis, keepsSteps: false, layer, at: index)
  }

  private func compileGather(
    _ gather: RunGather, _ input: Value, shape: [Int], channelAxis: Int, keepsSteps: Bool,
    _ layer: Layer, at index: Int
  ) throws {
    let output = try makeValue(layer.name, shape: shape, channelAxis: channelAxis)
    output.needsGradient = input.needsGradient
    output.mask = keepsSteps ? input.mask : nil
    let (source, target) = (try plain(input).buffer, output.forms[0].buffer)
    let batch = batch
    emit(
      KernelCommand(touching: [source, target]) {
        gather.take(source.floats, into: target.floats, examples: batch)
      })
    define(output, for: index)
    onBackward { [self] in
      guard input.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      let back = makeForm(input.plainLayout)
      emit(
        KernelCommand(touching: [gradient.buffer, back.buffer]) {
          gather.put(gradient.buffer.floats, into: back.buffer.floats, examples: batch)
        })
      contribute(back, to: input)
    }
  }
}
