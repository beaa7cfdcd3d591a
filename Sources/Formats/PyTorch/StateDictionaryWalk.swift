package import Catalogs
import Support

/// Finds the tensors in what a pickle describes: those of the state dict, by its dotted names, or of
/// a module saved whole, by the names that its state dict would have.
///
/// A checkpoint keeps its network under one of the usual keys; tensors then have the names that the
/// state dict gives them. The optimiser's state and whatever else lies beside it are listed as
/// skipped.
package struct StateDictionaryWalk {
  /// Dictionaries within dictionaries.
  private static let depthLimit = 32
  /// The longest name of a tensor.
  private static let nameLimit = 4096
  /// Members looked at for each operation of the pickle: a dictionary that is in many others is
  /// looked at in each.
  private static let visitsPerOperation = 64
  /// Bytes of names for each byte of the pickle: names of layers come back in those of all their
  /// tensors.
  private static let nameBytesPerByte = 64

  /// The tensors by name, in the pickle's order.
  package var tensors: [(name: String, tensor: PickleTensor)] = []
  /// What is no tensor of the network.
  package var skipped: [Catalog.Skipped] = []
  /// The keys of storages that tensors beside the network have, too; optimisers' not counted.
  package var storagesBeside: Set<String> = []
  /// The keys that lead to the state dict: `checkpoint.state_dict`; empty where it is all there is.
  package var place = ""

  package let machine: PickleMachine
  private var names: Set<String> = []
  private var visits = 0
  private var nameByteCount = 0
  /// Objects that are no modules: each is looked into once, since they refer to each other.
  private var seenObjects: Set<PickleReference> = []

  /// Looks through a value.
  ///
  /// - Parameter selection: the dotted name of a part that is wanted alone; nil for the network, as
  ///   far as its place is clear.
  /// - Throws: `Diagnostic`: `badData` where values hold each other too deeply or too often,
  ///   `noInput` where there is nothing of the name.
  package init(_ machine: PickleMachine, root: PickleReference, selection: String? = nil) throws {
    self.machine = machine
    guard let selection else {
      try walk(try container(in: root), "", depth: 0)
      return
    }
    let (parts, level) = try parts(of: root, called: selection)
    for other in machine.members(of: level)
    where !Self.isOnePath(selection, other.key) { try noteBeside(other, selection) }
    // Who asks for a part knows that the others are not in it.
    for index in skipped.indices { skipped[index].tensorCount = 0 }
    place = selection
    if parts.count == 1, parts[0].key.isEmpty {
      try walk(try container(in: parts[0].value), "", depth: 0)
    } else {
      for part in parts { try walk(part.value, part.key, depth: 0) }
    }
  }

  /// How many tensors a value holds. What is in it twice counts once.
  ///
  /// - Complexity: O(values below it).
  package mutating func tensorCount(_ value: PickleReference) throws -> Int {
    try tensorsBelow(value).count
  }

  /// The storages of the tensors that a value holds, one for each. What is in it twice counts once.
  package mutating func tensorsBelow(_ value: PickleReference) throws -> [String] {
    var found: [String] = []
    var seen: Set<PickleReference> = []
    var pending = [value]
    while let next = pending.popLast() {
      switch machine[next] {
      case .tensor(let tensor): found.append(tensor.storage.key)
      case .dictionary, .list, .tuple, .object:
        guard seen.insert(next).inserted else { continue }
        for member in machine.members(of: next) {
          try visit()
          pending.append(member.value)
        }
      default: break
      }
    }
    return found
  }

  private mutating func walk(_ value: PickleReference, _ name: String, depth: Int) throws {
    switch machine[value] {
    case .tensor(let tensor):
      guard names.insert(name).inserted else {
        return skipped.append(
          .init(
            name: name, reason: "the file names it twice",
            tensor: UnreadTensor(shape: tensor.shape)))
      }
      tensors.append((name.isEmpty ? "tensor" : name, tensor))
    case .dictionary, .list, .tuple, .object:
      if try skipOptimizer(value, name) { return }
      if case .object(let object) = machine[value] {
        let maker = machine.objects[object].maker
        if let reason = Self.reason(object: maker) {
          let isTensor = maker.hasPrefix("torch.")
          return skipped.append(
            .init(
              name: isTensor && name.isEmpty ? "tensor" : name, reason: reason,
              tensor: isTensor ? UnreadTensor() : nil))
        }
        let isNew = machine.isModule(value) || seenObjects.insert(value).inserted
        guard isNew else { return }
      }
      for member in machine.members(of: value) {
        try descend(member.value, name, member.key, depth)
      }
    case .opaque(let function):
      if let reason = Self.reason(function) {
        let kinds = ["qtensor": "quantised", "sparse": "sparse", "meta": "meta"]
        let dtype = kinds.first { function.contains("_\($0.key)") }?.value
        skipped.append(
          .init(
            name: name.isEmpty ? "tensor" : name, reason: reason,
            tensor: UnreadTensor(dtype: dtype)))
      }
    default: break
    }
  }

  private mutating func descend(
    _ value: PickleReference, _ name: String, _ key: String, _ depth: Int
  ) throws {
    try visit()
    guard depth < Self.depthLimit else {
      throw PickleMachine.refusal("its dictionaries are nested too deeply, or hold themselves")
    }
    let path = name.isEmpty ? key : name + "." + key
    guard path.utf8.count <= Self.nameLimit else {
      throw PickleMachine.refusal("its pickle makes a name of more than \(Self.nameLimit) bytes")
    }
    nameByteCount += path.utf8.count
    guard nameByteCount / Self.nameBytesPerByte <= 4096 + machine.byteCount else {
      throw PickleMachine.refusal("its pickle makes the same names too often")
    }
    if name.isEmpty, TensorRole.isTraining(key: key), case .dictionary = machine[value] {
      return try skipOptimizer(value, called: key)
    }
    try walk(value, path, depth: depth + 1)
  }

  private mutating func visit() throws {
    visits += 1
    guard visits / Self.visitsPerOperation <= 64 + machine.operationCount else {
      throw PickleMachine.refusal("its pickle puts the same dictionaries into each other too often")
    }
  }

  /// Notes an optimiser's state.
  package mutating func skipOptimizer(_ value: PickleReference, called name: String) throws {
    let count = try tensorCount(value)
    if count > 0 {
      skipped.append(
        .init(
          name: name, reason: "the optimiser's state: \(count) tensors", tensorCount: count))
    }
  }

  private mutating func skipOptimizer(_ value: PickleReference, _ name: String) throws -> Bool {
    guard machine.isOptimizer(value) else { return false }
    try skipOptimizer(value, called: name.isEmpty ? "optimizer" : name)
    return true
  }

  /// Why the result of a call is not offered; nil where it would be no tensor.
  private static func reason(_ function: String) -> String? {
    switch function {
    case "torch._utils._rebuild_qtensor": "a quantised tensor"
    case "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor":
      "a sparse tensor"
    case "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without data (meta device)"
    case let name where name.hasPrefix("torch._utils._rebuild_"):
      "a tensor of a kind that is not read: \(name.dropFirst("torch._utils.".count))"
    default: nil
    }
  }

  /// The same of an object of a class that is not known.
  private static func reason(object maker: String) -> String? {
    switch maker {
    case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
      "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer":
      "an array of NumPy's, no tensor"
    case let name where name.hasPrefix("torch._utils._rebuild_"):
      "a tensor of a kind that is not read: \(name.dropFirst("torch._utils.".count))"
    default: nil
    }
  }
}
