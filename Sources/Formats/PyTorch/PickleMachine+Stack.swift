package import Support

/// The stack of values, and what goes onto it and comes from it.
extension PickleMachine {
  package mutating func push(_ node: PickleNode) {
    nodes.append(node)
    stack.append(PickleReference(truncatingIfNeeded: nodes.count - 1))
  }

  package mutating func pushList(_ elements: [PickleReference]) {
    lists.append(elements)
    push(.list(lists.count - 1))
  }

  package mutating func pushDictionary() {
    dictionaries.append([])
    push(.dictionary(dictionaries.count - 1))
  }

  package mutating func pushText(_ count: Int, _ input: inout PickleInput) throws {
    guard count <= PickleMachine.textLimit else {
      throw PickleMachine.refusal("its pickle holds a text of \(count) bytes")
    }
    push(.text(String(decoding: try input.bytes(count), as: UTF8.self)))
  }

  /// Passes over bytes: no tensor of the network is among them.
  package mutating func pushBytes(_ count: Int, _ input: inout PickleInput) throws {
    let place = input.position
    try input.skip(count)
    push(.bytes(count))
    bytePlaces?[PickleReference(truncatingIfNeeded: nodes.count - 1)] = place
  }

  /// A string of Python 2: a text, or bytes where these are wanted and it is long or none.
  package mutating func pushString(_ count: Int, _ input: inout PickleInput) throws {
    guard bytePlaces != nil else { return try pushText(count, &input) }
    guard count <= 256 else { return try pushBytes(count, &input) }
    let place = input.position
    let text = String(validating: try input.bytes(count), as: UTF8.self)
    push(text.map { .text($0) } ?? .bytes(count))
    bytePlaces?[PickleReference(truncatingIfNeeded: nodes.count - 1)] = place
  }

  package mutating func pushLong(_ count: Int, _ input: inout PickleInput) throws {
    guard count <= PickleMachine.textLimit else {
      throw PickleMachine.refusal("its pickle holds an integer of \(count) bytes")
    }
    push(PickleMachine.integer(try input.bytes(count)))
  }

  /// A length of eight bytes.
  package func wideCount(_ input: inout PickleInput) throws -> Int {
    guard let count = Int(exactly: try input.field(UInt64.self)) else {
      throw PickleInput.truncated
    }
    return count
  }

  /// Puts a class or function on the stack, by its name.
  package mutating func pushSymbol(_ module: String, _ member: String) throws {
    if let name = PickleSymbols.name(module: module, member: member, isScript: isScript) {
      return push(.symbol(name))
    }
    let name = module + "." + member
    guard !PickleSymbols.runsThings(module: module, member: member) else {
      throw PickleMachine.unneeded(name)
    }
    if firstUnknownName == nil { firstUnknownName = name }
    push(.symbol(name))
  }

  package mutating func pushObject(_ object: PickleObject) {
    objects.append(object)
    push(.object(objects.count - 1))
  }

  package mutating func pushTuple(_ count: Int) throws {
    guard stack.count - (marks.last ?? 0) >= count else { throw PickleMachine.underflow }
    let elements = Array(stack.suffix(count))
    stack.removeLast(count)
    push(.tuple(elements))
  }

  package mutating func pop() throws -> PickleReference {
    guard stack.count > (marks.last ?? 0), let last = stack.popLast() else {
      throw PickleMachine.underflow
    }
    return last
  }

  /// Takes the last value away, or the mark where there is none behind it.
  package mutating func drop() throws {
    if stack.count > (marks.last ?? 0) {
      stack.removeLast()
    } else {
      _ = try popToMark()
    }
  }

  package mutating func popToMark() throws -> [PickleReference] {
    guard let mark = marks.popLast(), mark <= stack.count else { throw PickleMachine.underflow }
    let elements = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return elements
  }

  package func top() throws -> PickleReference {
    guard stack.count > (marks.last ?? 0), let top = stack.last else {
      throw PickleMachine.underflow
    }
    return top
  }

  package mutating func remember(_ index: UInt32) throws { memo[index] = try top() }

  package mutating func recall(_ index: UInt32) throws {
    guard let value = memo[index] else {
      throw PickleMachine.refusal("its pickle refers to a value that it did not tell (\(index))")
    }
    stack.append(value)
  }

  package mutating func extend(_ elements: [PickleReference]) throws {
    switch self[try top()] {
    case .list(let list): lists[list] += elements
    case .object(let object):
      if let list = objects[object].elements {
        lists[list] += elements
      } else {
        lists.append(elements)
        objects[object].elements = lists.count - 1
      }
    case .opaque: break
    default: throw PickleMachine.refusal("its pickle appends to something that is no list")
    }
  }

  package mutating func insert(_ members: [PickleReference]) throws {
    guard members.count.isMultiple(of: 2) else { throw PickleMachine.underflow }
    switch self[try top()] {
    case .dictionary(let dictionary):
      append(members, to: dictionary)
    case .object(let object):
      if objects[object].members == nil {
        dictionaries.append([])
        objects[object].members = dictionaries.count - 1
      }
      if let dictionary = objects[object].members { append(members, to: dictionary) }
    case .opaque: break
    default: throw PickleMachine.refusal("its pickle sets members of something that has none")
    }
  }

  private mutating func append(_ members: [PickleReference], to dictionary: Int) {
    for index in stride(from: 0, to: members.count, by: 2) {
      dictionaries[dictionary].append((members[index], members[index + 1]))
    }
  }

  package static func integer(_ bytes: ArraySlice<UInt8>) -> PickleNode {
    guard bytes.count <= 8 else { return .wideInteger(Array(bytes)) }
    let isNegative = bytes.last.map { $0 & 0x80 != 0 } ?? false
    var value: UInt64 = isNegative ? .max : 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    return .integer(Int(Int64(bitPattern: value)))
  }

  package static func unknown(_ code: UInt8) -> Diagnostic {
    let name = PickleOperation.refused[code] ?? "0x" + String(code, radix: 16)
    return refusal("its pickle uses the operation \(name), which weights do not need")
  }

  package static var underflow: Diagnostic {
    refusal("its pickle takes a value that is not there")
  }

  /// The error about a name.
  package static func unneeded(_ name: String) -> Diagnostic {
    refusal(
      "its pickle asks for \(name), which weights do not need",
      remedy: "save the model's state_dict(), and never load a file like this with PyTorch "
        + "unless you trust it")
  }

  package static func refusal(_ what: String, remedy: Wording? = nil) -> Diagnostic {
    Diagnostic(.badData, what + "; nothing of it was executed", remedy: remedy)
  }
}
