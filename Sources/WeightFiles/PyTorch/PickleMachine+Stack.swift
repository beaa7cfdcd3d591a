import WorkbenchCore

/// The stack of values, and what goes onto it and comes from it.
extension PickleMachine {
  mutating func push(_ node: PickleNode) {
    nodes.append(node)
    stack.append(PickleReference(truncatingIfNeeded: nodes.count - 1))
  }

  mutating func pushList(_ elements: [PickleReference]) {
    lists.append(elements)
    push(.list(lists.count - 1))
  }

  mutating func pushDictionary() {
    dictionaries.append([])
    push(.dictionary(dictionaries.count - 1))
  }

  mutating func pushText(_ count: Int, _ input: inout PickleInput) throws {
    guard count <= PickleMachine.textLimit else {
      throw PickleMachine.refusal("its pickle holds a text of \(count) bytes")
    }
    push(.text(String(decoding: try input.bytes(count), as: UTF8.self)))
  }

  mutating func pushTuple(_ count: Int) throws {
    guard stack.count - (marks.last ?? 0) >= count else { throw PickleMachine.underflow }
    let elements = Array(stack.suffix(count))
    stack.removeLast(count)
    push(.tuple(elements))
  }

  mutating func pop() throws -> PickleReference {
    guard stack.count > (marks.last ?? 0), let last = stack.popLast() else {
      throw PickleMachine.underflow
    }
    return last
  }

  mutating func popToMark() throws -> [PickleReference] {
    guard let mark = marks.popLast(), mark <= stack.count else { throw PickleMachine.underflow }
    let elements = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return elements
  }

  func top() throws -> PickleReference {
    guard stack.count > (marks.last ?? 0), let top = stack.last else {
      throw PickleMachine.underflow
    }
    return top
  }

  mutating func remember(_ index: UInt32) throws { memo[index] = try top() }

  mutating func recall(_ index: UInt32) throws {
    guard let value = memo[index] else {
      throw PickleMachine.refusal("its pickle refers to a value that it did not tell (\(index))")
    }
    stack.append(value)
  }

  mutating func extend(_ elements: [PickleReference]) throws {
    switch self[try top()] {
    case .list(let list): lists[list] += elements
    case .opaque: break
    default: throw PickleMachine.refusal("its pickle appends to something that is no list")
    }
  }

  mutating func insert(_ members: [PickleReference]) throws {
    guard members.count.isMultiple(of: 2) else { throw PickleMachine.underflow }
    switch self[try top()] {
    case .dictionary(let dictionary):
      for index in stride(from: 0, to: members.count, by: 2) {
        dictionaries[dictionary].append((members[index], members[index + 1]))
      }
    case .opaque: break
    default: throw PickleMachine.refusal("its pickle sets members of something that has none")
    }
  }

  static func integer(_ bytes: ArraySlice<UInt8>) -> PickleNode {
    guard bytes.count <= 8 else { return .wideInteger(Array(bytes)) }
    let isNegative = bytes.last.map { $0 & 0x80 != 0 } ?? false
    var value: UInt64 = isNegative ? .max : 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    return .integer(Int(Int64(bitPattern: value)))
  }

  static func unknown(_ code: UInt8) -> Diagnostic {
    let name = PickleOperation.refused[code] ?? "0x" + String(code, radix: 16)
    return refusal("its pickle uses the operation \(name), which weights do not need")
  }

  static var underflow: Diagnostic {
    refusal("its pickle takes a value that is not there")
  }

  static func refusal(_ what: String, remedy: String? = nil) -> Diagnostic {
    Diagnostic(.badData, what + "; nothing of it was executed", remedy: remedy)
  }
}
