import WorkbenchCore

/// Finds the tensors in what a pickle describes: those of the state dict, by its dotted names.
///
/// A checkpoint keeps its state dict under one of the usual keys; tensors then have the names that
/// the state dict gives them. The optimiser's state and whatever else lies beside it are listed as
/// skipped.
struct StateDictionaryWalk {
  /// Where checkpoints keep the network, the likeliest first.
  static let containers = [
    "state_dict", "model_state_dict", "model", "model_state", "net", "network", "module", "params",
    "weights", "generator", "ema", "params_ema", "state_dict_ema", "model_ema",
  ]
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
  private(set) var tensors: [(name: String, tensor: PickleTensor)] = []
  /// What is no tensor of the network.
  private(set) var skipped: [Catalog.Skipped] = []
  /// The keys that lead to the state dict: `checkpoint.state_dict`; empty where it is all there is.
  private(set) var place = ""

  private let machine: PickleMachine
  private var names: Set<String> = []
  private var visits = 0
  private var nameByteCount = 0

  /// Looks through a value.
  init(_ machine: PickleMachine, root: PickleReference) throws {
    self.machine = machine
    var current = root
    for _ in 0..<4 {
      guard case .dictionary(let dictionary) = machine[current] else { break }
      let members = machine.dictionaries[dictionary]
      guard let key = try container(of: members),
        let member = members.last(where: { machine.text($0.key) == key })
      else { break }
      for other in members where machine.text(other.key) != key {
        let count = try tensorCount(other.value, depth: 0)
        guard count > 0, let name = machine.text(other.key) else { continue }
        skipped.append(
          .init(
            name: place.isEmpty ? name : place + "." + name,
            reason: "it lies beside the state dict \(key): \(count) tensors", tensorCount: count))
      }
      place += (place.isEmpty ? "" : ".") + key
      current = member.value
    }
    try walk(current, "", depth: 0)
  }

  /// The key of a checkpoint's dictionary under which the network is. Where tensors or layers lie
  /// beside it, it is a layer's name.
  private mutating func container(
    of members: [(key: PickleReference, value: PickleReference)]
  ) throws -> String? {
    var found: Set<String> = []
    for member in members {
      if case .tensor = machine[member.value] { return nil }
      guard let key = machine.text(member.key), Self.containers.contains(key),
        try tensorCount(member.value, depth: 0) > 0
      else { continue }
      found.insert(key)
    }
    return Self.containers.first { found.contains($0) }
  }

  private mutating func tensorCount(_ value: PickleReference, depth: Int) throws -> Int {
    guard depth < Self.depthLimit else { return 0 }
    switch machine[value] {
    case .tensor: return 1
    case .dictionary(let dictionary):
      var count = 0
      for member in machine.dictionaries[dictionary] {
        try visit()
        count += try tensorCount(member.value, depth: depth + 1)
      }
      return count
    case .list, .tuple:
      var count = 0
      for element in machine.elements(of: value) ?? [] {
        try visit()
        count += try tensorCount(element, depth: depth + 1)
      }
      return count
    default: return 0
    }
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
    case .dictionary(let dictionary):
      for member in machine.dictionaries[dictionary] {
        guard let key = machine.text(member.key) else { continue }
        try descend(member.value, name, key, depth)
      }
    case .list, .tuple:
      for (index, element) in (machine.elements(of: value) ?? []).enumerated() {
        try descend(element, name, String(index), depth)
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
    if name.isEmpty, Self.isOptimiser(key), case .dictionary = machine[value] {
      let count = try tensorCount(value, depth: 0)
      if count > 0 {
        skipped.append(
          .init(
            name: key, reason: "the optimiser's state: \(count) tensors", tensorCount: count))
      }
      return
    }
    try walk(value, path, depth: depth + 1)
  }

  private mutating func visit() throws {
    visits += 1
    guard visits / Self.visitsPerOperation <= 64 + machine.operationCount else {
      throw PickleMachine.refusal("its pickle puts the same dictionaries into each other too often")
    }
  }

  private static func isOptimiser(_ key: String) -> Bool {
    let key = key.lowercased()
    return key.hasPrefix("optim")
      || ["opt", "lr_scheduler", "scheduler", "amp", "scaler"].contains(key)
      || key.hasSuffix("optimizer") || key.hasSuffix("optimizer_state_dict")
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
}
