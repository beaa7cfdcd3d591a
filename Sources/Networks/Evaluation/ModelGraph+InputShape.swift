public import ModelGraph

extension ModelGraph {
  /// The input's shape with its open lengths taken from the data; nil where none is open, so that the
  /// graph's own shape holds.
  ///
  /// The one place that decides it. Examples may have their channels first or last whatever the network
  /// has, and one channel without its axis; `Dataset.adapted` brings them into the shape.
  ///
  /// - Parameter exampleShape: `[32, 32, 3]`, `[3, 32, 32]`, `[28, 28]`.
  public func inputShape(for exampleShape: [Int]) -> [Int]? {
    guard let input = layers.first(where: { $0.operation == .input }),
      input.outputShape.contains(nil)
    else { return nil }
    let open = input.outputShape
    func filled(_ lengths: [Int]) -> [Int]? {
      guard lengths.count == open.count,
        zip(open, lengths).allSatisfy({ $0 == nil || $0 == $1 })
      else { return nil }
      return lengths
    }
    // As they are; from the other order of channels; one channel without its axis.
    let moved =
      channelOrder == .first
      ? Array(exampleShape.suffix(1) + exampleShape.dropLast())
      : Array(exampleShape.dropFirst() + exampleShape.prefix(1))
    let channelAdded = channelOrder == .first ? [1] + exampleShape : exampleShape + [1]
    return filled(exampleShape) ?? filled(moved) ?? filled(channelAdded) ?? exampleShape
  }
}
