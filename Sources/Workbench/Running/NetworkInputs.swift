public import ModelGraph
import Support

/// Arrays as the examples of a network: one array for each of its inputs, of one example or of several along
/// the first axis.
public struct NetworkInputs: Sendable, Hashable {
  /// An array as a file holds it.
  public struct Array: Sendable, Hashable {
    /// The input that it is for; nil where the network has one.
    public var input: String?
    /// The file, for errors.
    public var file: String
    /// Its shape.
    public var shape: [Int]
    /// Its elements, in row-major order.
    public var values: [Float]

    /// Makes an array.
    public init(input: String?, file: String, shape: [Int], values: [Float]) {
      self.input = input
      self.file = file
      self.shape = shape
      self.values = values
    }
  }

  /// The examples one after another; in each, its inputs in the order of the graph's layers.
  public private(set) var values: [Float] = []
  /// How many examples there are.
  public private(set) var count = 0
  /// Whether the arrays are one example, without an axis of examples.
  public private(set) var isOne = false
  /// The shape of one example of the one input; of several inputs the number of their elements.
  public private(set) var exampleShape: [Int] = []
  /// The graph, the lengths that it leaves open being those of the arrays.
  public private(set) var graph: ModelGraph

  /// Puts arrays together.
  ///
  /// - Throws: `Diagnostic` of code `usage` where an input is missing, or named twice, or not there; of code
  ///   `badData` where an array does not have the shape that its input has, or another number of examples.
  /// - Complexity: O(elements).
  public init(_ arrays: [Array], of graph: ModelGraph) throws {
    self.graph = graph
    let places = graph.layers.indices.filter { graph.layers[$0].operation == .input }
    let inputs = places.map { graph.layers[$0] }
    let ordered = try NetworkInputs.ordered(arrays, inputs.map(\.name))
    var parts: [(shape: [Int], values: [Float], isOne: Bool, count: Int)] = []
    for (layer, array) in zip(inputs, ordered) {
      // Axes of the example that the graph leaves open have the lengths of the data.
      let declared = layer.outputShape
      let isOne = array.shape.count == declared.count
      guard isOne || array.shape.count == declared.count + 1 else {
        throw Diagnostic(
          .badData,
          "an example has \(declared.count) axes, and the array \(array.shape.count)",
          at: [array.file])
      }
      let example = isOne ? array.shape : Swift.Array(array.shape.dropFirst())
      for (own, wanted) in zip(example, declared) where wanted != nil && wanted != own {
        throw Diagnostic(
          .badData,
          "an example is \(example.map(String.init).joined(separator: "×")), and the network reads "
            + declared.map { $0.map(String.init) ?? "?" }.joined(separator: "×"), at: [array.file])
      }
      parts.append((example, array.values, isOne, isOne ? 1 : array.shape[0]))
    }
    guard let first = parts.first else { return }
    for (part, array) in zip(parts, ordered)
    where part.isOne != first.isOne || part.count != first.count {
      throw Diagnostic(
        .badData, "it holds \(part.count) examples, and the first input \(first.count)",
        at: [array.file])
    }
    (count, isOne) = (first.count, first.isOne)
    for (place, part) in zip(places, parts) { self.graph.layers[place].outputShape = part.shape }
    if parts.count == 1 {
      (exampleShape, values) = (first.shape, first.values)
      return
    }
    let sizes = parts.map { $0.shape.reduce(1, *) }
    exampleShape = [sizes.reduce(0, +)]
    values.reserveCapacity(count * exampleShape[0])
    for example in 0..<count {
      for (part, size) in zip(parts, sizes) {
        values += part.values[example * size..<(example + 1) * size]
      }
    }
  }

  /// The arrays in the order of the inputs.
  private static func ordered(_ arrays: [Array], _ names: [String]) throws -> [Array] {
    if names.count == 1, arrays.count == 1, arrays[0].input == nil || arrays[0].input == names[0] {
      return arrays
    }
    let list = names.joined(separator: ", ")
    for array in arrays {
      guard let name = array.input else {
        throw Diagnostic(
          .usage, "the network has the inputs \(list): say which of them each file is",
          at: [array.file])
      }
      guard names.contains(name), arrays.count(where: { $0.input == name }) == 1 else {
        throw Diagnostic(
          .usage,
          names.contains(name)
            ? "two files for the input \(name)"
            : "the network has no input \(name), but \(list)", at: [array.file])
      }
    }
    return try names.map { name in
      guard let array = arrays.first(where: { $0.input == name }) else {
        throw Diagnostic(.usage, "the input \(name) is missing")
      }
      return array
    }
  }
}
