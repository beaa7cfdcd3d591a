import Catalogs
import Support

extension ONNXGraph {
  /// The graph with what is stated of its inputs: those that are a number are constants.
  ///
  /// - Throws: `Diagnostic` of code `usage` where there is no input of a name, or what is stated does not fit
  ///   what the model says of it.
  func stating(_ stated: [String: StatedInput]) throws -> ONNXGraph {
    var graph = self
    for (name, input) in stated.sorted(by: { $0.key < $1.key }) {
      guard let place = graph.inputs.firstIndex(where: { $0.name == name }) else {
        let names = graph.inputs.map(\.name).joined(separator: ", ")
        throw Diagnostic(
          .usage, "there is no input \(name)", remedy: "the inputs are \(names)")
      }
      switch input {
      case .number(let number): try graph.settle(place, as: number)
      case .lengths(let lengths): try graph.settle(place, lengths: lengths)
      }
    }
    return graph
  }

  private mutating func settle(_ place: Int, as number: Double) throws {
    let input = inputs[place]
    guard let shape = input.shape, shape.allSatisfy({ $0 == 1 }) else {
      throw Diagnostic(.usage, "the input \(input.name) is not one number")
    }
    guard input.isInteger != true || number == number.rounded() else {
      throw Diagnostic(.usage, "the input \(input.name) is an integer")
    }
    inputs.remove(at: place)
    constants[input.name] = [number]
    constantForms[input.name] = ConstantForm(
      shape: shape.map { _ in 1 }, isInteger: input.isInteger == true)
  }

  private mutating func settle(_ place: Int, lengths: [Int]) throws {
    let input = inputs[place]
    if let shape = input.shape {
      guard shape.count == lengths.count,
        zip(shape, lengths).allSatisfy({ $0 == nil || $0 == $1 })
      else {
        throw Diagnostic(
          .usage,
          "the model says that the input \(input.name) is \(describe(shape)), not "
            + describe(lengths))
      }
    }
    inputs[place].shape = lengths
    // Lengths of one name are equal everywhere.
    for (axis, name) in input.lengthNames.enumerated() where axis < lengths.count {
      guard let name else { continue }
      for other in inputs.indices {
        for (place, own) in inputs[other].lengthNames.enumerated() where own == name {
          inputs[other].shape?[place] = lengths[axis]
        }
      }
    }
  }
}
