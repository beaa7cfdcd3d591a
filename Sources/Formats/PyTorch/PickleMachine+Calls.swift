import Support

/// What the calls mean that a state dict's pickle asks for. None of them is made.
extension PickleMachine {
  /// Puts what a call would return on the stack.
  package mutating func call(_ function: PickleReference, _ arguments: PickleReference) throws {
    let name: String
    switch self[function] {
    case .symbol(let symbol): name = symbol
    // A method of an object, or a function that a function would make.
    case .object(let object): name = objects[object].maker
    default: throw PickleMachine.refusal("its pickle calls something that is no function")
    }
    guard case .tuple(let values) = self[arguments] else {
      throw PickleMachine.refusal("its pickle calls \(name) without a tuple of arguments")
    }
    guard case .symbol = self[function] else {
      return pushObject(PickleObject(maker: name, arguments: values))
    }
    try call(name, values, depth: 0)
  }

  private mutating func call(_ name: String, _ values: [PickleReference], depth: Int) throws {
    switch name {
    case "collections.OrderedDict", "builtins.dict", "collections.Counter",
      "collections.defaultdict":
      pushDictionary()
      if let first = values.first { try fill(from: first) }
    case "torch.Size", "builtins.tuple":
      let elements = values.first.flatMap(elements(of:)) ?? []
      push(.tuple(elements))
    case "builtins.list", "builtins.set", "builtins.frozenset", "collections.deque":
      let elements = values.first.flatMap(elements(of:)) ?? []
      try spend(elements.count)
      pushList(elements)
    case "copyreg._reconstructor", "copyreg.__newobj__":
      guard let type = values.first, case .symbol(let type) = self[type] else {
        throw PickleMachine.arguments(name)
      }
      pushObject(PickleObject(maker: type))
    case "builtins.getattr":
      // The same names, asked for in two steps.
      if values.count > 1, let member = text(values[1]),
        PickleSymbols.runsThings(member: member)
      {
        throw PickleMachine.unneeded("builtins.getattr")
      }
      pushObject(PickleObject(maker: name, arguments: values))
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
      var tensor = try tensor(name, values, type: nil)
      if values.count > 6 { flag(&tensor, values[6]) }
      push(.tensor(tensor))
    case "torch._utils._rebuild_tensor_v3":
      guard values.count > 6, case .symbol(let type) = self[values[6]] else {
        throw PickleMachine.arguments(name)
      }
      var tensor = try tensor(name, values, type: String(type.dropFirst("torch.".count)))
      if values.count > 7 { flag(&tensor, values[7]) }
      push(.tensor(tensor))
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
      "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer":
      // The parameter is its data.
      guard let data = values.first else { throw PickleMachine.arguments(name) }
      stack.append(data)
    case "torch._tensor._rebuild_from_type_v2":
      guard values.count >= 3, case .symbol(let inner) = self[values[0]],
        case .tuple(let arguments) = self[values[2]], depth < 4
      else { throw PickleMachine.arguments(name) }
      try call(inner, arguments, depth: depth + 1)
    case "torch.jit._pickle.restore_type_tag", "torch.jit._pickle.build_intlist",
      "torch.jit._pickle.build_tensorlist", "torch.jit._pickle.build_doublelist",
      "torch.jit._pickle.build_boollist":
      guard let data = values.first else { throw PickleMachine.arguments(name) }
      stack.append(data)
    case let name where isScript && name.hasPrefix("__torch__."):
      pushDictionary()
    case "_codecs.encode" where bytePlaces != nil:
      // Bytes, which a reader of arrays wants.
      pushObject(PickleObject(maker: name, arguments: values))
    case let name where PickleSymbols.isKnown(name): push(.opaque(name))
    default: pushObject(PickleObject(maker: name, arguments: values))
    }
  }

  /// Gives an object its attributes.
  package mutating func build(_ state: PickleReference) throws {
    guard let top = stack.last else {
      throw PickleMachine.refusal("its pickle gives a state to nothing")
    }
    switch self[top] {
    case .dictionary where isScript:
      // An object of a TorchScript archive: its attributes are what it is.
      if case .dictionary = self[state] { try fill(from: state) }
    case .object(let object): objects[object].state = state
    case .dictionary, .list, .tensor, .opaque: break  // Versions of modules, hooks.
    default: throw PickleMachine.refusal("its pickle gives a state to something that has none")
    }
  }

