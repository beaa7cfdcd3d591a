import Support

/// What a user states about a network that its file does not: a description of the graph, or which
/// of several readings to take.
public struct GraphStatement: Sendable, Hashable {
  /// The path of a description of the graph; it is the whole truth where there is one.
  public var file: String?
  /// The path of a description of a family that the network is of.
  public var family: String?
  /// The readings.
  public var readings: Set<Reading>

  /// States something.
  public init(file: String? = nil, family: String? = nil, readings: Set<Reading> = []) {
    self.file = file
    self.family = family
    self.readings = readings
  }

  /// States nothing.
  public static let none = GraphStatement()

  /// Whether a reading was stated.
  public func states(_ reading: Reading) -> Bool { readings.contains(reading) }

  /// The same with one more reading.
  public func adding(_ reading: Reading) -> GraphStatement {
    GraphStatement(file: file, family: family, readings: readings.union([reading]))
  }

  /// The number of heads of attention, where it was stated.
  var heads: Int? {
    for reading in readings { if case .heads(let count) = reading { return count } }
    return nil
  }

  /// What was stated of inputs of an ONNX model.
  ///
  /// - Throws: `Diagnostic` of code `usage` where two things are stated of one.
  func inputs() throws -> [String: StatedInput] {
    var inputs: [String: StatedInput] = [:]
    for reading in readings {
      guard case .input(let name, let input) = reading else { continue }
      guard inputs.updateValue(input, forKey: name) == nil else {
        throw Diagnostic(.usage, "two things are stated of the input \(name)")
      }
    }
    return inputs
  }

  /// The hidden activations, where they were stated.
  public var activation: Activation? {
    for reading in readings { if case .activation(let activation) = reading { return activation } }
    return nil
  }
}
