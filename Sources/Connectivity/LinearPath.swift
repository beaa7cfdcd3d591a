public import WeightFiles
public import WorkbenchCore

/// The straight line between two networks in the space of their weights.
public enum LinearPath {
  /// The network at one place of the line: `(1−t)·a + t·b`, every tensor, computed in Float64 and
  /// rounded once. The ends are `a` and `b` themselves, bit for bit.
  ///
  /// - Precondition: both have the same tensors with the same shapes.
  /// - Complexity: O(parameters).
  public static func point(_ a: Weights, _ b: Weights, at t: Double) -> Weights {
    if t == 0 { return a }
    if t == 1 { return b }
    return Dictionary(
      uniqueKeysWithValues: a.map { name, tensor in
        guard let other = b[name] else { preconditionFailure("\(name) is in one network only") }
        precondition(tensor.shape == other.shape, "\(name) has two shapes")
        return (name, Tensor(shape: tensor.shape, values: mix(tensor.values, other.values, t)))
      })
  }

  private static func mix(_ a: [Float], _ b: [Float], _ t: Double) -> [Float] {
    let (left, right) = (a.span, b.span)
    return [Float](capacity: a.count) { result in
      for index in 0..<left.count {
        result.append(Float((1 - t) * Double(left[index]) + t * Double(right[index])))
      }
    }
  }

  /// Measures the path at equally spaced places, both ends included.
  ///
  /// - Parameters:
  ///   - name: the curve's name.
  ///   - a: the network at t = 0.
  ///   - b: the network at t = 1.
  ///   - pointCount: how many places; at least 2.
  ///   - repair: done to the network of every place before it is measured; the curve is then called
  ///     `name+method`.
  ///   - progress: told after each place.
  ///   - evaluate: the loss and accuracy of a network.
  public static func measure(
    _ name: String, from a: Weights, to b: Weights, pointCount: Int, repair: Repair? = nil,
    progress: ProgressHandler? = nil,
    evaluate: (Weights) throws -> (loss: Double, accuracy: Double)
  ) throws -> Curve {
    precondition(pointCount >= 2, "a path has two ends")
    let fullName = repair.map { "\(name)+\($0.method.rawValue)" } ?? name
    let points = try (0..<pointCount).map { index -> Curve.Point in
      let t = Double(index) / Double(pointCount - 1)
      var network = point(a, b, at: t)
      if let repair { network = try repair.repaired(network, of: [(a, 1 - t), (b, t)]) }
      let (loss, accuracy) = try evaluate(network)
      progress?(
        ProgressUpdate("path \(fullName)", completed: index + 1, total: pointCount))
      return Curve.Point(t: t, loss: loss, accuracy: accuracy)
    }
    return Curve(name: fullName, points: points)
  }
}
