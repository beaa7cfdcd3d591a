import Catalogs
import Support

extension ModelGraph.Builder {
  /// Adds a recurrent layer of PyTorch, both directions of it one after another where it has two.
  ///
  /// An LSTM with a projection cannot be run: it is one layer that is not understood, around which
  /// nothing moves.
  ///
  /// - Parameter returnsSequences: whether it hands on every step, or the last state of each direction.
  /// - Returns: the index of the layer that others read.
  mutating func addRecurrent(
    _ name: String, _ layer: RecurrentModule, input: Int, returnsSequences: Bool,
    goesBackwards: Bool = false
  ) throws -> Int {
    if layer.isProjected {
      let reason = "an LSTM with a projection is not understood"
      for tensor in layer.cells.flatMap(\.tensors) { skip(tensor.name, reason) }
      cannotRun("layer \(name): \(reason)")
      let steps = returnsSequences ? Array(shape(of: input).prefix(1)) : []
      return try add(
        name, .unsupported("LSTM with a projection"), inputs: [input],
        outputShape: steps + [layer.output])
    }
    func cell(_ name: String, _ index: Int) throws -> Int {
      let isBackward = index > 0
      return try add(
        name,
        .recurrent(
          Recurrent(
            kind: layer.kind, units: layer.units, returnsSequences: returnsSequences,
            goesBackwards: isBackward || goesBackwards,
            restoresOrder: isBackward && returnsSequences)),
        inputs: [input], parameters: layer.parameters(index))
    }
    guard layer.cells.count == 2 else { return try cell(name, 0) }
    let both = [try cell("\(name)/forward", 0), try cell("\(name)/backward", 1)]
    return try add(
      name, .concatenate(axis: returnsSequences ? 1 : 0), inputs: both)
  }
}
