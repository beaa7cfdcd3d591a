import COneDNN
import Foundation
import ModelGraph
import Support

extension ProgramBuilder {
  /// The recurrence of a state-space model over the steps (Gu and Dao 2023, algorithm 2): for every
  /// channel `h ← exp(Δ·A)·h + Δ·B·x`, `y = C·h + D·x`. Forward only.
  func compileSelectiveScan(_ layer: Layer, at index: Int) throws {
    let inputs = try inputs(of: layer)
    guard inputs.count == 4, inputs.allSatisfy({ $0.shape.count == 2 }),
      inputs[0].shape == inputs[1].shape, inputs[2].shape == inputs[3].shape,
      inputs[0].shape[0] == inputs[2].shape[0]
    else {
      let shapes = inputs.map { "\($0.shape)" }.joined(separator: ", ")
      throw Diagnostic(.badData, "inputs of shapes \(shapes) do not fit together")
    }
    let (steps, channels) = (inputs[0].shape[0], inputs[0].shape[1])
    let states = inputs[2].shape[1]
    let decay = try requiredParameter(.stateDecay, of: layer)
    guard decay.shape == [channels, states] else {
      throw Diagnostic(
        .badData, "the shape is \(decay.shape); the layer needs [\(channels), \(states)]",
        at: [decay.tensor])
    }
    let layout = try DataLayout.dense([channels, states])
    let slot = try store.slot(
      for: decay, shape: [channels, states], fileStrides: [states, 1], preferring: layout)
    let rates = try weights(slot, as: layout).buffer
    let gain = try vectorSlot(.skipGain, of: layer, count: channels)
    let output = try makeValue(layer.name, shape: [steps, channels], channelAxis: 1)
    output.needsGradient = needsGradient(layer, inputs)
    let sources = try inputs.map { try plain($0).buffer }
    let target = output.forms[0].buffer
    let batch = batch
    let threads = Int(onednn_thread_count())
    emit(
      KernelCommand(touching: sources + [target, rates] + [gain?.value].compactMap { $0 }) {
        nonisolated(unsafe) let (x, sizes) = (sources[0].floats, sources[1].floats)
        nonisolated(unsafe) let (b, c) = (sources[2].floats, sources[3].floats)
        nonisolated(unsafe) let (a, d) = (rates.floats, gain?.value.floats)
        nonisolated(unsafe) let y = target.floats
        ProgramBuilder.share(batch * channels, size: steps * states, threads: threads) { pieces in
          var state = [Float](repeating: 0, count: states)
          for piece in pieces {
            let (example, channel) = (piece / channels, piece % channels)
            let decays = (0..<states).map { -expf(a[channel * states + $0]) }
            for place in state.indices { state[place] = 0 }
            for step in 0..<steps {
              let row = example * steps + step
              let place = row * channels + channel
              var sum = (d?[channel] ?? 0) * x[place]
              let drive = sizes[place] * x[place]
              for number in 0..<states {
                state[number] =
                  expf(sizes[place] * decays[number]) * state[number]
                  + drive * b[row * states + number]
                sum += state[number] * c[row * states + number]
              }
              y[place] = sum
            }
          }
        }
      })
    define(output, for: index)
    if output.needsGradient { try refuseGradient(layer) }
  }
}
