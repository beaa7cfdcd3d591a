import LinearAlgebra
public import ModelGraph
import Support

/// Labelled examples in memory.
public struct Dataset: Sendable {
  /// The examples one after another, each row-major of `exampleShape`.
  public var examples: [Float]
  /// The shape of one example: `[28, 28]`, `[32, 32, 3]`.
  public var exampleShape: [Int]
  /// The class of each example, from 0; zeros where they have none.
  public var labels: [Int32]
  /// The number of classes; 0 where the examples have none.
  public var classCount: Int
  /// The labels as numbers, where they are no classes or may be meant as numbers; nil where they are
  /// classes and nothing else, and where there are none.
  public internal(set) var targets: Targets?
  /// The loss that the user stated; nil lets data and network decide.
  public var loss: Loss?
  /// Whether integer elements were divided by 255.
  package var isDivided = false
  /// What a reader took for granted of the file, one sentence each.
  public var notes: [String] = []
  /// What is applied to the examples where a network reads them, after anything else that is done to
  /// images; nil where they are taken as they are.
  public var normalization: ChannelNormalization?

  /// Makes a data set.
  ///
  /// - Parameter classCount: the number of classes; nil means one more than the largest label.
  /// - Throws: `Diagnostic` of code `badData` where the counts do not fit, a label is out of range
  ///   or an element is not finite.
  public init(
    examples: [Float], exampleShape: [Int], labels: [Int32], classCount: Int? = nil
  ) throws {
    let size = exampleShape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard size > 0, examples.count == labels.count * size else {
      throw Diagnostic(
        .badData, "\(examples.count) numbers are not \(labels.count) examples of \(exampleShape)")
    }
    let classes = classCount ?? Int(labels.max() ?? -1) + 1
    if let place = labels.firstIndex(where: { $0 < 0 || Int($0) >= classes }) {
      throw Diagnostic(
        .badData, "the label \(labels[place]) of example \(place) is not one of \(classes) classes")
    }
    if let place = examples.firstIndex(where: { !$0.isFinite }) {
      throw Diagnostic(.badData, "example \(place / size) has an element that is not finite")
    }
    self.examples = examples
    self.exampleShape = exampleShape
    self.labels = labels
    self.classCount = classes
  }

  /// The number of examples.
  public var count: Int { labels.count }
  /// The number of elements of one example.
  public var exampleSize: Int { exampleShape.reduce(1, *) }

  /// The first examples, at most `length`.
  public func prefix(_ length: Int) -> Dataset {
    guard length < count else { return self }
    var copy = self
    copy.labels = Array(labels.prefix(max(0, length)))
    copy.targets = targets?.taking(copy.labels.indices)
    copy.examples = Array(examples.prefix(copy.labels.count * exampleSize))
    return copy
  }

  /// So many examples, drawn at random without repetition; all, in their order, where there are no
  /// more.
  public func sample(_ length: Int, seed: UInt64) -> Dataset {
    guard length < count else { return self }
    var generator = SeededGenerator(seed: seed)
    let places = generator.permutation(count: count).prefix(max(0, length))
    var copy = self
    copy.labels = places.map { labels[$0] }
    copy.targets = targets?.taking(places)
    copy.examples = places.flatMap { examples[$0 * exampleSize..<($0 + 1) * exampleSize] }
    return copy
  }

  /// The same examples for a network that takes `shape`: images of one channel may gain or lose the
  /// channel axis or be flattened, and images of several channels change between channels first and
  /// channels last. The normalisation is applied.
  ///
  /// - Throws: `Diagnostic` of code `usage` that names both shapes.
  public func adapted(to shape: [Int], channelOrder: ModelGraph.ChannelOrder) throws -> Dataset {
    if normalization != nil {
      return try normalized(channelsFirst: channelOrder == .first)
        .adapted(to: shape, channelOrder: channelOrder)
    }
    if shape == exampleShape { return self }
    var copy = self
    copy.exampleShape = shape
    let significant = exampleShape.filter { $0 != 1 }
    if shape.filter({ $0 != 1 }) == significant { return copy }
    let isOneChannel = significant.count <= 2
    if shape.count == 1, shape[0] == exampleSize, isOneChannel || exampleShape.count == 1 {
      return copy
    }
    // A row of pixels, of one channel.
    let isGrey = shape.count == 3 && (channelOrder == .first ? shape[0] : shape[2]) == 1
    if exampleShape.count == 1, isGrey || shape.count == 2, shape.reduce(1, *) == exampleSize {
      return copy
    }
    if shape.count == 3, exampleShape.count == 3 {
      let toFirst = [exampleShape[2], exampleShape[0], exampleShape[1]]
      let toLast = [exampleShape[1], exampleShape[2], exampleShape[0]]
      if channelOrder == .first, shape == toFirst {
        copy.examples = transposed(rows: toFirst[1] * toFirst[2], columns: toFirst[0])
        return copy
      }
      if channelOrder == .last, shape == toLast {
        copy.examples = transposed(rows: toLast[2], columns: toLast[0] * toLast[1])
        return copy
      }
    }
    throw Diagnostic(
      .badData, "the data are of shape \(exampleShape), and the network takes \(shape)",
      remedy: "give data of that shape")
  }

  /// Each example, a matrix of `rows` by `columns`, transposed.
  private func transposed(rows: Int, columns: Int) -> [Float] {
    let source = examples
    let size = rows * columns
    return [Float](unsafeUninitializedCapacity: source.count) { buffer, initialized in
      for start in stride(from: 0, to: source.count, by: size) {
        for row in 0..<rows {
          for column in 0..<columns {
            buffer[start + column * rows + row] = source[start + row * columns + column]
          }
        }
      }
      initialized = source.count
    }
  }
}
