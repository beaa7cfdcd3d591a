import WorkbenchCore

/// Reads a pickle as a description of values: it knows the 34 operations that PyTorch's own
/// `weights_only` loader allows and no other, looks no name up and calls nothing.
///
/// Memory grows with the pickle's size only: each operation makes at most one value, and values refer
/// to each other instead of being copied.
///
/// Reference: `torch/_weights_only_unpickler.py`; Python's `pickletools` for the operations.
struct PickleMachine {
  /// The operations of one pickle at most: a hundred thousand tensors take four million.
  static let operationLimit = 16 << 20
  /// The longest text; tensor names have tens of bytes.
  static let textLimit = 16 << 20
  /// Marks within marks.
  static let nestingLimit = 1000

  /// Whether classes that a TorchScript archive defines are taken for plain objects.
  var isScript = false
  /// All values.
  private(set) var nodes: [PickleNode] = []
  /// The elements of lists.
  var lists: [[PickleReference]] = []
  /// The members of dictionaries.
  var dictionaries: [[(key: PickleReference, value: PickleReference)]] = []

  /// How many members were copied from one dictionary to another.
  var copiedCount = 0

  var stack: [PickleReference] = []
  private var marks: [Int] = []
  private var memo: [UInt32: PickleReference] = [:]

  /// The value of that number.
  subscript(reference: PickleReference) -> PickleNode { nodes[Int(reference)] }

  /// Reads one pickle and returns what it describes. Values of earlier pickles stay.
  ///
  /// - Throws: `Diagnostic` of code `badData`, without a location.
  /// - Complexity: O(bytes).
  mutating func read(_ input: inout PickleInput) throws -> PickleReference {
    (stack, marks, memo) = ([], [], [:])
    guard try input.byte() == 0x80 else {
      throw PickleMachine.refusal("this is no pickle of protocol 2, which PyTorch writes")
    }
    let version = try input.byte()
    guard version == 2 else {
      throw PickleMachine.refusal(
        "its pickle is of protocol \(version), and weights are read from protocol 2",
        remedy: "save it with torch.save(…, pickle_protocol=2)")
    }
    for _ in 0..<PickleMachine.operationLimit {
      let code = try input.byte()
      guard let operation = PickleOperation(rawValue: code) else {
        throw PickleMachine.unknown(code)
      }
      if operation == .stop {
        let result = try pop()
        guard stack.isEmpty, marks.isEmpty else {
          throw PickleMachine.refusal("its pickle leaves values over")
        }
        return result
      }
      try run(operation, &input)
    }
    throw PickleMachine.refusal(
      "its pickle has more than \(PickleMachine.operationLimit) operations")
  }

  private mutating func run(_ operation: PickleOperation, _ input: inout PickleInput) throws {
    switch operation {
    case .stop: break
    case .proto:
      guard try input.byte() == 2 else { throw PickleMachine.refusal("it changes its protocol") }
    case .mark:
      guard marks.count < PickleMachine.nestingLimit else {
        throw PickleMachine.refusal("its pickle is nested too deeply")
      }
      marks.append(stack.count)
    case .none: push(.none)
    case .newTrue: push(.truth(true))
    case .newFalse: push(.truth(false))
    case .binInt: push(.integer(Int(Int32(bitPattern: try input.field(UInt32.self)))))
    case .binInt1: push(.integer(Int(try input.byte())))
    case .binInt2: push(.integer(Int(try input.field(UInt16.self))))
    case .binFloat:
      push(.float(Double(bitPattern: try input.field(UInt64.self).byteSwapped)))
    case .long1: push(PickleMachine.integer(try input.bytes(Int(try input.byte()))))
    case .binUnicode: try pushText(Int(try input.field(UInt32.self)), &input)
    case .shortBinString: try pushText(Int(try input.byte()), &input)
    case .emptyTuple: push(.tuple([]))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .tuple: push(.tuple(try popToMark()))
    case .emptyList, .emptySet: pushList([])
    case .emptyDict: pushDictionary()
    case .append:
      let value = try pop()
      try extend([value])
    case .appends: try extend(try popToMark())
    case .setItem:
      let value = try pop()
      let key = try pop()
      try insert([key, value])
    case .setItems: try insert(try popToMark())
    case .binPut: try remember(UInt32(try input.byte()))
    case .longBinPut: try remember(try input.field(UInt32.self))
    case .binGet: try recall(UInt32(try input.byte()))
    case .longBinGet: try recall(try input.field(UInt32.self))
    case .global:
      let module = String(decoding: try input.line(limit: 4096), as: UTF8.self)
      let member = String(decoding: try input.line(limit: 4096), as: UTF8.self)
      guard let name = PickleSymbols.name(module: module, member: member, isScript: isScript)
      else {
        throw PickleMachine.refusal(
          "its pickle asks for \(module).\(member), which weights do not need",
          remedy: "save the model's state_dict(), and never load a file like this with PyTorch "
            + "unless you trust it")
      }
      push(.symbol(name))
    case .reduce, .newObject:
      let arguments = try pop()
      let function = try pop()
      try call(function, arguments)
    case .build:
      let state = try pop()
      try build(state)
    case .persistentID:
      let identifier = try pop()
      try pushPersistent(identifier)
    }
  }

  // MARK: The stack

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

  private mutating func pushText(_ count: Int, _ input: inout PickleInput) throws {
    guard count <= PickleMachine.textLimit else {
      throw PickleMachine.refusal("its pickle holds a text of \(count) bytes")
    }
    push(.text(String(decoding: try input.bytes(count), as: UTF8.self)))
  }

  private mutating func pushTuple(_ count: Int) throws {
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

  private mutating func popToMark() throws -> [PickleReference] {
    guard let mark = marks.popLast(), mark <= stack.count else { throw PickleMachine.underflow }
    let elements = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return elements
  }

  private func top() throws -> PickleReference {
    guard stack.count > (marks.last ?? 0), let top = stack.last else {
      throw PickleMachine.underflow
    }
    return top
  }

  private mutating func remember(_ index: UInt32) throws { memo[index] = try top() }

  private mutating func recall(_ index: UInt32) throws {
    guard let value = memo[index] else {
      throw PickleMachine.refusal("its pickle refers to a value that it did not tell (\(index))")
    }
    stack.append(value)
  }

  private mutating func extend(_ elements: [PickleReference]) throws {
    switch self[try top()] {
    case .list(let list): lists[list] += elements
    case .opaque: break
    default: throw PickleMachine.refusal("its pickle appends to something that is no list")
    }
  }

  private mutating func insert(_ members: [PickleReference]) throws {
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

  // MARK: Refusals

  private static func integer(_ bytes: ArraySlice<UInt8>) -> PickleNode {
    guard bytes.count <= 8 else { return .wideInteger(Array(bytes)) }
    let isNegative = bytes.last.map { $0 & 0x80 != 0 } ?? false
    var value: UInt64 = isNegative ? .max : 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    return .integer(Int(Int64(bitPattern: value)))
  }

  private static func unknown(_ code: UInt8) -> Diagnostic {
    let name = PickleOperation.refused[code] ?? "0x" + String(code, radix: 16)
    return refusal("its pickle uses the operation \(name), which weights do not need")
  }

  private static var underflow: Diagnostic {
    refusal("its pickle takes a value that is not there")
  }

  static func refusal(_ what: String, remedy: String? = nil) -> Diagnostic {
    Diagnostic(.badData, what + "; nothing of it was executed", remedy: remedy)
  }
}
