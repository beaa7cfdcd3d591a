import Foundation
import ModelGraph
import Support

/// A table of numbers for positions, whose file may have axes of length 1 before the rows.
private struct PositionTable {
  var slot: ParameterStore.Slot
  var rows: Buffer
  var rowCount: Int
  var width: Int
}

extension ProgramBuilder {
  private func positionTable(_ layer: Layer, width: Int) throws -> PositionTable {
    let parameter = try requiredParameter(.embeddings, of: layer)
    let count = parameter.shape.reduce(1, *)
    guard parameter.shape.last == width, count > 0 else {
      throw Diagnostic(
        .badData, "the shape is \(parameter.shape), and the steps have \(width) channels",
        at: [parameter.tensor])
    }
    let shape = [count / width, width]
    let layout = try DataLayout.dense(shape)
    let slot = try store.slot(
      for: parameter, shape: shape, fileStrides: [width, 1], preferring: layout)
    return PositionTable(
      slot: slot, rows: try weights(slot, as: layout).buffer, rowCount: count / width, width: width)
  }

  /// Rows of a table added to the steps.
  func compileTableAddition(firstRow: Int, isOneRow: Bool, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    let table = try positionTable(layer, width: input.channelCount)
    let positions = input.elementCount / input.channelCount
    let needed = isOneRow ? 1 : positions
    guard firstRow >= 0, firstRow <= table.rowCount - needed else {
      throw Diagnostic(
        .badData,
        "a sequence of \(positions) steps needs rows \(firstRow) to \(firstRow + needed - 1), and the "
          + "table has \(table.rowCount)", at: [table.slot.parameter.tensor],
        remedy: "give shorter sequences")
    }
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.needsGradient = needsGradient(layer, [input])
    output.mask = input.mask
    let (source, target) = (try plain(input).buffer, output.forms[0].buffer)
    let width = table.width
    // From an element to the same channel's at the next position, and to the next channel's.
    let isFirst = input.channelAxis == 0 && input.shape.count > 1
    let (step, next) = isFirst ? (1, positions) : (width, 1)
    let batch = batch
    emit(
      KernelCommand(touching: [source, target, table.rows]) {
        for example in 0..<batch {
          for position in 0..<positions {
            let place = example * positions * width + position * step
            let row = table.rows.floats + (firstRow + (isOneRow ? 0 : position)) * width
            for channel in 0..<width {
              target.floats[place + channel * next] =
                source.floats[place + channel * next] + row[channel]
            }
          }
        }
      })
    define(output, for: index)

    onBackward { [self] in
      guard output.needsGradient, let gradient = try gradient(of: output, as: output.plainLayout)
      else { return }
      contribute(gradient, to: input)
      guard options.isTraining else { return }
      let sum = gradientTarget(table.slot, as: try .dense([table.rowCount, width]))
      emit(
        KernelCommand(touching: [gradient.buffer, sum.buffer]) {
          sum.buffer.floats.update(repeating: 0, count: table.rowCount * width)
          for example in 0..<batch {
            for position in 0..<positions {
              let from = gradient.buffer.floats + example * positions * width + position * step
              let into = sum.buffer.floats + (firstRow + (isOneRow ? 0 : position)) * width
              for channel in 0..<width { into[channel] += from[channel * next] }
            }
          }
        })
      try finishGradient(sum, of: table.slot)
    }
  }

  /// Sines and cosines of the position added to the steps.
  func compileSinusoids(_ parameters: SinusoidalPositions, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    guard input.shape.count == 2, input.channelAxis == 1, parameters.base > 0 else {
      throw Diagnostic(.badData, "adds to steps × channels, not to \(input.shape)")
    }
    let (steps, width) = (input.shape[0], input.shape[1])
    let half = (width + 1) / 2
    let table = (0..<steps).flatMap { step in
      (0..<width).map { channel -> Float in
        let (pair, isCosine) =
          parameters.layout == .interleaved
          ? (channel / 2, channel % 2 == 1) : (channel % half, channel >= half)
        let angle =
          Double(parameters.first + step)
          * pow(parameters.base, -2 * Double(pair) / Double(width))
        return Float(isCosine ? cos(angle) : sin(angle))
      }
    }
    let output = try makeValue(layer.name, shape: input.shape, channelAxis: input.channelAxis)
    output.needsGradient = input.needsGradient
    output.mask = input.mask
    let (source, target) = (try plain(input).buffer, output.forms[0].buffer)
    let batch = batch
    emit(
      KernelCommand(touching: [source, target]) {
        table.withUnsafeBufferPointer { table in
          for place in 0..<batch * table.count {
            target.floats[place] = source.floats[place] + table[place % table.count]
          }
        }
      })
    define(output, for: index)
    onBackward { [self] in
      guard let gradient = try gradient(of: output, as: output.plainLayout) else { return }
      contribute(gradient, to: input)
    }
  }

  /// Rows of a table before the steps.
  func compilePrepending(count: Int, _ layer: Layer, at index: Int) throws {
    let input = try input(of: layer)
    guard input.shape.count == 2, input.channelAxis == 1 else {
      throw Diagnostic(.badData, "puts rows before steps × channels, not before \(input.shape)")
    }
    let table = try positionTable(layer, width: input.shape[1])
    guard table.rowCount == count else {
      throw Diagnostic(
        .badData, "puts \(count) rows before the steps, and the table has \(table.rowCount)",
        at: [table.slot.parameter.tensor])
    }
    guard input.mask == nil else {
      throw Diagnostic(.badData, "rows before steps that a mask may leave out are not known")
    }
    let output = try makeValue(
      layer.name, shape: [input.shape[0] + count, input.shape[1]], channelAxis: 1)
    output.needsGradient = needsGradient(layer, [input])
    let (source, target) = (try plain(input).buffer, output.forms[0].buffer)
    let (head, body) = (count * table.width, input.elementCount)
    let batch = batch
    emit(
      KernelCommand(touching: [source, target, table.rows]) {
        for example in 0..<batch {
          let into = target.floats + example * (head + body)
          into.update(from: table.rows.floats, count: head)
          (into + head).update(from: source.floats + example * body, count: body)
        }
      })
    define(output, for: index)

    onGradient(of: output) { [self] change in
      contribute(to: input, reading: [change]) { into in
        for example in 0..<batch {
          (into + example * body).update(
            from: change.floats + example * (head + body) + head, count: body)
        }
      }
      guard options.isTraining else { return }
      let sum = gradientTarget(table.slot, as: try .dense([count, table.width]))
      emit(
        KernelCommand(touching: [change, sum.buffer]) {
          sum.buffer.floats.update(repeating: 0, count: head)
          for example in 0..<batch {
            let (from, into) = (change.floats + example * (head + body), sum.buffer.floats)
            for place in 0..<head { into[place] += from[place] }
          }
        })
      try finishGradient(sum, of: table.slot)
    }
  }
}
