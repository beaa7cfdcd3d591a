extension ModelGraph {
  /// The kernels of the graph with the axis of their outputs: what a singular value decomposition
  /// takes as matrices [outputs, everything else].
  ///
  /// Kernels whose outputs are no single plain axis (gates of recurrent layers, Keras's depthwise
  /// kernels) and tables of embeddings are left out.
  public var kernels: [(tensor: String, outputAxis: Int)] {
    parameters.compactMap { parameter in
      guard parameter.role == .kernel, !parameter.axes.contains(.multiplier),
        let axis = parameter.axes.firstIndex(of: .output)
      else { return nil }
      return (parameter.tensor, axis)
    }
  }
}
