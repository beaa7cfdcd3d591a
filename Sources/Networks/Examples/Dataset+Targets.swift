public import ModelGraph
import Support

extension Dataset {
  /// What networks are to answer, where it is no class, or where numbers may be meant as well.
  public struct Targets: Sendable, Hashable {
    /// The numbers one after another, row-major.
    public var values: [Float]
    /// The shape of one example's.
    public var shape: [Int]

    /// Gathers numbers.
    public init(values: [Float], shape: [Int]) {
      self.values = values
      self.shape = shape
    }

    /// How many numbers an example has.
    public var size: Int { shape.reduce(1, *) }
    /// Whether every number is 0 or 1.
    public var areBinary: Bool { values.allSatisfy { $0 == 0 || $0 == 1 } }
    /// Whether every number is a probability.
    public var areProbabilities: Bool { values.allSatisfy { $0 >= 0 && $0 <= 1 } }

    package func taking(_ indices: some Sequence<Int>) -> Targets {
      var result = Targets(values: [], shape: shape)
      for index in indices { result.values += values[index * size..<(index + 1) * size] }
      return result
    }
  }

  /// Whether the labels are the elements of the examples, as files of tokens have them.
  var labelsAreInputs: Bool {
    guard let targets, targets.values.count == examples.count else { return false }
    let scale: Float = isDivided ? 255 : 1
    return zip(targets.values, examples).allSatisfy { $0 == ($1 * scale).rounded() }
  }

  /// Whether the examples have classes.
  public var hasClasses: Bool { classCount > 0 }

  /// Labelled examples whose labels are numbers, and examples without labels.
  ///
  /// - Parameter targets: what is to be answered; nil for examples that have nothing but themselves.
  /// - Throws: `Diagnostic` of code `badData` where the counts do not fit or a number is not finite.
  public init(examples: [Float], exampleShape: [Int], targets: Targets?) throws {
    let size = exampleShape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard size > 0, examples.count % size == 0 else {
      throw Diagnostic(.badData, "\(examples.count) numbers are no examples of \(exampleShape)")
    }
    let count = examples.count / size
    try self.init(
      examples: examples, exampleShape: exampleShape,
      labels: [Int32](repeating: 0, count: count), classCount: 1)
    classCount = 0
    try setTargets(targets)
  }

  /// Adds the labels as numbers.
  package mutating func setTargets(_ targets: Targets?) throws {
    if let targets {
      guard targets.values.count == count * targets.size else {
        throw Diagnostic(
          .badData, "\(targets.values.count) numbers are not labels of \(count) examples")
      }
      if let place = targets.values.firstIndex(where: { !$0.isFinite }) {
        throw Diagnostic(.badData, "the label of example \(place / targets.size) is not finite")
      }
    }
    self.targets = targets
  }

  /// Refuses examples without classes, for what counts right answers.
  ///
  /// - Throws: `Diagnostic` of code `badData`.
  public func requireClasses() throws {
    guard hasClasses else {
      throw Diagnostic(
        .badData, "the examples have no classes, and right answers cannot be counted",
        remedy: "give data whose labels are classes, numbered from 0")
    }
  }

  /// The examples for a network of that input shape, as `adapted(to:channelOrder:)`; what a table
  /// reads by number are the numbers of the file, not pixels.
  ///
  /// - Throws: `Diagnostic` as there.
  public func adapted(to shape: [Int], for graph: ModelGraph) throws -> Dataset {
    guard isDivided, graph.readsTable else {
      return try adapted(to: shape, channelOrder: graph.channelOrder)
    }
    var numbers = self
    numbers.isDivided = false
    numbers.examples = examples.map { ($0 * 255).rounded() }
    return try numbers.adapted(to: shape, channelOrder: graph.channelOrder)
  }
}

extension ModelGraph {
  /// How many examples are computed at once: as many as are wanted, but of tokens no more than that the
  /// largest output, often a number for every token of a large vocabulary at every step, takes 64 MiB.
  func batchSize(upTo wanted: Int, exampleShape: [Int]) -> Int {
    guard readsTable else { return wanted }
    let steps = exampleShape.first ?? 1
    let largest = layers.reduce(1) { largest, layer in
      let size = layer.outputShape.reduce(1.0) { $0 * Double($1 ?? steps) }
      return max(largest, size)
    }
    return max(1, min(wanted, Int(Double(1 << 24) / largest)))
  }

  /// Whether what comes in are numbers of a table's rows.
  fileprivate var readsTable: Bool {
    layers.contains { layer in
      guard case .embedding = layer.operation else { return false }
      return layer.inputs.contains { layers[$0].operation == .input }
    }
  }
}
