import Catalogs
import Support

/// Where in a checkpoint the network is.
extension StateDictionaryWalk {
  /// Where checkpoints keep the network, the likeliest first.
  package static let containers = [
    "state_dict", "model_state_dict", "model", "model_state", "net", "network", "module", "params",
    "weights", "generator", "ema", "params_ema", "state_dict_ema", "model_ema",
  ]
  /// Containers within containers.
  private static let containerDepth = 4

  /// Follows the usual keys from a value to the network in it, and notes what lies beside them.
  package mutating func container(in root: PickleReference) throws -> PickleReference {
    var current = root
    for _ in 0..<Self.containerDepth {
      // A module is the network, whatever its parts are called.
      guard !machine.isModule(current) else { break }
      let members = machine.members(of: current)
      guard let key = try containerKey(of: members, in: current),
        let member = members.last(where: { $0.key == key })
      else { break }
      for other in members where other.key != key { try noteBeside(other, key) }
      place += (place.isEmpty ? "" : ".") + key
      current = member.value
    }
    return current
  }

  /// Notes what a value beside the network holds.
  ///
  /// - Parameter key: what the network is called.
  package mutating func noteBeside(_ other: PickleMachine.Member, _ key: String) throws {
    let name = place.isEmpty ? other.key : place + "." + other.key
    if TensorRole.isTraining(key: other.key) || machine.isOptimizer(other.value) {
      return try skipOptimizer(other.value, called: name)
    }
    let storages = try tensorsBelow(other.value)
    storagesBeside.formUnion(storages)
    if case .tensor = machine[other.value] {
      skipped.append(.init(name: name, reason: "it is not in \(key)", tensorCount: 1))
    } else if !storages.isEmpty {
      skipped.append(
        .init(
          name: name, reason: "it is not in \(key): \(storages.count) tensors",
          tensorCount: storages.count))
    }
  }

  /// Whether one of two dotted names leads to the other.
  package static func isOnePath(_ a: String, _ b: String) -> Bool {
    a == b || a.hasPrefix(b + ".") || b.hasPrefix(a + ".")
  }

  /// The key of a checkpoint's dictionary under which the network is; nil where the dictionary itself
  /// is the network.
  ///
  /// A key that ends in `state_dict` always is one. The others may be names of layers: where a tensor
  /// with a dotted name lies beside them, the dictionary is the state dict. A tensor of one word is
  /// part of a training run: losses, a counter.
  private mutating func containerKey(
    of members: [PickleMachine.Member], in value: PickleReference
  ) throws -> String? {
    var full: [String] = []
    var hasTensor = false
    var hasDottedTensor = false
    for member in members {
      if case .tensor = machine[member.value] {
        hasTensor = true
        if member.key.contains(".") { hasDottedTensor = true }
        continue
      }
      guard !TensorRole.isTraining(key: member.key), !machine.isOptimizer(member.value),
        try tensorCount(member.value) > 0
      else { continue }
      full.append(member.key)
    }
    switch machine[value] {
    // (state dict, optimiser's state, epoch)
    case .list, .tuple: return full.count == 1 && !hasTensor ? full.first : nil
    default: break
    }
    let found = Set(full)
    let states = full.filter { $0.hasSuffix("state_dict") }
    if let key = Self.containers.first(where: {
      found.contains($0) && (!hasDottedTensor || $0.hasSuffix("state_dict"))
    }) {
      return key
    }
    return states.count == 1 ? states.first : nil
  }

  /// The values that a dotted name leads to, with what is left of their own names behind it: one
  /// without a name, or all members of a dictionary whose keys begin with it; and the dictionary in
  /// which these stand.
  ///
  /// - Throws: `Diagnostic` of code `noInput` where there are none.
  package func parts(
    of root: PickleReference, called name: String
  ) throws -> (found: [PickleMachine.Member], level: PickleReference) {
    var current = root
    // Also within the place where the network is.
    for _ in 0...Self.containerDepth {
      if let parts = search(current, name, depth: 0) { return parts }
      let members = machine.members(of: current)
      guard let key = Self.containers.first(where: { key in members.contains { $0.key == key } }),
        let next = members.last(where: { $0.key == key })
      else { break }
      current = next.value
    }
    let keys = machine.members(of: root).filter { member in
      switch machine[member.value] {
      case .dictionary, .object, .list, .tuple: true
      default: false
      }
    }.map(\.key)
    throw Diagnostic(
      .noInput, "there is nothing called \(name) in it",
      remedy: keys.isEmpty ? nil : "it has \(keys.prefix(12).joined(separator: ", "))")
  }

  private func search(
    _ value: PickleReference, _ name: String, depth: Int
  ) -> (found: [PickleMachine.Member], level: PickleReference)? {
    guard depth < 16 else { return nil }
    let members = machine.members(of: value)
    if let exact = members.last(where: { $0.key == name }) { return ([("", exact.value)], value) }
    let below = members.filter { $0.key.hasPrefix(name + ".") }
    if !below.isEmpty {
      return (below.map { (String($0.key.dropFirst(name.count + 1)), $0.value) }, value)
    }
    // A key may have dots itself. Of a key that is there twice the last counts.
    for dot in name.indices where name[dot] == "." {
      guard let member = members.last(where: { $0.key == name[..<dot] }) else { continue }
      let rest = String(name[name.index(after: dot)...])
      if let parts = search(member.value, rest, depth: depth + 1) { return parts }
    }
    return nil
  }
}
