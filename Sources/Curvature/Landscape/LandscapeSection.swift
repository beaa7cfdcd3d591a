public import ModelGraph
public import Networks
public import Support
public import Tensors

/// The loss on a line or a plane through a network.
public struct LandscapeSection: Sendable, Hashable {
  /// A network on the plane, or its projection onto it.
  public struct Place: Sendable, Hashable {
    /// Where it lies, in the units of the axes.
    public var x: Double
    /// The same on the second axis.
    public var y: Double
    /// How far it is from the plane; 0 on it.
    public var distance: Double
    /// Its own loss and accuracy, not those of its projection.
    public var evaluation: Evaluation
  }

  /// The coordinates at which the loss is measured; one of `ys`, 0, on a line.
  public var xs: [Double]
  /// Those of the second axis.
  public var ys: [Double]
  /// The loss and the accuracy: a row for each of `ys`.
  public var evaluations: [[Evaluation]]
  /// The networks that the section was laid through, in their order.
  public var places: [Place]
  /// Of what the networks of a trajectory differ by, the share along each axis; none elsewhere.
  public var explained: [Double]

  /// The losses: a row for each of `ys`.
  public var losses: [[Double]] { evaluations.map { $0.map(\.loss) } }

  /// A section along filter-normalised random directions, from −range to range.
  ///
  /// Statistics of normalisations stay as they are.
  ///
  /// - Parameters:
  ///   - directions: 1 or 2.
  ///   - points: how many places of an axis are measured.
  ///   - seed: decides the directions.
  /// - Throws: `Diagnostic` where the network cannot be run or the data do not fit.
  /// - Complexity: points or points² passes over the data.
  public static func random(
    _ graph: ModelGraph, _ weights: Weights, directions: Int, range: Double = 1, points: Int,
    on dataset: Dataset, seed: UInt64 = 0, jobs: Int? = nil, progress: ProgressHandler? = nil
  ) throws -> LandscapeSection {
    precondition((1...2).contains(directions) && points > 1)
    let axes = (0..<directions).map {
      WeightDirection.filterNormalized(graph, weights, seed: seed &+ UInt64($0))
    }
    let steps = spread(-range, range, points)
    let evaluator = try Evaluator(graph: graph, dataset: dataset, jobs: jobs)
    let values = try measure(
      evaluator, weights, axes, xs: steps, ys: directions == 2 ? steps : [0], progress)
    let own = Place(x: 0, y: 0, distance: 0, evaluation: try evaluator.evaluate(weights))
    return LandscapeSection(
      xs: steps, ys: directions == 2 ? steps : [0], evaluations: values, places: [own],
      explained: [])
  }

  /// The plane through three networks (Garipov et al. 2018, appendix A.2): the first axis points from the
  /// first to the second, the other at a right angle towards the third; units are Euclidean. All tensors
  /// move, statistics too.
  ///
  /// - Throws: `Diagnostic` of code `badData` where tensors do not fit or the networks lie on a line.
  public static func plane(
    _ graph: ModelGraph, through networks: [Weights], points: Int, on dataset: Dataset,
    jobs: Int? = nil, progress: ProgressHandler? = nil
  ) throws -> LandscapeSection {
    precondition(networks.count == 3 && points > 1)
    let names = networks[0].keys.sorted()
    let first = try WeightDirection.difference(networks[0], networks[1])
    let second = try WeightDirection.difference(networks[0], networks[2])
    let width = WeightDirection.dot(first, first, over: names).squareRoot()
    guard width > 0 else { throw onLine() }
    let along = WeightDirection.dot(first, second, over: names) / (width * width)
    let upright = WeightDirection.point(second, [(-along, first)])
    let height = WeightDirection.dot(upright, upright, over: names).squareRoot()
    guard height > 1e-6 * width else { throw onLine() }
    let axes = [
      WeightDirection.point(first, [(1 / width - 1, first)]),
      WeightDirection.point(upright, [(1 / height - 1, upright)]),
    ]
    let corners = [(0, 0), (width, 0), (along * width, height)]
    let evaluator = try Evaluator(graph: graph, dataset: dataset, jobs: jobs)
    let places = try zip(networks, corners).map { network, corner in
      Place(
        x: corner.0, y: corner.1, distance: 0, evaluation: try evaluator.evaluate(network))
    }
    return try around(places, axes, networks[0], (0, 0), evaluator, points, [], progress)
  }

