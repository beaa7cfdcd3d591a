import Support

/// What one call of a layer is given, beside the outputs of other layers in their order.
struct KerasArguments {
  /// For each output of another layer that the call reads, in order: the name of the argument, or `#`
  /// and its number among those without a name. The members of a list share the list's.
  var names: [String] = []
  /// The arguments that are no outputs of layers, by name: `use_causal_mask`.
  var constants: [String: JSONValue] = [:]

  /// No arguments but the inputs.
  init() {}

  /// The arguments of a call as a configuration writes it: an object with `args` and `kwargs` (Keras 3),
  /// or a list of references whose fourth member holds the others (Keras 1 and 2).
  init(_ call: JSONValue) {
    if let members = call.object {
      take(members["args"]?.array ?? [])
      take(members["kwargs"]?.object ?? [:])
      return
    }
    for (index, item) in (call.array ?? []).enumerated() {
      guard let reference = item.array else { continue }
      // References come in the order of `KerasReference.list`: each, then what its call adds.
      names.append("#\(index)")
      if reference.count == 4 { take(reference[3].object ?? [:]) }
    }
  }

  private mutating func take(_ positional: [JSONValue]) {
    for (index, value) in positional.enumerated() { take(value, "#\(index)") }
  }

  private mutating func take(_ named: [String: JSONValue]) {
    for (name, value) in named.sorted(by: { $0.key < $1.key }) where name != "mask" {
      take(value, name)
    }
  }

  private mutating func take(_ value: JSONValue, _ name: String) {
    let count = KerasReference.list(value).count
    if count == 0, value != .null { constants[name] = value }
    names += Array(repeating: name, count: count)
  }

  /// The input of an argument, by its name or its number among those without one; nil where it is not
  /// given or is no output of a layer.
  func input(_ name: String, _ position: Int, of inputs: [Int]) -> Int? {
    guard names.count == inputs.count else {
      // A chain, or a configuration that says nothing: by their order.
      return inputs.indices.contains(position) ? inputs[position] : nil
    }
    return zip(names, inputs).first { $0.0 == name || $0.0 == "#\(position)" }?.1
  }

  /// Whether an argument is given, whatever it is.
  func has(_ name: String, _ position: Int) -> Bool {
    names.contains(name) || names.contains("#\(position)") || constants[name] != nil
      || constants["#\(position)"] != nil
  }

  /// The truth value of an argument that is not given by a layer.
  func flag(_ name: String, _ position: Int) -> Bool {
    (constants[name] ?? constants["#\(position)"])?.bool ?? false
  }
}