  /// Puts members into the dictionary on the stack: of a dictionary, or pairs of a list.
  private mutating func fill(from source: PickleReference) throws {
    guard let top = stack.last, case .dictionary(let target) = self[top] else { return }
    switch self[source] {
    case .dictionary(let dictionary):
      try spend(dictionaries[dictionary].count)
      dictionaries[target] += dictionaries[dictionary]
    case .list, .tuple:
      let pairs = elements(of: source) ?? []
      try spend(pairs.count)
      for pair in pairs {
        guard let parts = elements(of: pair), parts.count == 2 else {
          throw PickleMachine.refusal("its pickle makes a dictionary of something else than pairs")
        }
        dictionaries[target].append((parts[0], parts[1]))
      }
    default: break
    }
  }

  /// Copying a dictionary into itself again and again would double it each time.
  private mutating func spend(_ count: Int) throws {
    copiedCount += count
    // What is copied once was put together once.
    guard copiedCount <= 1000 + operationCount else {
      throw PickleMachine.refusal("its pickle copies dictionaries again and again")
    }
  }

  /// The elements of a list or tuple.
  package func elements(of reference: PickleReference) -> [PickleReference]? {
    switch self[reference] {
    case .list(let list): lists[list]
    case .tuple(let elements): elements
    default: nil
    }
  }

  /// The integers of a list or tuple.
  package func integers(of reference: PickleReference) -> [Int]? {
    guard let elements = elements(of: reference), elements.count <= 64 else { return nil }
    var integers: [Int] = []
    for element in elements {
      guard case .integer(let value) = self[element] else { return nil }
      integers.append(value)
    }
    return integers
  }

  private func tensor(
    _ name: String, _ values: [PickleReference], type: String?
  ) throws -> PickleTensor {
    guard values.count >= 4, case .storage(let storage) = self[values[0]],
      case .integer(let offset) = self[values[1]], let shape = integers(of: values[2]),
      let strides = integers(of: values[3]), shape.count == strides.count
    else { throw PickleMachine.arguments(name) }
    return PickleTensor(
      storage: storage, offset: offset, shape: shape, strides: strides, type: type)
  }

  /// Takes over the flags beside a tensor, which change what its elements are.
  ///
  /// Specification: `setTensorMetadata` in `torch/csrc/jit/serialization/pickler.h`.
  private func flag(_ tensor: inout PickleTensor, _ metadata: PickleReference) {
    switch self[metadata] {
    case .none: break
    case .dictionary(let dictionary):
      var flags: [String: Bool] = [:]
      for (key, value) in dictionaries[dictionary] {
        guard let name = text(key), case .truth(let truth) = self[value] else {
          tensor.obstacle = "what its flags mean is not known"
          return
        }
        flags[name] = truth
      }
      tensor.isNegated = flags.removeValue(forKey: "neg") ?? false
      if flags.removeValue(forKey: "conj") ?? false {
        tensor.obstacle = "its elements are conjugated"
      }
      if let name = flags.filter(\.value).keys.min() {
        tensor.obstacle = "what its flag \"\(name)\" means is not known"
      }
    default: tensor.obstacle = "what its flags mean is not known"
    }
  }

  /// Puts what a persistent identifier names on the stack: a storage, or a tensor by its number.
  package mutating func pushPersistent(_ identifier: PickleReference) throws {
    if let numberedTensors {
      guard let number = text(identifier).flatMap({ Int($0) }), let tensor = numberedTensors[number]
      else { throw PickleMachine.refusal("its pickle names a tensor that is not there") }
      return push(.tensor(tensor))
    }
    if let parts = elements(of: identifier), parts.count >= 2, text(parts[0]) == "module",
      case .symbol = self[parts[1]]
    {
      // PyTorch 1.5 and before kept the source of a module's class.
      return stack.append(parts[1])
    }
    guard let parts = elements(of: identifier), parts.count >= 5,
      case .text("storage") = self[parts[0]], case .symbol(let kind) = self[parts[1]],
      let key = text(parts[2]), case .integer(let count) = self[parts[4]], count >= 0
    else { throw PickleMachine.refusal("its pickle names something that is no storage") }
    let name = kind.split(separator: ".").last.map(String.init) ?? kind
    var storage = PickleStorage(key: key, kind: name, count: count)
    if parts.count > 5, let view = elements(of: parts[5]), view.count == 3,
      case .integer(let offset) = self[view[1]], case .integer(let size) = self[view[2]]
    {
      guard offset >= 0, size >= 0, offset <= count, size <= count - offset else {
        throw PickleMachine.refusal("its pickle names a storage outside of another")
      }
      (storage.viewOffset, storage.count) = (offset, size)
    }
    push(.storage(storage))
  }

  /// A text, or a number as text.
  package func text(_ reference: PickleReference) -> String? {
    switch self[reference] {
    case .text(let text): text
    case .integer(let value): String(value)
    default: nil
    }
  }

  private static func arguments(_ name: String) -> Diagnostic {
    refusal("its pickle calls \(name) with arguments that it cannot have")
  }
}