  /// The plane of the two directions in which the networks of a run differ most from the last (principal
  /// components without centring on the mean: Li et al. 2018, section 7), through the last.
  ///
  /// - Parameter networks: three or more, in the order of the run.
  /// - Throws: `Diagnostic` of code `badData` where tensors do not fit or the networks lie on a line.
  public static func trajectory(
    _ graph: ModelGraph, of networks: [Weights], points: Int, on dataset: Dataset,
    jobs: Int? = nil, progress: ProgressHandler? = nil
  ) throws -> LandscapeSection {
    precondition(networks.count > 2 && points > 1)
    let last = networks[networks.count - 1]
    let trained = Set(graph.parameters.filter { !$0.role.isStatistic }.map(\.tensor))
    let names = last.keys.filter { trained.contains($0) }.sorted()
    let steps = try networks.dropLast().map { try WeightDirection.difference(last, $0) }
    let components = try PrincipalPlane(of: steps, over: names)
    guard let components else { throw onLine() }
    let evaluator = try Evaluator(graph: graph, dataset: dataset, jobs: jobs)
    let places = try networks.enumerated().map { index, network in
      let (x, y, rest) = components.coordinates(index)
      return Place(x: x, y: y, distance: rest, evaluation: try evaluator.evaluate(network))
    }
    return try around(
      places, components.axes, last, (0, 0), evaluator, points, components.explained, progress)
  }

  private static func onLine() -> Diagnostic {
    Diagnostic(.badData, "the networks lie on a line, so that they have no plane")
  }

  /// A section that holds all places with a fifth more around them.
  private static func around(
    _ places: [Place], _ axes: [Weights], _ origin: Weights, _ corner: (Double, Double),
    _ evaluator: Evaluator, _ points: Int, _ explained: [Double], _ progress: ProgressHandler?
  ) throws -> LandscapeSection {
    func range(_ values: [Double]) -> [Double] {
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      let margin = 0.2 * max(high - low, 1e-12)
      return spread(low - margin, high + margin, points)
    }
    let (xs, ys) = (range(places.map(\.x)), range(places.map(\.y)))
    let values = try measure(evaluator, origin, axes, xs: xs, ys: ys, progress)
    return LandscapeSection(
      xs: xs, ys: ys, evaluations: values, places: places, explained: explained)
  }

  private static func measure(
    _ evaluator: Evaluator, _ origin: Weights, _ axes: [Weights], xs: [Double], ys: [Double],
    _ progress: ProgressHandler?
  ) throws -> [[Evaluation]] {
    var rows: [[Evaluation]] = []
    for y in ys {
      var row: [Evaluation] = []
      for x in xs {
        guard !Task.isCancelled else {
          throw Diagnostic(.interrupted, "interrupted", remedy: "run it again")
        }
        let parts = zip([x, y], axes).map { (factor: $0, direction: $1) }
        row.append(try evaluator.evaluate(WeightDirection.point(origin, parts)))
        progress?(
          ProgressUpdate(
            "measuring", completed: rows.count * xs.count + row.count, total: xs.count * ys.count))
      }
      rows.append(row)
    }
    return rows
  }

  private static func spread(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
    (0..<count).map { index in
      // The middle of a range around 0 is 0 exactly.
      let share = Double(2 * index - (count - 1)) / Double(count - 1)
      return (low + high) / 2 + share * (high - low) / 2
    }
  }
}
