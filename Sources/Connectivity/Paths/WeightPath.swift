public import Support
public import Tensors

/// A path between two networks whose every point is a weighted mean of some networks.
public protocol WeightPath: Sendable {
  /// The networks that the one at a place is made of, with the share of each.
  func sources(at t: Double) -> [(weights: Weights, share: Double)]
}

extension WeightPath {
  /// The network at one place: the mean of its sources, rounded once. The ends are the networks
  /// themselves.
  public func network(at t: Double) -> Weights { WeightedMean.mean(of: sources(at: t)) }

  /// Measures the path at equally spaced places, both ends included.
  ///
  /// - Parameters:
  ///   - name: the curve's name.
  ///   - pointCount: how many places; at least 2.
  ///   - repair: done to the network of every place before it is measured; the curve is then called
  ///     `name+method`.
  ///   - progress: told after each place.
  ///   - evaluate: the loss and accuracy of a network on each data set of interest.
  /// - Returns: a curve for each data set.
  public func measure(
    _ name: String, pointCount: Int, repair: Repair? = nil, progress: ProgressHandler? = nil,
    evaluate: (Weights) async throws -> [(loss: Double, accuracy: Double)]
  ) async throws -> [Curve] {
    precondition(pointCount >= 2, "a path has two ends")
    let fullName = repair.map { "\(name)+\($0.method.rawValue)" } ?? name
    var curves: [Curve] = []
    for index in 0..<pointCount {
      let t = Double(index) / Double(pointCount - 1)
      let sources = sources(at: t)
      var network = WeightedMean.mean(of: sources)
      if let repair { network = try repair.repaired(network, of: sources) }
      let results = try await evaluate(network)
      if curves.isEmpty {
        curves = Array(repeating: Curve(name: fullName, points: []), count: results.count)
      }
      for (place, result) in results.enumerated() {
        curves[place].points.append(
          Curve.Point(t: t, loss: result.loss, accuracy: result.accuracy))
      }
      progress?(ProgressUpdate("path \(fullName)", completed: index + 1, total: pointCount))
    }
    return curves
  }
}
